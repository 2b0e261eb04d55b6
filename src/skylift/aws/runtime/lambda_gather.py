"""`gather` without an event loop and without threads: all requests are on their way, each on a
connection of its own, before the first answer is read. Who is answered goes on, up to its next
verb; between verbs nobody runs beside it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Sequence
from contextvars import copy_context
from select import POLLIN, poll
from typing import Any

from ...ports import Clock
from .wait import Wait, advance

RUNNING_MAX = 16  # as many connections as are kept


class Member:
    """One of those that are gathered, in a context of its own, as a task has one."""

    __slots__ = ("_context", "_coroutine", "error", "result", "wait")

    def __init__(self, verb: Awaitable[Any]) -> None:
        self._coroutine, self._context = awaited(verb), copy_context()
        self.wait: Wait | None = None  # before it has begun, and when it has ended
        self.result: Any = None
        self.error: Exception | None = None

    def advance(self) -> None:
        is_over = None if self.wait is None else True
        try:
            self.wait = self._context.run(advance, self._coroutine, is_over)
        except StopIteration as ended:
            self.wait, self.result = None, ended.value
        except Exception as error:
            self.wait, self.error = None, error

    def close(self) -> None:
        self._coroutine.close()


class Gathering:
    """All that is gathered in one process, one inside another too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running = 0

    async def gather(self, verbs: Sequence[Awaitable[Any]]) -> list[Any]:
        """The first error, in the order given, is raised once all have ended."""
        once = {id(verb): verb for verb in verbs}  # one that is given twice runs once
        members = {number: Member(verb) for number, verb in once.items()}
        coming, waiting = deque(members.values()), list[Member]()
        try:
            while coming or waiting:
                # One may always run: else those inside would wait for those around them.
                while coming and (self._running < RUNNING_MAX or not waiting):
                    waiting.append(coming.popleft())
                    self._running += 1
                    self._advance(waiting, waiting[-1:])
                if waiting:
                    await together(waiting)  # what is gathered around this may go first
                    self._advance(waiting, self._ready(waiting))
        finally:
            self._running -= len(waiting)
            for one in (*waiting, *coming):
                one.close()
        ended = [members[id(verb)] for verb in verbs]
        for one in ended:
            if one.error is not None:
                raise one.error
        return [one.result for one in ended]

    def _advance(self, waiting: list[Member], some: Sequence[Member]) -> None:
        for one in some:
            one.advance()
            if one.wait is None:
                waiting.remove(one)
                self._running -= 1

    def _ready(self, waiting: Sequence[Member]) -> list[Member]:
        """Those that need not wait any longer; with none it blocks."""
        wait, answered = together(waiting), poll()
        for number in wait.sockets:
            answered.register(number, POLLIN)
        left_s = max(wait.until - self._clock.monotonic(), 0)
        found = {number for number, _ in answered.poll(int(left_s * 1000) + 1)}
        now = self._clock.monotonic()
        return [one for one in waiting if is_over(one.wait, found, now)]


def together(waiting: Sequence[Member]) -> Wait:
    """For whichever comes first."""
    waits = [one.wait for one in waiting if one.wait is not None]
    sockets = tuple(number for wait in waits for number in wait.sockets)
    return Wait(sockets, min(wait.until for wait in waits))


def is_over(wait: Wait | None, found: set[int], now: float) -> bool:
    return wait is None or wait.until <= now or not found.isdisjoint(wait.sockets)


async def awaited(verb: Awaitable[Any]) -> Any:
    return await verb
