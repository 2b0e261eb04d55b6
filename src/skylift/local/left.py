"""Tasks a handler has started and not awaited: AWS freezes them in the middle, so here they are an
error.

A task is noted in the invocation that starts it, when the loop makes it. A library's own (the
keep-alive of an HTTP client, say) is no mistake: what counts is whose code has made it, or runs
in it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import islice, starmap
from typing import Any, cast

from ..engine.told import SKYLIFT
from ..invocation import Invocation, current
from ..ports import Running
from .place import frame_of, is_authored, places_along, traceback_at

VERBS = os.path.join(SKYLIFT, "resources", "")  # a verb in a task is the author's doing
ASYNCIO = os.path.join(os.path.dirname(asyncio.__file__), "")
TURNS = ("_run", "run")  # of the loop
NOTED = 64  # at least, before those that are done are forgotten
TOLD_MAX = 5
HINT = (
    "hint: await what you start before the handler ends (gather() waits for all of it), or send a "
    "message to a queue: AWS freezes what is left running"
)


class LeftRunning(Exception):
    """A handler ended while tasks it had started were still running. They were cancelled."""


def note_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Have the loop note every task in the invocation that starts it."""
    other = cast(Any, loop.get_task_factory())
    if other is None:
        loop.set_task_factory(cast(Any, noted))
    elif getattr(other, "__wrapped__", other) is not noted:
        loop.set_task_factory(_noted_beside(other))


def noted(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    task = asyncio.Task(coroutine, loop=loop, **options)
    running = current.get(None)
    if running is not None and not running.ended:
        note(running, task)
    return task


def _noted_beside(make: Any) -> Any:
    """The same for a loop that makes its tasks in a way of its own."""

    def noted_too(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> Any:
        task = make(loop, coroutine, **options)
        running = current.get(None)
        if running is not None and not running.ended:
            note(running, task)
        return task

    noted_too.__wrapped__ = noted  # type: ignore[attr-defined]
    return noted_too


def note(running: Invocation, task: asyncio.Task[Any]) -> None:
    tasks = running.tasks
    if tasks is None:
        running.tasks = {task: _maker()}
        return
    count = len(tasks)
    if count >= NOTED and not count & count - 1:  # each time they have doubled
        tasks = running.tasks = {one: maker for one, maker in tasks.items() if not one.done()}
    tasks[task] = _maker()


def _maker() -> str:
    """The file of the code that makes a task just now; nothing for what a callback makes."""
    frame = sys._getframe(3)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith(ASYNCIO):
            return code.co_filename
        if code.co_name in TURNS:
            break
        frame = frame.f_back
    return ""


def left(running: Running) -> LeftRunning | None:
    """Cancel what a handler that has ended left running; the error that this is, if it is one."""
    tasks, running.tasks = running.tasks, None
    theirs = {
        task: maker
        for task, maker in (tasks or {}).items()
        if not task.done() and not task.cancelling() and _is_theirs(task, maker)
    }
    for task in theirs:
        task.cancel()
    return _error(theirs) if theirs else None


def _is_theirs(task: asyncio.Task[Any], maker: str) -> bool:
    if maker and is_authored(maker):
        return True
    frame = frame_of(task.get_coro())
    file = frame.f_code.co_filename if frame else "<unknown>"
    return is_authored(file) or file.startswith(VERBS)


def _error(tasks: dict[Any, str]) -> LeftRunning:
    coroutines: list[Any] = [task.get_coro() for task in tasks]
    first = islice(zip(coroutines, tasks.values(), strict=True), TOLD_MAX)
    told = ", ".join(starmap(_told, first))
    if len(tasks) > TOLD_MAX:
        told += f" and {len(tasks) - TOLD_MAX} more"
    error = LeftRunning(f"the handler ended, and left running what it had started: {told}. {HINT}")
    return error.with_traceback(traceback_at(list(places_along(coroutines[0]))))


def _told(coroutine: Any, maker: str) -> str:
    """`refresh() at notes.py:31`, of a verb `notes.put()`, or `sleep() begun in notes.py`."""
    name = getattr(coroutine, "__qualname__", type(coroutine).__name__).rpartition(".<locals>.")[2]
    places = list(places_along(coroutine))
    if places:
        return f"{name}() at {places[-1].file}:{places[-1].line}"
    frame = frame_of(coroutine)
    if frame is not None and frame.f_code.co_filename.startswith(VERBS):
        resource = getattr(frame.f_locals.get("self"), "name", None)
        return f"{resource}.{coroutine.__name__}()" if resource else f"{name}()"
    return f"{name}() begun in {os.path.basename(maker)}" if maker else f"{name}()"
