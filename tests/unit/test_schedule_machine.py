"""A schedule against a model: whatever the clock does, however often the process stops, crashes and
comes back with another expression, no time is accepted twice, and the latest that is due always is.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from skylift import Schedule
from skylift.codec.envelope import opened
from skylift.cron import Rate, Times, latest
from skylift.function import Function
from skylift.graph.schedule import times
from skylift.ports.delivery import Done
from skylift.testing.stand import Stand

pytestmark = pytest.mark.long  # left out of `make check`

T = TypeVar("T")
IN_MEMORY = Path("/dev/shm")  # where there are files without a disk below them
AUTUMN = datetime(
    2061, 4, 2, 12, tzinfo=UTC
)  # before the clocks of Lord Howe go back by half an hour
SAID: list[dict[str, str]] = [
    {"cron": "*/10 * * * *"},
    {"cron": "*/15 * * * *", "timezone": "Australia/Lord_Howe"},
    {"cron": "0 3 * * MON-FRI"},
    {"cron": "30 2 1 * *", "timezone": "America/New_York"},
    {"rate": "7 minutes"},
    {"rate": "1 day"},
]
ANY = st.sampled_from(range(len(SAID)))
MINUTES = st.one_of(st.integers(0, 20), st.integers(0, 3_000), st.integers(0, 60_000))
SECONDS = st.integers(0, 59)


def declared(which: int) -> tuple[Schedule, Function[..., Any]]:
    schedule = Schedule("watch", **SAID[which])

    @schedule.run
    async def look() -> None:
        """Its inbox is looked into."""

    return schedule, look


class Watch(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        base = IN_MEMORY if IN_MEMORY.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="skylift-", dir=base))
        self.runner = asyncio.Runner()
        self.lives, self.which = 0, -1
        self.accepted = set[datetime]()
        self.done: list[datetime] = []
        self.now = self.since = AUTUMN
        self.until = AUTUMN - timedelta(days=1)  # no run of up to then comes again

    @initialize(which=ANY, seconds=SECONDS)
    def begin(self, which: int, seconds: int) -> None:
        self.now += timedelta(seconds=seconds, milliseconds=250)
        self.open(self.folder / "0", which)

    def teardown(self) -> None:
        if self.lives:
            self.run(self.stand.__aexit__())
        self.runner.close()
        shutil.rmtree(self.folder)

    # -- what happens

    @rule(minutes=MINUTES, seconds=SECONDS)
    def time_passes(self, minutes: int, seconds: int) -> None:
        self.set_clock(self.now + timedelta(minutes=minutes, seconds=seconds))
        before = len(self.accepted)
        self.settle()
        assert len(self.accepted) <= before + 1  # of all that went by in one leap

    @rule(minutes=MINUTES)
    def clock_is_set_back(self, minutes: int) -> None:
        self.set_clock(self.now - timedelta(minutes=minutes))
        before = len(self.accepted)
        self.settle()
        assert len(self.accepted) == before

    @rule(count=st.integers(1, 5))
    def runs_are_done(self, count: int) -> None:
        port = self.stand.inbox(self.function)
        held = self.run(port.claim(count))
        self.done += [time_of(one.body) for one in held]
        self.run(port.settle([Done(one.receipt) for one in held]))

    @rule(count=st.integers(1, 5))
    def runs_are_begun(self, count: int) -> None:
        self.run(self.stand.inbox(self.function).claim(count))

    @rule(minutes=MINUTES)
    def it_is_restarted(self, minutes: int) -> None:
        self.reopen(self.folder / f"{self.lives - 1}", self.which, minutes)

    @rule(minutes=MINUTES)
    def it_crashes(self, minutes: int) -> None:
        """What is left is what was in the folder before anybody cleaned up."""
        left = self.folder / f"{self.lives}"
        shutil.copytree(self.folder / f"{self.lives - 1}", left)
        self.reopen(left, self.which, minutes)

    @rule(which=ANY, minutes=MINUTES)
    def it_says_something_else(self, which: int, minutes: int) -> None:
        self.reopen(self.folder / f"{self.lives - 1}", which, minutes)

    # -- what always holds

    @invariant()
    def no_time_is_there_twice(self) -> None:
        if not self.lives:
            return
        waiting = [time_of(one.row.body) for one in self.stand.inbox(self.function).peek(1_000)]
        found = waiting + self.done
        assert len(found) == len(set(found))
        assert set(found) == self.accepted

    # -- the world

    def open(self, folder: Path, which: int) -> None:
        if folder != self.folder / f"{self.lives}":
            shutil.move(folder, self.folder / f"{self.lives}")
        folder = self.folder / f"{self.lives}"
        folder.mkdir(exist_ok=True)
        schedule, self.function = declared(which)
        if which != self.which:
            self.times: Times = times(schedule)
            self.since = max(self.now.replace(microsecond=0), self.until)
            if isinstance(self.times, Rate):
                first = max(self.now.replace(microsecond=0), self.until + timedelta(seconds=1))
                self.times = Rate(self.times.minutes, self.times.expression, first)
                self.since = first - timedelta(seconds=1)
            self.until = self.since
        self.which, self.lives = which, self.lives + 1
        self.stand = Stand(schedule, self.function, path=folder / "state.db")
        self.set_clock(self.now)
        self.run(self.stand.__aenter__())
        self.settle()

    def reopen(self, folder: Path, which: int, minutes: int) -> None:
        self.run(self.stand.__aexit__())
        self.now += timedelta(minutes=minutes)
        self.open(folder, which)

    def settle(self) -> None:
        self.run(self.stand.settle())
        rows = self.stand.inbox(self.function).peek(1_000)
        found = {time_of(one.row.body) for one in rows} | {*self.done}
        for new in found - self.accepted:
            assert self.since < new <= self.now
            assert self.times.next(new - timedelta(seconds=1)) == new
        self.accepted |= found
        due = latest(self.times, self.since, self.now)
        assert due is None or max(self.accepted) >= due
        self.until = max(self.until, due or self.until)

    def set_clock(self, now: datetime) -> None:
        self.now = now
        self.stand.clock.advance(seconds=(now - self.stand.clock.now()).total_seconds())

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(story)


def time_of(body: str) -> datetime:
    return datetime.fromisoformat(opened(body).sent_at)


Watch.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestWatch = Watch.TestCase
