"""What every backend must do with schedules. Bind it with a fixture `open_world` whose worlds have
a `clock` to be moved and an `inbox` for each function; nothing in it is skipped or changed for one
of them. It begins at any time of day, and margins are of seconds: some clocks go on by themselves.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ...codec.envelope import opened
from ...invocation import now
from ...ports import QueuePort
from ...ports.delivery import Done, Held
from ...resources.schedule import Schedule, Scheduled
from ..story import story

LATE_S_MAX = 60
ASKED_MAX = 2  # times in a row without a message
CLAIM_MAX = 10
HOUR = timedelta(hours=1)

hourly = Schedule("hourly", cron="0 * * * *")
half_past = Schedule("half-past", cron="30 * * * *")
workdays = Schedule("workdays", cron="0 12 * * MON-FRI")
in_kolkata = Schedule("in-kolkata", cron="0 * * * *", timezone="Asia/Kolkata")  # half an hour off
beat = Schedule("beat", rate="10 minutes")


@hourly.run
async def on_the_hour() -> None:
    """Its inbox is looked into; nothing runs in a contract."""


@half_past.run(once=True)
async def between_hours(run: Scheduled) -> None:
    """The same."""


@workdays.run
async def on_workdays() -> None:
    """The same."""


@in_kolkata.run
async def in_another_zone() -> None:
    """The same."""


@beat.run
async def on_each_beat() -> None:
    """The same."""


def seconds_to(minute: int) -> float:
    """Until a clock next shows it."""
    at = now()
    past = at - at.replace(minute=0, second=0, microsecond=0)
    return ((timedelta(minutes=minute) - past) % HOUR).total_seconds()


async def held_of(world: Any, function: Any) -> list[Held]:
    """All runs that have come, done with."""
    port: QueuePort = world.inbox(function)
    held, asked = list[Held](), 0
    while asked < ASKED_MAX:
        await world.settle()
        found = await port.claim(CLAIM_MAX)
        await port.settle([Done(one.receipt) for one in found])
        held += found
        asked = 0 if found else asked + 1
    return held


async def runs(world: Any, function: Any) -> list[datetime]:
    """For which times they are."""
    bodies = [opened(one.body) for one in await held_of(world, function)]
    return [function.codec.decode(one).time for one in bodies]


async def begin(world: Any, minute: int, *functions: Any) -> None:
    """At this minute of an hour, with nothing left of what came before."""
    for function in functions:
        await held_of(world, function)
    world.clock.advance(seconds=seconds_to(minute))
    for function in functions:
        await held_of(world, function)


class ScheduleContract:
    @story(hourly, on_the_hour)
    async def test_it_runs_when_it_is_due_and_not_before(self, world: Any) -> None:
        await begin(world, 5, on_the_hour)
        for _ in range(3):
            world.clock.advance(seconds=seconds_to(0) - 20)
            assert await runs(world, on_the_hour) == []
            world.clock.advance(seconds=20 + LATE_S_MAX / 2)
            due = now().replace(minute=0, second=0, microsecond=0)
            assert await runs(world, on_the_hour) == [due]
            world.clock.advance(minutes=5)
            assert await runs(world, on_the_hour) == []  # and once

    @story(half_past, between_hours)
    async def test_a_run_says_which_it_is(self, world: Any) -> None:
        await begin(world, 5, between_hours)
        world.clock.advance(seconds=seconds_to(30) + 20)
        (held,) = await held_of(world, between_hours)
        due = now().replace(second=0, microsecond=0)
        envelope = opened(held.body)
        assert envelope.id == f"half-past/{due:%Y-%m-%dT%H:%M:%SZ}"
        assert (envelope.type, envelope.trace, held.attempt) == ("Scheduled", "", 1)
        assert between_hours.codec.decode(envelope) == Scheduled(due)

    @story(hourly, on_the_hour, half_past, between_hours)
    async def test_schedules_run_by_themselves(self, world: Any) -> None:
        await begin(world, 35, on_the_hour, between_hours)
        world.clock.advance(seconds=seconds_to(0) + 20)
        assert len(await runs(world, on_the_hour)) == 1
        assert await runs(world, between_hours) == []
        world.clock.advance(seconds=seconds_to(30) + 20)
        assert await runs(world, on_the_hour) == []
        assert len(await runs(world, between_hours)) == 1

    @story(workdays, on_workdays)
    async def test_a_week_has_five_workdays(self, world: Any) -> None:
        await begin(world, 5, on_workdays)
        came: list[int] = []
        for _ in range(7):
            world.clock.advance(days=1)
            came.append(len(await runs(world, on_workdays)))
        assert sorted(came) == [0, 0, 1, 1, 1, 1, 1]

    @story(in_kolkata, in_another_zone)
    async def test_its_hours_are_those_of_its_zone(self, world: Any) -> None:
        await begin(world, 35, in_another_zone)
        world.clock.advance(seconds=seconds_to(0) + 20)
        assert await runs(world, in_another_zone) == []
        world.clock.advance(seconds=seconds_to(30) + 20)
        assert await runs(world, in_another_zone) == [now().replace(second=0, microsecond=0)]

    @story(beat, on_each_beat)
    async def test_a_rate_runs_at_once(self, world: Any) -> None:
        begun = now()
        came = await runs(world, on_each_beat)
        assert len(came) == 1
        assert abs(came[0] - begun) <= timedelta(seconds=LATE_S_MAX)

    @story(beat, on_each_beat)
    async def test_a_rate_runs_again_and_again(self, world: Any) -> None:
        await runs(world, on_each_beat)  # the first, where it is at once
        for _ in range(3):
            world.clock.advance(seconds=500)
            assert await runs(world, on_each_beat) == []
            world.clock.advance(seconds=100 + LATE_S_MAX / 2)
            assert len(await runs(world, on_each_beat)) == 1
