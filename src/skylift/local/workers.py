"""Concurrency on one machine: the event loop, threads for plain functions, and a watch over
deadlines.

Past its deadline an invocation is dead: its verbs raise Expired and its task is cancelled. Looked
at 20 times a second while something runs, because a timer for each invocation would cost more than
most handlers.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from ..errors import Throttled
from ..ports import Clock, Running

WATCH_S = 0.05


class LoopWorkers:
    def __init__(self, clock: Clock) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._running: dict[Running, asyncio.Task[Any] | None] = {}
        self._counts: dict[str, int] = {}
        self._watching = False

    async def gather(self, verbs: Sequence[Awaitable[Any]]) -> list[Any]:
        done = await asyncio.gather(*verbs, return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome
        return done

    def run(self, call: Callable[..., Any], /, **arguments: Any) -> Awaitable[Any]:
        context = contextvars.copy_context()
        return self._loop.run_in_executor(None, partial(context.run, call, **arguments))

    def started(self, running: Running, concurrency_max: int | None) -> None:
        if concurrency_max is not None:
            count = self._counts.get(running.function, 0)
            if count >= concurrency_max:
                raise Throttled(f"{running.function} runs {concurrency_max} times already")
            self._counts[running.function] = count + 1
        self._running[running] = asyncio.current_task()
        if not self._watching:
            self._watching = True
            self._loop.call_later(WATCH_S, self._watch)

    def ended(self, running: Running) -> None:
        if self._running.pop(running, ABSENT) is not ABSENT and running.function in self._counts:
            self._counts[running.function] -= 1

    def _watch(self) -> None:
        now = self._clock.time()
        for running, task in list(self._running.items()):
            if running.deadline <= now:
                running.expire()
                if task is not None:
                    task.cancel()
        self._watching = bool(self._running)
        if self._watching:
            self._loop.call_later(WATCH_S, self._watch)


ABSENT: Any = object()
