"""The apps in which the facts about events are played: one source and one function, who hands on
what he is given. Loaded under its own name, not as a part of `tests`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from skylift import (
    Api,
    App,
    Bus,
    Change,
    Context,
    Queue,
    Schedule,
    Scheduled,
    Struct,
    Table,
    Timer,
    Topic,
    now,
)

Handle = Callable[[int, int], Awaitable[None]]  # number, attempt
Send = Callable[..., Awaitable[None]]
Declared = tuple[App, Send, Any]  # with its function


class Job(Struct):
    no: int


class Seat(Struct):
    id: str
    no: int


def app_of(**held: Any) -> App:
    module = ModuleType("things")
    vars(module).update(held)
    return App("facts", module)


def started(options: Mapping[str, Any], handle: Handle) -> Declared:
    jobs, api = Queue("jobs", Job), Api("api")

    @jobs.consumer(**options)
    async def work(job: Job, context: Context) -> None:
        await handle(job.no, context.attempt)

    @api.post("/{no}", uses=(work.start,))
    async def begin(no: int) -> None:
        """Whoever starts it: then it has an inbox."""

    async def send(no: int) -> None:
        await work.start(Job(no))

    return app_of(jobs=jobs, api=api, work=work, begin=begin), send, work


def of_topic(options: Mapping[str, Any], handle: Handle) -> Declared:
    news = Topic("news", Job)

    @news.subscriber(**options)
    async def work(job: Job, context: Context) -> None:
        await handle(job.no, context.attempt)

    async def send(no: int) -> None:
        await news.publish(Job(no))

    return app_of(news=news, work=work), send, work


def of_bus(options: Mapping[str, Any], handle: Handle) -> Declared:
    events = Bus("events")

    @events.on(Job, **options)
    async def work(job: Job, context: Context) -> None:
        await handle(job.no, context.attempt)

    async def send(no: int) -> None:
        await events.publish(Job(no))

    return app_of(events=events, work=work), send, work


def of_timer(options: Mapping[str, Any], handle: Handle) -> Declared:
    closing = Timer("closing", Job)

    @closing.on_due(**options)
    async def work(job: Job, context: Context) -> None:
        await handle(job.no, context.attempt)

    async def send(no: int, after_s: float = 0, id: str = "") -> None:
        await closing.set(id or str(no), now() + timedelta(seconds=after_s), Job(no))

    return app_of(closing=closing, work=work), send, work


def of_schedule(options: Mapping[str, Any], handle: Handle) -> Declared:
    hourly = Schedule("hourly", rate="1 hour")
    times: list[datetime] = []

    @hourly.run(**options)
    async def work(run: Scheduled, context: Context) -> None:
        if run.time not in times:
            times.append(run.time)
        await handle(times.index(run.time) + 1, context.attempt)

    async def send(no: int) -> None:
        """It comes by itself."""

    return app_of(hourly=hourly, work=work), send, work


def of_changes(options: Mapping[str, Any], handle: Handle) -> Declared:
    seats = Table("seats", Seat, key="id")

    @seats.on_change(**options)
    async def work(change: Change[Seat], context: Context) -> None:
        assert change.after is not None
        await handle(change.after.no, context.attempt)

    async def send(no: int, id: str = "a") -> None:
        await seats.put(Seat(id, no))

    return app_of(seats=seats, work=work), send, work


SOURCES: dict[str, Callable[[Mapping[str, Any], Handle], Declared]] = {
    "start": started,
    "topic": of_topic,
    "bus": of_bus,
    "timer": of_timer,
    "schedule": of_schedule,
    "change": of_changes,
}
