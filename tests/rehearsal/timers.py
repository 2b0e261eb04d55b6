"""Timers on MiniStack, made as a template of ours makes them: a group of schedules each, which lead
into the queue at the place of the timer's function.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from skylift.aws.runtime.client_rest import Rest, called, path_of
from skylift.aws.runtime.lambda_timer import due_at
from skylift.aws.runtime.wait import drive
from skylift.ports import Clock, Outgoing, QueuePort
from skylift.ports.delivery import Counts, Held, Retry, Settled
from skylift.resources.timer import Timer

if TYPE_CHECKING:
    from skylift.aws.runtime.client import Client
    from tests.rehearsal.stand import AwsStand

ROLE = "arn:aws:iam::000000000000:role/stand"  # MiniStack asks nobody who he is
WAIT_S_MAX, LOOK_S = 30.0, 0.02


def make_timer(stand: AwsStand, timer: Timer[Any]) -> None:
    group = stand.places[timer.name] = f"{stand.name}-{timer.name}"
    asked(stand.direct("scheduler"), Rest("CreateScheduleGroup", "POST", of_group(group)))


def open_timer(stand: AwsStand, timer: Timer[Any]) -> Any:
    from skylift.aws.runtime.timer_scheduler import Place, SchedulerTimer

    (function,) = [one for one in stand.functions if one.trigger.resource is timer]
    queue, dead = stand.arn(function.name), stand.arn(f"{function.name} dead")
    place = Place(stand.places[timer.name], queue, ROLE, dead)
    return SchedulerTimer(
        stand.asking("scheduler"), place, stand.sender(function.name), stand.clock
    )


def fired(stand: AwsStand, timer: Timer[Any]) -> None:
    """Wait until what is due by the minute has been handed over, and is no more."""
    client, until = stand.direct("scheduler"), time.monotonic() + WAIT_S_MAX
    query = {"ScheduleGroup": stand.places[timer.name]}
    while any(
        at <= stand.clock.time()
        for one in asked(client, Rest("List", "GET", path_of("schedules"), query=query))[
            "Schedules"
        ]
        for at in _minute(client, one)
    ):
        assert time.monotonic() < until, "MiniStack's Scheduler does not tick"
        time.sleep(LOOK_S)


def _minute(client: Client, schedule: dict[str, Any]) -> Sequence[float]:
    """When it is to act; nothing when it has, meanwhile."""
    from skylift.aws.runtime.failure import Failure

    path, query = path_of("schedules", schedule["Name"]), {"groupName": schedule["GroupName"]}
    try:
        found = asked(client, Rest("GetSchedule", "GET", path, query=query))
    except Failure:
        return ()
    text = found["ScheduleExpression"].removeprefix("at(").removesuffix(")")
    return (datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp(),)


def of_group(name: str) -> str:
    return path_of("schedule-groups", name)


def asked(client: Client, rest: Rest) -> dict[str, Any]:
    until = float("inf")
    return drive(called(client, rest, dict[str, Any], deadline=until, effect="none"))


class TimerInbox:
    """The queue at the place of a timer's function, as the function's entry sees it: what comes
    before its time goes back until then, and that was no attempt.
    """

    def __init__(self, queue: QueuePort, clock: Clock) -> None:
        self._queue, self._clock = queue, clock
        self._early: set[str] = set()

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        return await self._queue.send(messages)

    async def claim(self, count: int) -> list[Held]:
        ready: list[Held] = []
        for one in await self._queue.claim(count):
            wait_s = due_at(one.body) - self._clock.time()
            if wait_s > 0:
                self._early.add(one.id)
                await self._queue.settle([Retry(one.receipt, wait_s)])
            else:
                ready.append(replace(one, attempt=one.attempt - (one.id in self._early)))
        return ready

    async def settle(self, settled: Sequence[Settled]) -> None:
        await self._queue.settle(settled)

    async def counts(self) -> Counts:
        return await self._queue.counts()
