"""How time passes in a world: from one thing that is due to the next, and never while anything can
still happen without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ..local.backend import LocalBackend
from ..local.pump import end_tasks
from ..local.sweep import EVERY_S
from .clock import VirtualClock
from .lag import Snapshot
from .messages import Due, Messages
from .stillness import Stillness
from .unsettled import Unsettled
from .workers import WorldWorkers

R = TypeVar("R")

REAL_S = 5.0  # of waiting for the world outside
GRACE_S = 0.02  # for what we cannot see, before what waits is taken to wait for nothing
PAUSE_S_MIN, PAUSE_S_MAX = 0.000_2, 0.005
INVOCATIONS_MAX = MOVES_MAX = 10_000  # until it all rests
RINGS_MAX = 1_000  # of one moment


class Course:
    def __init__(
        self,
        backend: LocalBackend,
        workers: WorldWorkers,
        clock: VirtualClock,
        snapshot: Snapshot | None,
        seed: int,
    ) -> None:
        self._backend, self._workers, self._clock = backend, workers, clock
        self._snapshot, self._seed = snapshot, seed
        self._loop = asyncio.get_running_loop()
        self._stillness = Stillness()
        self._moving = asyncio.Lock()
        self._moves = 0
        self._swept = clock.time()
        self._in_vain: frozenset[object] = frozenset()  # who waits for what that never comes
        self._calls = set[asyncio.Task[Any]]()
        self._has_ended = False
        self._messages = Messages(backend, clock)

    # -- what moves the clock

    async def settle(self, real_s: float) -> None:
        self._in_vain = frozenset()
        begun, moves = self._workers.count, self._moves
        while True:
            await self._still(real_s, begun=begun)
            at = self._next_of_settle()
            if at is None:
                break
            if self._moves - moves > MOVES_MAX:
                raise self._unsettled("it goes on without end")
            await self._move(at)
        self._catch_up()

    async def advance(self, to: float) -> None:
        """Move the clock to this time, by way of all that is due before."""
        self._in_vain = frozenset()
        rings = 0
        while True:
            await self._still(REAL_S)
            at = self._clock.next_at()
            if at is None or at > to:
                break
            rings = 0 if at > self._clock.time() else rings + 1
            assert rings < RINGS_MAX, "an alarm rings again and again"
            await self._move(at)
        await self._move(to)
        await self._still(REAL_S)

    async def call(self, call: Callable[[], Coroutine[Any, Any, R]]) -> R:
        """Its result. While it waits for what only time brings, time passes."""
        self._check_open()
        self._in_vain = frozenset()
        task = self._loop.create_task(call())
        self._calls.add(task)
        task.add_done_callback(self._called)
        while True:
            moves = self._moves
            await self._still(REAL_S, task)
            if task.done():
                return task.result()
            at = self._clock.next_at()
            if at is None:
                raise self._unsettled("the answer waits for what never comes")
            if moves == self._moves:  # else another has moved it, and one looks again
                await self._move(at)

    async def stop(self) -> None:
        self._has_ended = True
        await end_tasks(self._calls)

    def _check_open(self) -> None:
        if self._has_ended:
            raise RuntimeError("the world has ended: ask it inside its block")

    def _called(self, task: asyncio.Task[Any]) -> None:
        self._calls.discard(task)
        if not task.cancelled():
            task.exception()  # who has asked may be gone

    async def _move(self, to: float) -> None:
        async with self._moving:
            self._moves += 1
            rounds = (to - self._swept) // EVERY_S
            if rounds > 0:  # of many that nobody would see, the last
                self._swept += rounds * EVERY_S
                self._clock.move(min(self._swept, to))
                await self._backend.sweeper.sweep()
            self._catch_up()
            self._clock.move(to)

    def _catch_up(self) -> None:
        if self._snapshot is not None:
            self._snapshot.catch_up()

    # -- when it may move

    async def _still(
        self, real_s: float, until: asyncio.Task[Any] | None = None, begun: int | None = None
    ) -> None:
        """Until everything under way waits for the clock, or `until` is done. Unsettled when it
        goes on without end, or waits for the world outside for longer than `real_s`.
        """
        counted = self._workers.count if begun is None else begun
        awaited = frozenset[object]()
        since, pause_s = self._loop.time(), PAUSE_S_MIN

        def goes_on() -> object:
            if self._workers.count - counted > INVOCATIONS_MAX:
                raise self._unsettled(f"{INVOCATIONS_MAX:,} invocations, and no end")
            return self._workers.count, self._workers.awaited

        def is_over() -> bool:
            return until is not None and until.done()

        while True:
            await self._stillness.dry(goes_on, is_over)
            if is_over():
                return
            self._check_open()
            if until is None and self._rests():
                return
            if awaited != self._workers.awaited:
                awaited, since, pause_s = self._workers.awaited, self._loop.time(), PAUSE_S_MIN
            if self._waits_in_vain(awaited, self._loop.time() - since, real_s):
                self._in_vain = awaited
                return
            await self._stillness.pause(pause_s)
            pause_s = min(pause_s * 2, PAUSE_S_MAX)

    def _rests(self) -> bool:
        return not self._workers.under_way and not self._backend.pump.running

    def _waits_in_vain(self, awaited: frozenset[object], waited_s: float, real_s: float) -> bool:
        """Only the clock can help those that wait."""
        self._workers.expire_again()
        deadline = self._workers.next_deadline
        if deadline is not None:
            left_s = deadline - self._clock.time()
            if awaited <= self._in_vain or waited_s >= left_s:
                return True
            if waited_s >= GRACE_S and not self._stillness.expects(left_s):
                return True
        if waited_s >= real_s:
            raise self._unsettled(f"no end within {real_s:g} s of real time")
        return False

    def _next_of_settle(self) -> float | None:
        """Where to: the next deadline, or the next message that comes back. Never past the time of
        a message that was sent with a delay, or of a timer.
        """
        deadline = self._workers.next_deadline
        found = [*self._messages.next(), *([Due(deadline, True)] if deadline is not None else [])]
        if not found:
            return None
        first = min(found)
        if first.is_back:
            return first.at
        if deadline is None:
            return None
        raise self._unsettled(
            "a timer, or a message sent with delay_s, is due before the deadline of what runs; "
            "await world.clock.advance(…)"
        )

    def _unsettled(self, reason: str) -> Unsettled:
        lines = [*self._workers.told(), *self._messages.told()]
        return Unsettled(reason, lines, self._seed)
