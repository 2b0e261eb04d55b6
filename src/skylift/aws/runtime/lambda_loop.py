"""A function whose code uses asyncio: a loop that lives as long as the process, so that what an
author's clients keep open stays usable. Verbs block, and run in a few threads.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from ...engine.invoke import run_plain
from ...engine.told import SKYLIFT, is_authored
from ...invocation import current, invocation
from ...ports import Clock, Report, Running
from .lambda_workers import RESERVE_S
from .wait import drive

R = TypeVar("R")

THREADS_MAX = 16
ASYNCIO = os.path.join(os.path.dirname(asyncio.__file__), "")
VERBS = os.path.join(SKYLIFT, "resources", "")


class LeftRunning(Exception):
    """A handler ended while tasks it had started were still running. They were cancelled."""


class LoopWorkers:
    """`until` is when Lambda will end the process, in seconds since the epoch."""

    def __init__(self, clock: Clock, report: Report) -> None:
        self._clock, self._report = clock, report
        self._runner = asyncio.Runner()
        self._threads = ThreadPoolExecutor(THREADS_MAX, "skylift")
        self._alarm: asyncio.TimerHandle | None = None
        self.until = 0.0
        self._runner.get_loop().set_task_factory(noted)  # pyright: ignore[reportArgumentType]

    def drive(self, coroutine: Coroutine[Any, Any, R]) -> R:
        return self._runner.run(coroutine, context=contextvars.copy_context())

    async def gather(self, verbs: Sequence[Awaitable[Any]]) -> list[Any]:
        done = await asyncio.gather(*verbs, return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome
        return done

    async def ending(self, handler: Awaitable[R]) -> R:
        """One that blocks the loop keeps the alarm from ringing, and is seen when it ends."""
        result, running = await handler, invocation()
        if self._clock.time() > running.deadline:
            running.expire()
        return result

    def run(self, call: Callable[..., R], /, **arguments: Any) -> Awaitable[R]:
        inside = partial(contextvars.copy_context().run, partial(run_plain, call, arguments))
        return self._runner.get_loop().run_in_executor(self._threads, inside)

    isolated = run

    def started(self, running: Running, concurrency_max: int | None) -> None:
        task, loop = asyncio.current_task(), self._runner.get_loop()
        running.deadline = min(running.deadline, self.until - RESERVE_S)

        def ring() -> None:
            running.expire()
            self._report.warned(running.function, "its deadline has passed: it is cancelled")
            if task is not None:
                task.cancel()

        self._alarm = loop.call_later(max(running.deadline - self._clock.time(), 0), ring)

    def ended(self, running: Running) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    def left(self, running: Running) -> LeftRunning | None:
        """Cancel what the handler has left running; Lambda would freeze it in the middle. What a
        library keeps for itself is no mistake.
        """
        tasks, running.tasks = running.tasks or {}, None
        theirs = [one for one, file in tasks.items() if not one.done() and is_theirs(one, file)]
        for task in theirs:
            task.cancel()
        if not theirs:
            return None
        coroutines: list[Any] = [task.get_coro() for task in theirs]
        names = ", ".join(sorted(f"{one.__qualname__}()" for one in coroutines))
        return LeftRunning(f"the handler ended, and left running what it had started: {names}")

    def beside(self, adapter: Any) -> Threaded:
        return Threaded(adapter, self)


class Threaded:
    """An adapter whose verbs block, in a thread each."""

    def __init__(self, adapter: Any, workers: LoopWorkers) -> None:
        self._adapter, self._workers = adapter, workers

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._adapter, name)

        def call(*given: Any) -> Awaitable[Any]:
            return self._workers.run(lambda: drive(verb(*given)))

        return call


def noted(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    """A task, noted in the invocation that starts it with the file of the code that does."""
    task = asyncio.Task(coroutine, loop=loop, **options)
    running = current.get(None)
    if running is not None and not running.ended:
        frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        while frame.f_back is not None and frame.f_code.co_filename.startswith(ASYNCIO):
            frame = frame.f_back
        if running.tasks is None:
            running.tasks = {}
        running.tasks[task] = frame.f_code.co_filename
    return task


def is_theirs(task: asyncio.Task[Any], maker: str) -> bool:
    """Theirs made it, or runs in it; a verb in a task is the author's doing."""
    frame = getattr(task.get_coro(), "cr_frame", None)
    files = [maker, *([frame.f_code.co_filename] if frame is not None else [])]
    return any(file.startswith(VERBS) or is_authored(file) for file in files)
