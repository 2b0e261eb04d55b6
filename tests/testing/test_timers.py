"""Timers in a world: they come when the clock is moved to them, in order, and never before."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import pytest

from skylift import App, Backoff, Context, Queue, Struct, Timer, now
from skylift.testing import running


class Close(Struct):
    room: str


class Job(Struct):
    name: str


closing = Timer("closing", Close)
working = Queue("working", Job)
seen: list[tuple[str, datetime]] = []


@closing.on_due(attempts_max=2, backoff=Backoff(50, 50))
async def close(due: Close, context: Context) -> None:
    assert context.scheduled_time == now() or context.attempt > 1
    seen.append((due.room, now()))
    if due.room == "repeated" and len(seen) < 4:
        await closing.set("1", now() + timedelta(minutes=1), due)
    if due.room == "stuck":
        raise RuntimeError(f"attempt {context.attempt}")


@working.consumer(backoff=Backoff(100, 100), attempts_max=2)
async def work(job: Job) -> None:
    raise RuntimeError(job.name)


app = App("timers", sys.modules[__name__])


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


async def test_each_comes_at_its_time_when_the_clock_is_moved_past_it() -> None:
    async with running(app) as world:
        begun = world.clock.now()
        for room, in_s in (("b", 20), ("a", 10), ("c", 30), ("off", 15)):
            await closing.set(room, begun + timedelta(seconds=in_s), Close(room))
        await closing.cancel("off")
        await world.settle()
        assert (seen, world.clock.now()) == ([], begun)
        await world.clock.advance(seconds=25)
        await world.settle()
        assert seen == [(room, begun + timedelta(seconds=s)) for room, s in (("a", 10), ("b", 20))]


async def test_to_settle_never_passes_the_time_of_a_timer() -> None:
    async with running(app) as world:
        begun = world.clock.now()
        await closing.set("a", begun + timedelta(seconds=0.5), Close("a"))
        await working.send(Job("x"))
        await world.settle()
        assert seen == []
        assert world.clock.now() < begun + timedelta(seconds=0.5)
        await world.clock.advance(seconds=0.5)
        assert [room for room, _ in seen] == ["a"]
        await world.settle()
        assert len(await work.dead.peek()) == 1


async def test_a_timer_may_set_itself_anew() -> None:
    async with running(app) as world:
        await closing.set("1", now() + timedelta(minutes=1), Close("repeated"))
        await world.clock.advance(minutes=10)
        times = [(at - seen[0][1]) / timedelta(minutes=1) for _, at in seen]
        assert times == [0, 1, 2, 3]


async def test_what_fails_is_tried_again_and_given_up() -> None:
    async with running(app) as world:
        await closing.set("1", now(), Close("stuck"))
        await world.settle()
        assert [room for room, _ in seen] == ["stuck"] * 2
        (letter,) = await close.dead.peek()
        assert (letter.message, letter.reason, letter.attempts) == (Close("stuck"), "failed", 2)


async def test_a_trace_leads_from_who_set_it_to_what_was_due() -> None:
    async with running(app) as world:
        await closing.set("1", now() + timedelta(minutes=1), Close("repeated"))
        await world.clock.advance(minutes=10)
        (trace,) = world.traces
        depth, branches = 0, trace.roots
        while branches:
            depth, branches = depth + 1, branches[0].children
        assert depth == 4
