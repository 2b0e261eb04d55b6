"""Concurrency on one machine: the event loop, threads and processes for plain functions, and a
watch over deadlines and over the loop itself.

Past its deadline an invocation is dead: its verbs raise Expired, its task is cancelled, and who
goes on all the same is abandoned. All are looked at 40 times a second while something runs, because
a timer for each would cost more than most handlers.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from ..engine.invoke import run_plain
from ..errors import Throttled
from ..ports import Clock, Report, Running
from .blocked import BEAT_S, LoopWatch
from .ending import ASKED_S, abandon, ending
from .isolated import Processes
from .left import LeftRunning, left, note_tasks

THREADS_MAX = 32  # a def may wait rather than compute, and must not hold up the others then
THREAD_NAME = "skylift-def"


class LoopWorkers:
    def __init__(self, clock: Clock, report: Report) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._threads = ThreadPoolExecutor(THREADS_MAX, THREAD_NAME)  # they start when needed
        self._processes = Processes(self._loop)
        self._running: dict[Running, asyncio.Task[Any] | None] = {}
        self._counts: dict[str, int] = {}
        self._watch = LoopWatch(clock, report, self._running_in)
        self._watching = False
        note_tasks(self._loop)

    async def gather(self, verbs: Sequence[Awaitable[Any]]) -> list[Any]:
        done = await asyncio.gather(*verbs, return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome
        return done

    def ending(self, handler: Coroutine[Any, Any, Any]) -> Awaitable[Any]:
        return ending(handler)

    def run(self, call: Callable[..., Any], /, **arguments: Any) -> Awaitable[Any]:
        context = contextvars.copy_context()
        inside: Callable[[], Any] = partial(context.run, partial(run_plain, call, arguments))
        return self._loop.run_in_executor(self._threads, inside)

    def isolated(self, call: Callable[..., Any], /, **arguments: Any) -> Awaitable[Any]:
        return self._processes.run(call, arguments)

    def left(self, running: Running) -> LeftRunning | None:
        return left(running)

    def renew(self) -> None:
        """The code was loaded anew."""
        self._processes.renew()

    def close(self) -> None:
        """Start no more threads and end the processes. What runs in a thread cannot be stopped, and
        is not waited for.
        """
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._processes.close()
        self._watch.close()

    def started(self, running: Running, concurrency_max: int | None) -> None:
        if concurrency_max is not None:
            count = self._counts.get(running.function, 0)
            if count >= concurrency_max:
                raise Throttled(f"{running.function} runs {concurrency_max} times already")
            self._counts[running.function] = count + 1
        self._running[running] = asyncio.current_task(self._loop)
        if not self._watching:
            self._watching = True
            self._watch.begin()
            self._loop.call_later(BEAT_S, self._beat)

    def ended(self, running: Running) -> None:
        if self._running.pop(running, ABSENT) is not ABSENT and running.function in self._counts:
            self._counts[running.function] -= 1

    def counts(self) -> dict[str, int]:
        """How often each function runs now."""
        return dict(Counter(running.function for running in self._running))

    def _beat(self) -> None:
        now = self._clock.time()
        for running, task in list(self._running.items()):
            if running.deadline > now:
                continue
            was_asked = running.expired
            running.expire()
            if task is not None:
                if was_asked and running.deadline + ASKED_S <= now:
                    abandon(task)
                else:
                    task.cancel()
        self._watching = bool(self._running)
        self._watch.beat(runs=self._watching)
        if self._watching:
            self._loop.call_later(BEAT_S, self._beat)

    def _running_in(self, task: asyncio.Task[Any]) -> Running | None:
        """The invocation whose handler runs in this task, or has started it."""
        for running, own in list(self._running.items()):
            if own is task or (running.tasks is not None and task in running.tasks):
                return running
        return None


ABSENT: Any = object()
