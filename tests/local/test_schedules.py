"""Schedules over restarts, crashes and clocks that are set: no time twice, none without end, and
after a while away the latest alone.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skylift import Schedule
from skylift.codec.envelope import opened
from skylift.function import Function
from skylift.local.database import Database
from skylift.local.inbox import Receivers
from skylift.local.schedule import SqliteSchedule
from skylift.ports.delivery import Done, Held
from skylift.testing.stand import Stand, graph_of

MONDAY = datetime(2061, 8, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def hourly(**said: Any) -> tuple[Schedule, Function[..., Any]]:
    schedule = Schedule("hourly", **(said or {"cron": "0 * * * *"}))

    @schedule.run
    async def on_the_hour() -> None:
        """Its inbox is looked into."""

    return schedule, on_the_hour


class Life:
    """One run of a process, from a moment on."""

    def __init__(self, stand: Stand, function: Function[..., Any]) -> None:
        self._stand, self._function = stand, function

    async def until(self, moment: datetime) -> None:
        """The clock shows it now; what it showed before nobody has seen."""
        set_to(self._stand, moment)
        await self._stand.settle()

    async def taken(self) -> list[str]:
        """The times of all runs that have come, done with."""
        return [said(one) for one in await self._claimed(done=True)]

    async def begun(self) -> list[str]:
        """The same, and none of them ends."""
        return [said(one) for one in await self._claimed(done=False)]

    async def _claimed(self, *, done: bool) -> list[Held]:
        port, found = self._stand.inbox(self._function), list[Held]()
        await self._stand.settle()
        while held := await port.claim(10):
            found += held
            if done:
                await port.settle([Done(one.receipt) for one in held])
        return found


def said(held: Held) -> str:
    body = opened(held.body)
    assert body.id == f"hourly/{body.sent_at}"
    return datetime.fromisoformat(body.sent_at).strftime("%a %H:%M")


def set_to(stand: Stand, moment: datetime) -> None:
    stand.clock.advance(seconds=(moment - stand.clock.now()).total_seconds())


@asynccontextmanager
async def life(
    folder: Path, moment: datetime, declared: tuple[Schedule, Function[..., Any]] | None = None
) -> AsyncGenerator[Life]:
    folder.mkdir(exist_ok=True)
    schedule, function = declared or hourly()
    stand = Stand(schedule, function, path=folder / "state.db")
    set_to(stand, moment)
    async with stand:
        await stand.settle()
        yield Life(stand, function)


def played(story: Callable[[], Awaitable[None]]) -> None:
    async def play() -> None:
        await story()

    asyncio.run(play())


def test_what_is_new_counts_from_now(tmp_path: Path) -> None:
    async def story() -> None:
        async with life(tmp_path, MONDAY) as now:
            assert await now.taken() == []
            await now.until(MONDAY + HOUR)
            assert await now.taken() == ["Mon 13:00"]

    played(story)


def test_after_a_restart_no_time_comes_again(tmp_path: Path) -> None:
    async def story() -> None:
        async with life(tmp_path, MONDAY) as first:
            await first.until(MONDAY + HOUR)
            assert await first.taken() == ["Mon 13:00"]
        async with life(tmp_path, MONDAY + HOUR) as second:
            assert await second.taken() == []
            await second.until(MONDAY + 2 * HOUR)
            assert await second.taken() == ["Mon 14:00"]

    played(story)


def test_what_went_by_while_nothing_ran_comes_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with life(tmp_path, MONDAY):
            pass
        async with life(tmp_path, MONDAY + 2 * DAY + HOUR / 2) as later:
            assert await later.taken() == ["Wed 12:00"]
            await later.until(MONDAY + 2 * DAY + HOUR)
            assert await later.taken() == ["Wed 13:00"]

    played(story)


def test_a_clock_that_leaps_makes_one_run_of_all_it_leapt_over(tmp_path: Path) -> None:
    async def story() -> None:
        async with life(tmp_path, MONDAY) as now:
            await now.until(MONDAY + 5 * HOUR)
            assert await now.taken() == ["Mon 17:00"]

    played(story)


def test_a_clock_that_is_set_back_has_no_time_come_again(tmp_path: Path) -> None:
    async def story() -> None:
        async with life(tmp_path, MONDAY) as now:
            await now.until(MONDAY + 3 * HOUR)
            assert await now.taken() == ["Mon 15:00"]
            await now.until(MONDAY)
            await now.until(MONDAY + 2 * HOUR)
            assert await now.taken() == []
        async with life(tmp_path, MONDAY + HOUR) as again:
            await again.until(MONDAY + 3 * HOUR)
            assert await again.taken() == []
            await again.until(MONDAY + 4 * HOUR)
            assert await again.taken() == ["Mon 16:00"]

    played(story)


def test_a_crash_leaves_a_run_to_be_done_and_no_second_one(tmp_path: Path) -> None:
    """The folder as a crash leaves it, before and after the run was begun."""

    async def story() -> None:
        async with life(tmp_path / "a", MONDAY) as now:
            await now.until(MONDAY + HOUR)
            shutil.copytree(tmp_path / "a", tmp_path / "before")
            assert await now.begun() == ["Mon 13:00"]
            shutil.copytree(tmp_path / "a", tmp_path / "after")
        for left in ("before", "after"):
            async with life(tmp_path / left, MONDAY + HOUR) as again:
                assert await again.taken() == ["Mon 13:00"]
                await again.until(MONDAY + 2 * HOUR)
                assert await again.taken() == ["Mon 14:00"]

    played(story)


def test_another_expression_counts_from_now(tmp_path: Path) -> None:
    async def story() -> None:
        async with life(tmp_path, MONDAY):
            pass
        half_past = hourly(cron="30 * * * *")
        async with life(tmp_path, MONDAY + 3.75 * HOUR, half_past) as later:
            assert await later.taken() == []
            await later.until(MONDAY + 4.5 * HOUR)
            assert await later.taken() == ["Mon 16:30"]
        elsewhere = hourly(cron="30 * * * *", timezone="Asia/Kolkata")
        async with life(tmp_path, MONDAY + 6.75 * HOUR, elsewhere) as there:
            assert await there.taken() == []
            await there.until(MONDAY + 7 * HOUR)
            assert await there.taken() == ["Mon 19:00"]

    played(story)


def test_another_expression_has_no_time_come_again_on_a_clock_that_was_set_back(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with life(tmp_path, MONDAY) as now:
            await now.until(MONDAY + 2 * HOUR)
            assert await now.taken() == ["Mon 14:00"]
        often = hourly(cron="*/30 * * * *")
        async with life(tmp_path, MONDAY, often) as back:
            await back.until(MONDAY + 2.25 * HOUR)
            assert await back.taken() == []
            await back.until(MONDAY + 2.5 * HOUR)
            assert await back.taken() == ["Mon 14:30"]

    played(story)


def test_the_same_said_in_another_way_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with life(tmp_path, MONDAY):
            pass
        same = hourly(cron="0 0-23 * * SUN-SAT")
        async with life(tmp_path, MONDAY + HOUR, same) as later:
            assert await later.taken() == ["Mon 13:00"]

    played(story)


def test_a_rate_runs_at_once_and_counts_from_then_over_restarts(tmp_path: Path) -> None:
    async def story() -> None:
        begun = MONDAY + timedelta(minutes=7, microseconds=250_000)
        async with life(tmp_path, begun, hourly(rate="1 hours")) as first:
            assert await first.taken() == ["Mon 12:07"]
            await first.until(begun + HOUR)
            assert await first.taken() == ["Mon 13:07"]
        async with life(tmp_path, begun + 1.5 * HOUR, hourly(rate="1 hour")) as second:
            assert await second.taken() == []
            await second.until(begun + 2 * HOUR)
            assert await second.taken() == ["Mon 14:07"]
        async with life(tmp_path, begun + 9.5 * HOUR, hourly(rate="60 minutes")) as third:
            assert await third.taken() == ["Mon 21:07"]

    played(story)


def test_a_reload_goes_on_where_the_old_code_was(tmp_path: Path) -> None:
    """Two adapters of one schedule, one after the other, on one database."""

    async def story() -> None:
        schedule, function = hourly()
        stand = Stand(schedule, function, path=tmp_path / "state.db")
        set_to(stand, MONDAY)
        async with stand:
            await stand.settle()
            old = stand.ports.adapters["hourly"]
            old.unwatch()
            again, runner = hourly()
            new = SqliteSchedule(stand.database, again, stand.clock)
            new.wire(graph_of([again, runner]), Receivers(stand.inboxes, {}))
            new.watch(stand.alarms)
            life = Life(stand, function)
            await life.until(MONDAY + HOUR)
            assert await life.taken() == ["Mon 13:00"]
            new.unwatch()
            await life.until(MONDAY + 2 * HOUR)
            assert await life.taken() == []

    played(story)


@pytest.mark.parametrize("rare", ["0 0 29 2 *", "0 0 1 1 *"])
def test_what_is_due_in_years_waits_for_years(tmp_path: Path, rare: str) -> None:
    async def story() -> None:
        async with life(tmp_path, MONDAY, hourly(cron=rare)) as now:
            await now.until(MONDAY + 150 * DAY)
            assert await now.taken() == []
            await now.until(datetime(2064, 3, 1, tzinfo=UTC))
            assert len(await now.taken()) == 1

    played(story)


def test_nothing_is_due_where_nobody_may_run_it(tmp_path: Path) -> None:
    """A command that looks at the state for a moment takes nothing."""

    async def story() -> None:
        async with life(tmp_path, MONDAY):
            pass
        stand = Stand()
        database = Database(tmp_path / "state.db", claims=False)
        SqliteSchedule(database, hourly()[0], stand.clock)
        assert database.execute("SELECT done FROM schedules").get == int(MONDAY.timestamp())
        await database.close()

    played(story)
