"""`world.clock`: time stands still until a test moves it, and then everything is on time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift import App
from skylift.testing import running
from skylift.testing.clock import VirtualClock
from skylift.testing.course import GRACE_S
from tests.testing import jobs
from tests.testing.jobs import Job, Ticket, seen, tickets

app = App("jobs", jobs)


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


async def test_it_starts_decades_away_and_stands_still() -> None:
    async with running(app) as world:
        began = world.clock.now()
        await world.http.post("/echo", json=Job("x"))
        assert (began, world.clock.now()) == (datetime(2061, 7, 28, 12, tzinfo=UTC), began)


async def test_it_moves_by_units_and_by_timedeltas_and_never_back() -> None:
    async with running(app) as world:
        began = world.clock.now()
        await world.clock.advance(minutes=1, seconds=30)
        await world.clock.advance(timedelta(hours=1))
        assert world.clock.now() - began == timedelta(hours=1, minutes=1, seconds=30)
        with pytest.raises(ValueError, match="does not go back"):
            await world.clock.advance(seconds=-1)


async def test_delayed_messages_come_at_their_time_and_in_order() -> None:
    async with running(app) as world:
        began = world.clock.now()
        for name, delay_s in (("c", 900), ("a", 0.5), ("b", 60)):
            await jobs.working.send(Job(name), delay_s=delay_s)
        await world.clock.advance(seconds=59.999_999)
        assert [name for name, _, _ in seen] == ["a"]
        await world.clock.advance(hours=1)
        assert [(name, (at - began).total_seconds()) for name, _, at in seen] == [
            ("a", 0.5),
            ("b", 60),
            ("c", 900),
        ]


async def test_a_handler_that_waits_for_nothing_does_not_make_time_dear() -> None:
    loop = asyncio.get_running_loop()
    async with running(app) as world:
        await jobs.sleeping.send(Job("x", times=9))
        for n in range(1, 601):
            await jobs.working.send(Job(f"{n}"), delay_s=n / 100)
        really = loop.time()
        await world.clock.advance(seconds=10)
        assert len(seen) == 601
        assert (
            loop.time() - really < 600 * GRACE_S / 2
        )  # each of them waiting for it anew: twice that


@given(st.lists(st.floats(0, 900), min_size=1, max_size=20))
def test_what_is_due_is_due_when_the_clock_shows_its_time(delays: list[float]) -> None:
    clock, rung = VirtualClock(), list[bool]()
    now_us = int(clock.time() * 1e6)
    for delay in delays:
        due_us = now_us + int(delay * 1e6)
        clock.at(due_us / 1e6, lambda due=due_us: rung.append(int(clock.time() * 1e6) >= due))
        clock.at(
            clock.time() + delay, lambda at=clock.time() + delay: rung.append(clock.time() >= at)
        )
    while (at := clock.next_at()) is not None:
        clock.move(at)
    assert rung == [True] * 2 * len(delays)


async def test_retries_come_on_the_way() -> None:
    async with running(app) as world:
        await jobs.failing.send(Job("x", times=4))
        await world.clock.advance(minutes=12)
        assert [attempt for _, attempt, _ in seen] == [1, 2, 3, 4, 5]


async def test_a_deadline_passes_on_the_way() -> None:
    async with running(app) as world:
        began = world.clock.now()
        await jobs.sleeping.send(Job("x", times=1))
        await world.clock.advance(seconds=19)
        assert world.failures == []
        await world.clock.advance(seconds=1)
        assert len(world.failures) == 1
        await world.clock.advance(seconds=100)
        assert [(attempt, at - began) for _, attempt, at in seen][1:] == [(2, timedelta(minutes=2))]


async def test_an_item_expires_with_the_clock() -> None:
    async with running(app) as world:
        await tickets.put(Ticket("t", world.clock.now() + timedelta(minutes=5)))
        await world.clock.advance(minutes=4, seconds=59)
        assert await tickets.get("t") is not None
        await world.clock.advance(seconds=1)
        assert await tickets.get("t") is None


async def test_a_message_goes_when_it_is_older_than_its_queue_keeps_it() -> None:
    async with running(app) as world:
        await jobs.brief.send(Job("x"))
        await jobs.working.send(Job("soon"), delay_s=70)
        await world.clock.advance(seconds=45)
        assert (await world.counts(jobs.brief)).ready == 1
        await world.clock.advance(seconds=60)
        assert (await world.counts(jobs.brief)).ready == 0
        assert [name for name, _, _ in seen] == ["soon"]
