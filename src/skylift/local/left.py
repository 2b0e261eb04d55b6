"""Tasks a handler has started and not awaited: AWS freezes them in the middle, so here they are an
error.

A task is noted in the invocation that starts it, when the loop makes it. A library's own (the
keep-alive of an HTTP client, say) is no mistake: what counts is whose code its coroutine is.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from types import FrameType
from typing import Any, cast

from ..engine.told import SKYLIFT, Place
from ..invocation import Invocation, current
from ..ports import Running
from .place import is_authored, place_of, traceback_at

VERBS = os.path.join(SKYLIFT, "resources", "")  # a verb in a task is the author's doing
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
        running.tasks = [task]
        return
    count = len(tasks)
    if count >= NOTED and not count & count - 1:  # each time they have doubled
        tasks[:] = [one for one in tasks if not one.done()]
    tasks.append(task)


def left(running: Running) -> LeftRunning | None:
    """Cancel what a handler that has ended left running; the error that this is, if it is one."""
    tasks, running.tasks = running.tasks, None
    found = [task for task in tasks or () if not task.done() and not task.cancelling()]
    theirs = [task for task in found if _is_theirs(task)]
    for task in theirs:
        task.cancel()
    return _error(theirs) if theirs else None


def _is_theirs(task: asyncio.Task[Any]) -> bool:
    frame = _frame(task.get_coro())
    file = frame.f_code.co_filename if frame else "<unknown>"
    return is_authored(file) or file.startswith(VERBS)


def _error(tasks: list[asyncio.Task[Any]]) -> LeftRunning:
    coroutines: list[Any] = [task.get_coro() for task in tasks]
    told = ", ".join(map(_told, coroutines[:TOLD_MAX]))
    if len(tasks) > TOLD_MAX:
        told += f" and {len(tasks) - TOLD_MAX} more"
    error = LeftRunning(f"the handler ended, and left running what it had started: {told}. {HINT}")
    return error.with_traceback(traceback_at(list(_places(coroutines[0]))))


def _told(coroutine: Any) -> str:
    """`refresh() at notes.py:31`, or of a verb `notes.put()`."""
    name = coroutine.__qualname__.rpartition(".<locals>.")[2]
    places = list(_places(coroutine))
    if places:
        return f"{name}() at {places[-1].file}:{places[-1].line}"
    resource = getattr(coroutine.cr_frame.f_locals.get("self"), "name", None)
    return f"{resource}.{coroutine.__name__}()" if resource else f"{name}()"


def _places(coroutine: Any) -> Iterator[Place]:
    """The author's, from the coroutine of a task to where it waits."""
    while (frame := _frame(coroutine)) is not None:
        if is_authored(frame.f_code.co_filename):
            yield place_of(frame)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)


def _frame(coroutine: Any) -> FrameType | None:
    """None when it has ended, or was not written in Python."""
    return getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
