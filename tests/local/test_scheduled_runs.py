"""A night watch in a world whose clock is moved: what runs by it, for when, how often, and what
becomes of what cannot run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from skylift.invocation import invocation
from skylift.ports import Outgoing
from skylift.resources.schedule import run_text
from skylift.testing import World, running
from tests.apps.night.app import app
from tests.apps.night.watch import Round, beat, close_doors, count, rounds


def played(story: Callable[[World], Awaitable[None]]) -> None:
    async def play() -> None:
        async with running(app) as world:
            await story(world)

    asyncio.run(play())


async def done(schedule: str) -> list[tuple[str, int]]:
    """For which times, and how often."""
    return [
        (datetime.fromisoformat(one.time).strftime("%a %H:%M"), one.done)
        async for one in rounds.query(schedule)
    ]


def test_a_week_has_five_workdays_each_with_its_time() -> None:
    async def story(world: World) -> None:
        await world.clock.advance(days=7)  # from a Thursday noon; Madrid is two hours ahead
        assert await done("nightly") == [
            (f"{day} 01:30", 1) for day in ("Fri", "Mon", "Tue", "Wed", "Thu")
        ]
        ids = [one.id async for one in rounds.query("nightly")]
        assert ids[0] == "nightly/2061-07-29T01:30:00Z"

    played(story)


def test_a_rate_runs_at_once_and_then_again_and_again() -> None:
    async def story(world: World) -> None:
        await world.settle()
        assert await done("beat") == [("Thu 12:00", 1)]
        await world.clock.advance(minutes=79)
        assert await done("beat") == [
            (f"Thu {time}", 1) for time in ("12:00", "12:20", "12:40", "13:00")
        ]

    played(story)


def test_what_fails_is_given_up_and_runs_for_its_own_time_when_redriven() -> None:
    async def story(world: World) -> None:
        await world.clock.advance(hours=8)
        assert (await world.counts(close_doors)).dead == 1
        (letter,) = await close_doors.dead.peek()
        assert letter.message is not None
        assert (letter.message.time.hour, letter.reason) == (18, "failed")
        assert (letter.id, letter.attempts) == ("doors/2061-07-28T18:00:00Z", 1)
        await rounds.put(Round("keys", "found"))
        assert await close_doors.dead.redrive() == 1
        await world.settle()
        assert await done("doors") == [("Thu 18:00", 1)]

    played(story)


def test_a_run_that_comes_twice_is_done_once_where_it_says_so() -> None:
    async def story(world: World) -> None:
        await world.settle()
        again = Outgoing(run_text(beat.name, "2061-07-28T12:00:00Z"))
        await invocation().ports.adapters[count.name].send([again, again])
        await world.settle()
        assert await done("beat") == [("Thu 12:00", 1)]

    played(story)


def test_a_run_by_hand_is_for_the_time_it_is_told() -> None:
    async def story(world: World) -> None:
        reply = await world.http.post("/rounds/now")
        assert reply.status == 204
        await world.settle()
        assert await done("nightly") == [("Thu 12:00", 1)]

    played(story)
