"""Timers over restarts, crashes, reloads and clocks that are set: never early, never lost, and once
each while nothing dies with a message in its hands.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from skylift import Struct, Timer, transaction
from skylift.codec.envelope import opened
from skylift.local.alarm import LATE_S_MAX, LoopAlarms
from skylift.local.backend import LocalBackend
from skylift.local.forgotten import stored
from skylift.local.timer import STEP
from skylift.ports.delivery import Done
from skylift.testing.stand import Stand, graph_of
from tests.trials import trials


class Close(Struct):
    room: str


closing = Timer("closing", Close)


@closing.on_due
async def close(due: Close) -> None:
    """Its inbox is looked into."""


def stand_at(folder: Path, *, ahead_s: float = 0) -> Stand:
    folder.mkdir(exist_ok=True)
    stand = Stand(closing, close, path=folder / "state.db")
    stand.clock.advance(seconds=ahead_s)
    return stand


async def put(stand: Stand, id: str, in_s: float, room: str = "") -> None:
    await closing.set(id, stand.clock.now() + timedelta(seconds=in_s), Close(room or id))


async def come(stand: Stand) -> list[str]:
    """Of all that has come, done with: which rooms, in the order they came."""
    port, found = stand.inbox(close), list[str]()
    await stand.settle()
    while held := await port.claim(10):
        found += [closing.codec.decode(opened(one.body)).room for one in held]
        await port.settle([Done(one.receipt) for one in held])
    return found


def played(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


def test_what_came_due_while_nothing_ran_comes_at_the_start_once_each(tmp_path: Path) -> None:
    async def story() -> None:
        async with stand_at(tmp_path) as first:
            for id, in_s in (("a", 100), ("b", 50), ("c", 5_000)):
                await put(first, id, in_s)
        async with stand_at(tmp_path, ahead_s=200) as second:
            assert await come(second) == ["b", "a"]
        async with stand_at(tmp_path, ahead_s=300) as third:
            assert await come(third) == []
            third.clock.advance(seconds=5_000)
            assert await come(third) == ["c"]

    played(story)


def test_what_has_moved_and_was_not_taken_is_there_after_a_crash(tmp_path: Path) -> None:
    async def story() -> None:
        async with stand_at(tmp_path / "one") as first:
            await put(first, "a", 100)
            await put(first, "b", 1_000)
            first.clock.advance(seconds=100)
            await first.settle()
            shutil.copytree(tmp_path / "one", tmp_path / "two")
        async with stand_at(tmp_path / "two", ahead_s=100) as second:
            assert await come(second) == ["a"]

    played(story)


def test_a_clock_that_is_set_back_delays_and_loses_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with stand_at(tmp_path) as stand:
            await put(stand, "a", 100)
            stand.clock.advance(seconds=-1_000)
            await put(stand, "b", 50)
            assert await come(stand) == []
            stand.clock.advance(seconds=50)
            assert await come(stand) == ["b"]
            stand.clock.advance(seconds=1_049)
            assert await come(stand) == []
            stand.clock.advance(seconds=1)
            assert await come(stand) == ["a"]

    played(story)


def test_thousands_that_are_due_together_move_in_steps_and_in_order(tmp_path: Path) -> None:
    count = 5 * STEP + 7

    async def story() -> None:
        async with stand_at(tmp_path) as stand:
            for number in range(count):
                await put(stand, f"{number}", 100 + number / 1_000)
            stand.clock.advance(seconds=99.9)
            assert await come(stand) == []
            stand.clock.advance(seconds=100)
            assert await come(stand) == [f"{number}" for number in range(count)]

    played(story)


def test_a_reload_keeps_what_waits_and_what_old_code_still_sets() -> None:
    again = Timer("closing", Close)

    @again.on_due
    async def shut(due: Close) -> None:
        """The new one."""

    async def story() -> None:
        stand = Stand()  # for its world
        given = (stand.clock, stand.entropy, stand.failures)
        backend = LocalBackend(None, *given, alarms=stand.alarms)
        old = backend.ports(graph_of([closing, close])).adapters["closing"]
        new = backend.ports(graph_of([again, shut])).adapters["closing"]
        assert new is old
        new.watch(stand.alarms)
        await old.set("a", stand.clock.time() + 100, "{}")
        stand.clock.advance(seconds=100)
        assert stand.alarms.ring()
        await backend.database.write(tuple)
        assert (await backend.inboxes[shut.name].counts()).ready == 1
        await backend.close()

    played(story)


def test_without_a_function_everything_stays_and_is_told_of(tmp_path: Path) -> None:
    async def story() -> None:
        async with stand_at(tmp_path) as stand:
            await put(stand, "a", 100)
            await put(stand, "b", 100)
        alone = Stand(path=tmp_path / "state.db")
        alone.clock.advance(seconds=1_000)
        async with alone:
            await alone.settle()
            (found,) = stored(alone.database.execute)
            said = "timer 'closing' is not declared any more: 2 messages wait for their time"
            assert found.told == said
            assert stored(alone.database.execute, ["closing"]) == []
        async with stand_at(tmp_path, ahead_s=2_000) as stand:
            assert sorted(await come(stand)) == ["a", "b"]
            assert stored(stand.database.execute, ["closing", "close"]) == []

    played(story)


def test_a_clock_that_jumps_is_noticed_within_a_minute() -> None:
    """The loop's own alarms never wait for longer."""

    class Clock:
        def time(self) -> float:
            return 0.0

    async def story() -> None:
        loop = asyncio.get_running_loop()
        ringing: Any = LoopAlarms(Clock()).at(1e9, print)  # pyright: ignore[reportArgumentType]
        assert ringing.when() - loop.time() <= LATE_S_MAX
        ringing.cancel()

    played(story)


