"""Whether a loop has anything left to do. Several worlds on one loop wait side by side: none of
them takes the others' waiting for something that happens.

asyncio's own loop is looked into, read-only: its ready handles, timers and sockets. Of another loop
one cannot tell, so there everything may still happen.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

SPINS_MAX = 1_000  # turns of the loop without anything of ours going on
SPINS_UNSEEN = 25  # the same where we cannot look into the loop
IDLE = frozenset([threading.__file__, queue.__file__, concurrent.futures.thread.__file__])


class Waiting:
    """All who wait in this way on one loop."""

    def __init__(self) -> None:
        self.spinning = 0
        self.pauses = set[int]()  # ids of their timers


EVERYONE: WeakKeyDictionary[asyncio.AbstractEventLoop, Waiting] = WeakKeyDictionary()


class Stillness:
    """What was open, set or running when this was made belongs to others."""

    def __init__(self) -> None:
        self._loop: Any = asyncio.get_running_loop()
        self._everyone = EVERYONE.setdefault(self._loop, Waiting())
        self._sockets, self._timers = self._open(), self._set()
        self._threads = set(sys._current_frames())  # pyright: ignore[reportPrivateUsage]

    async def dry(self, goes_on: Callable[[], object], is_over: Callable[[], bool]) -> None:
        """Until nothing is ready to run, or `is_over`. What spins for ever does not count, unless
        `goes_on`, which is asked each turn, says something new.
        """
        spins, said = 0, goes_on()
        self._everyone.spinning += 1
        try:
            while not is_over():
                await asyncio.sleep(0)
                says = goes_on()
                spins, said = spins + 1 if says == said else 0, says
                if self._is_dry(spins):
                    return
        finally:
            self._everyone.spinning -= 1

    async def pause(self, seconds: float) -> None:
        """For real."""
        future = self._loop.create_future()
        timer = self._loop.call_later(seconds, _wake, future)
        self._everyone.pauses.add(id(timer))
        try:
            await future
        finally:
            timer.cancel()
            self._everyone.pauses.discard(id(timer))

    def expects(self, within_s: float) -> bool:
        """Whether the world outside may still make something happen: a thread or a socket at any
        time, a timer within so many seconds.
        """
        if not hasattr(self._loop, "_ready"):
            return True
        if self._open() - self._sockets or self._computes():
            return True
        known = {*map(id, self._timers), *self._everyone.pauses}
        soon = self._loop.time() + within_s
        return any(one.when() <= soon for one in self._set() if id(one) not in known)

    def _is_dry(self, spins: int) -> bool:
        ready = getattr(self._loop, "_ready", None)
        if ready is None:
            return spins >= SPINS_UNSEEN
        return len(ready) < self._everyone.spinning or spins >= SPINS_MAX

    def _open(self) -> set[int]:
        selector = getattr(self._loop, "_selector", None)
        return set(selector.get_map()) if selector is not None else set()

    def _set(self) -> list[Any]:
        return [one for one in getattr(self._loop, "_scheduled", ()) if not one.cancelled()]

    def _computes(self) -> bool:
        """A thread is at work: one whose result a task waits for, or any that is not idle."""
        if any(map(_waits_for_thread, asyncio.all_tasks(self._loop))):
            return True
        frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]
        return any(
            thread not in self._threads and frame.f_code.co_filename not in IDLE
            for thread, frame in frames.items()
        )


def _waits_for_thread(task: asyncio.Task[Any]) -> bool:
    """Or for a process: what it awaits follows an executor's future."""
    callbacks = getattr(getattr(task, "_fut_waiter", None), "_callbacks", None) or ()
    return any("_chain_future" in getattr(call, "__qualname__", "") for call, _ in callbacks)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
