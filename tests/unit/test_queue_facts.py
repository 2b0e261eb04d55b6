"""The facts about queues, played through the whole engine on a clock that stands still until it is
moved: `queue_facts.py` says what must come of each.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Sequence
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from skylift import App, DeclarationError, Queue, SkyliftError
from skylift import now as time_now
from skylift.graph.build import build
from skylift.invocation import invocation
from skylift.ports import Outgoing, QueuePort
from skylift.testing import World, running
from tests.unit.queue_facts import (
    CRASHES,
    CROWDS,
    FACTS,
    FIFO,
    REFUSED,
    SENDS,
    SOON,
    Crowd,
    Fact,
    Gap,
)

DEDUP_S = 300
SUCCESS = ("ok", "wait")  # deeds


def alone(path: Path) -> Any:
    """A module outside `tests`: whoever builds an app reads all of the package it stands in."""
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[path.stem] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


APP = alone(Path(__file__).with_name("fact_app.py"))


class Handling:
    """What the consumer of a fact does, and saw."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        self.seen: list[tuple[float, int, int]] = []  # when, number, attempt
        self.last: dict[int, str] = {}  # the last deed of each
        self.gate = asyncio.Event()
        self.running = self.most = 0

    async def handle(self, given: Sequence[tuple[int, int, Any]]) -> None:
        at = time_now().timestamp()
        self.seen += [(at, no, attempt) for no, attempt, _ in given]
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for no, attempt, delivery in given:
                deeds = self.fact.deeds.get(no, "ok").split()
                self.last[no] = deeds[min(attempt, len(deeds)) - 1]
                await self.do(self.last[no], delivery)
        finally:
            self.running -= 1

    async def do(self, deed: str, delivery: Any) -> None:
        if deed == "raise":
            raise ValueError("as the fact says")
        if deed == "hang":
            await asyncio.Event().wait()
        if deed == "wait":
            await self.gate.wait()
        if deed == "fail":
            delivery.fail("as the fact says")

    def without_letter(self) -> dict[Any, str]:
        """What became of those that are not dead."""
        return {no: "done" if deed in SUCCESS else "gone" for no, deed in self.last.items()}

    def attempts(self, no: int) -> list[int]:
        return [attempt for _, one, attempt in self.seen if one == no]


def app_of(handling: Handling) -> tuple[App, Queue[Any], Any]:
    fact = handling.fact
    app, jobs, consumer = APP.declared(fact.queue, fact.consumer, handling.handle)
    return app, jobs, consumer


async def send(jobs: Queue[Any], sent: Any) -> None:
    if isinstance(sent, str):
        port: QueuePort = invocation().ports.adapters[jobs.name]
        await port.send([Outgoing(sent)])
        return
    no, options = sent if isinstance(sent, tuple) else (sent, {})
    await jobs.send(APP.Job(no), **options)


async def ended(world: World, jobs: Queue[Any], consumer: Any) -> dict[Any, str]:
    """What became of those that are dead, by number or by text."""
    found = await world.counts(jobs)
    assert (found.ready, found.in_flight, found.delayed) == (0, 0, 0)
    letters = await consumer.dead.peek(100)
    assert len(letters) == found.dead
    return {
        letter.message.no if letter.message else letter.body: (
            f"{letter.reason} after {letter.attempts}"
        )
        for letter in letters
    }


def named(fact: str) -> str:
    """As pytest shows it."""
    return fact.replace("§", "")


def check_gaps(seen: list[float], gaps: Sequence[Gap], began: float) -> None:
    assert len(seen) == len(gaps)
    for at, gap, before in zip(seen, gaps, [began, *seen], strict=False):
        least, most = gap if isinstance(gap, tuple) else (gap, gap)
        assert least - 0.001 <= at - before <= most + 0.001


@pytest.mark.parametrize("fact", FACTS, ids=[named(fact.fact) for fact in FACTS])
async def test_a_fact_about_queues(fact: Fact) -> None:
    handling = Handling(fact)
    app, jobs, consumer = app_of(handling)
    async with running(app) as world:
        began = world.clock.now().timestamp()
        await asyncio.gather(*(send(jobs, one) for one in fact.sent))  # in one commit
        await world.settle()
        await world.clock.advance(seconds=900)  # whatever was sent with a delay
        await world.settle()
        dead = await ended(world, jobs, consumer)
    became = handling.without_letter() | dead
    assert {which: became[which] for which in fact.ends} == fact.ends
    assert len(became) == len({*fact.ends, *handling.last})
    for no, gaps in fact.runs.items():
        check_gaps([at for at, one, _ in handling.seen if one == no], gaps, began)
    for no, attempts in fact.attempts.items():
        assert handling.attempts(no) == [*attempts]
    if fact.order:
        assert [no for _, no, _ in handling.seen] == [*fact.order]


# -- how many at a time


@pytest.mark.parametrize("crowd", CROWDS, ids=[named(crowd.fact) for crowd in CROWDS])
async def test_a_fact_about_how_many_run_at_a_time(crowd: Crowd) -> None:
    numbers = [one[0] if isinstance(one, tuple) else one for one in crowd.sent]
    deeds = dict.fromkeys(numbers, "wait")
    handling = Handling(Fact("", queue=crowd.queue, consumer=crowd.consumer, deeds=deeds))
    app, jobs, consumer = app_of(handling)
    async with running(app) as world:
        await asyncio.gather(*(send(jobs, one) for one in crowd.sent))
        await world.clock.advance(seconds=9)  # less than its time-out
        assert handling.running == crowd.most
        handling.gate.set()
        await world.settle()
        assert await ended(world, jobs, consumer) == {}
    assert handling.most == crowd.most
    assert sorted((no, attempt) for _, no, attempt in handling.seen) == [
        (no, 1) for no in sorted(numbers)
    ]