IDS = ("a", "b", "c", "d")


class Timers(RuleBasedStateMachine):
    """A stand beside what it should be: for each id the time and the message it waits for."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._runner = asyncio.Runner()
        self._lives, self._set, self._ahead_s = 0, 0, 0
        self._waits: dict[str, tuple[datetime, str]] = {}
        self._come: list[str] = []
        self._begin(0)

    # -- what happens

    @rule(id=st.sampled_from(IDS), in_s=st.integers(-50, 400))
    def set(self, id: str, in_s: int) -> None:
        at, room = self._at(in_s), self._room()
        self._run(closing.set(id, at, Close(room)))
        self._waits[id] = (at, room)

    @rule(id=st.sampled_from(IDS))
    def cancel(self, id: str) -> None:
        self._run(closing.cancel(id))
        self._waits.pop(id, None)

    @rule(orders=st.lists(st.tuples(st.sampled_from(IDS), st.none() | st.integers(-50, 400))))
    def transact(self, orders: list[tuple[str, int | None]]) -> None:
        told = [(id, in_s if in_s is None else self._at(in_s), self._room()) for id, in_s in orders]
        self._run(ordered(told))
        for id, at, room in told:
            if at is None:
                self._waits.pop(id, None)
            else:
                self._waits[id] = (at, room)

    @rule(seconds=st.integers(0, 200))
    def advance(self, seconds: int) -> None:
        self._ahead_s += seconds
        self.stand.clock.advance(seconds=seconds)

    @rule(seconds=st.integers(1, 100))
    def set_clock_back(self, seconds: int) -> None:
        self._ahead_s -= seconds
        self.stand.clock.advance(seconds=-seconds)

    @rule(down_s=st.integers(0, 200))
    def restart(self, down_s: int) -> None:
        self._run(self.stand.__aexit__())
        self._begin(down_s)

    @rule(down_s=st.integers(0, 200))
    @precondition(lambda self: self._lives < 8)
    def crash(self, down_s: int) -> None:
        """What is on the disk at this moment is all that is left."""
        old = self._path()
        self._lives += 1
        shutil.copytree(old, self._path())
        self._run(self.stand.__aexit__())
        self._begin(down_s)

    # -- what must hold

    @invariant()
    def comes_when_it_is_due_and_once(self) -> None:
        found = self._run(come(self.stand))
        now = self.stand.clock.now()
        due = {id: room for id, (at, room) in self._waits.items() if at <= now}
        assert sorted(found) == sorted(due.values())
        for id in due:
            del self._waits[id]

    def teardown(self) -> None:
        self._run(self.stand.__aexit__())
        self._runner.close()
        self._folder.cleanup()

    # -- how

    def _begin(self, down_s: int) -> None:
        self._ahead_s += down_s
        self.stand = stand_at(self._path(), ahead_s=self._ahead_s)
        self._run(self.stand.__aenter__())

    def _path(self) -> Path:
        return Path(self._folder.name) / f"{self._lives}"

    def _at(self, in_s: int) -> datetime:
        return self.stand.clock.now() + timedelta(seconds=in_s)

    def _room(self) -> str:
        self._set += 1
        return f"{self._set}"

    def _run(self, story: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(story)


async def ordered(told: list[tuple[str, datetime | None, str]]) -> None:
    async with transaction() as tx:
        for id, at, room in told:
            if at is None:
                await closing.cancel(id, tx=tx)
            else:
                await closing.set(id, at, Close(room), tx=tx)


TestTimers = Timers.TestCase
TestTimers.settings = settings(trials(50), stateful_step_count=20)