# -- what a handler returns


@pytest.mark.parametrize(
    "returned",
    [None, [], {}, {"batchItemFailures": None}, {"batchItemFailures": [{"itemIdentifier": ""}]}],
    ids=str,
)
async def test_what_a_handler_returns_says_nothing(returned: Any) -> None:
    """§2 truth table: an empty list, {} and null are success. Ours: only `Delivery.fail` marks a
    failure, so an answer of a wrong form, complete failure there, cannot be given.
    """
    seen: list[int] = []

    async def handle(given: Sequence[tuple[int, int, Any]]) -> Any:
        seen.extend(attempt for _, attempt, _ in given)
        return returned

    app, jobs, consumer = APP.declared({}, {"batch": 10}, handle)
    async with running(app) as world:
        await jobs.send_many([APP.Job(1), APP.Job(2)])
        await world.settle()
        assert await ended(world, jobs, consumer) == {}
    assert seen == [1, 1]


# -- a process that dies


async def crashed(fact: Fact, folder: Path, *, times: int = 1) -> tuple[Handling, dict[Any, str]]:
    """The process is killed while it handles what was sent, so many times; then it runs to the
    end. When each run begins, the clock shows the same.
    """
    handling = Handling(fact)
    app, jobs, consumer = app_of(handling)
    for crash in range(times + 1):
        async with running(app, path=folder / str(crash)) as world:
            if crash == 0:
                await asyncio.gather(*(send(jobs, one) for one in fact.sent))
            if crash == times:
                await world.settle()
                return handling, await ended(world, jobs, consumer)
            await world.clock.advance(seconds=1)
            shutil.copytree(folder / str(crash), folder / str(crash + 1))
    raise AssertionError("it has not run to its end")


@pytest.mark.parametrize("fact", CRASHES, ids=[named(fact.fact) for fact in CRASHES])
async def test_a_fact_about_processes_that_die(fact: Fact, tmp_path: Path) -> None:
    handling, dead = await crashed(fact, tmp_path)
    assert handling.without_letter() | dead == fact.ends
    for no, attempts in fact.attempts.items():
        assert handling.attempts(no) == [*attempts]


async def test_a_message_that_kills_every_time_is_tried_as_often_as_allowed(
    tmp_path: Path,
) -> None:
    fact = Fact("", consumer={"attempts_max": 3}, sent=[1, 2], deeds={1: "hang"})
    handling, dead = await crashed(fact, tmp_path, times=3)
    assert handling.attempts(1) == [1, 2, 3]
    assert handling.attempts(2) == [1]  # it was no suspect
    assert dead == {1: "lost after 3"}


# -- windows, and the way back


async def test_the_dedup_window_is_five_minutes_from_the_first() -> None:
    """§1.8 SQS FIFO: dedup window 5 min; a duplicate send is accepted and dropped."""
    handling = Handling(Fact("", queue=FIFO))
    app, jobs, _ = app_of(handling)
    async with running(app) as world:
        began = world.clock.now()
        for at, no in ((0, 1), (1, 2), (DEDUP_S - 1, 3), (DEDUP_S, 4), (2 * DEDUP_S - 1, 5)):
            await world.clock.advance(began + timedelta(seconds=at) - world.clock.now())
            await jobs.send(APP.Job(no), group="a", dedup="x")
            await world.settle()
    assert [no for _, no, _ in handling.seen] == [1, 4]


async def test_letters_that_are_sent_back_are_tried_anew() -> None:
    """§1.8 SQS, StartMessageMoveTask: back to the source, with new ids and timestamps. Ours: design
    §3.4, the id of its envelope stays, so that what is done once is not done again.
    """
    fact = Fact("", consumer={"attempts_max": 2, "backoff": SOON}, deeds={1: "raise"}, sent=[1])
    handling = Handling(fact)
    app, jobs, consumer = app_of(handling)
    async with running(app) as world:
        await send(jobs, 1)
        await world.settle()
        (before,) = await consumer.dead.peek()
        await world.clock.advance(seconds=3600)
        assert await consumer.dead.redrive() == 1
        await world.settle()
        (after,) = await consumer.dead.peek()
        assert (after.id, after.trace, after.attempts) == (before.id, before.trace, 2)
        assert after.first_sent == before.first_sent
    assert handling.attempts(1) == [1, 2, 1, 2]


# -- what is refused before anything runs


@pytest.mark.parametrize(
    ("fact", "queue", "consumer", "said"), REFUSED, ids=[named(row[0]) for row in REFUSED]
)
def test_a_fact_about_what_is_refused(
    fact: str, queue: dict[str, Any], consumer: dict[str, Any], said: str
) -> None:
    app, _, _ = app_of(Handling(Fact(fact, queue=queue, consumer=consumer)))
    with pytest.raises(DeclarationError, match=said):
        build(app)


@pytest.mark.parametrize(
    ("fact", "queue", "options", "said"), SENDS, ids=[named(row[0]) for row in SENDS]
)
async def test_a_fact_about_what_is_not_sent(
    fact: str, queue: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    app, jobs, _ = app_of(Handling(Fact(fact, queue=queue)))
    async with running(app) as world:
        with pytest.raises(SkyliftError, match=said):
            await jobs.send(APP.Job(1), **options)
        assert (await world.counts(jobs)).ready == 0
