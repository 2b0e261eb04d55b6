"""Tasks a handler has started and not awaited: AWS freezes them in the middle, so here they are an
error.

A task is noted in the invocation that starts it, when the loop makes it. A library's own (the
keep-alive of an HTTP client, say) is no mistake: what counts is whose code its coroutine is.
"""

from __future__ import annotations

import asyncio
import os
from types import FrameType
from typing import Any, cast

from ..invocation import Invocation, current
from .place import OURS, Place, is_theirs, place_of, traceback_at

VERBS = os.path.join(OURS, "resources", "")  # a verb in a task is the author's doing
NOTED = 64  # before those that are done are forgotten
TOLD_MAX = 5
HINT = (
    "hint: await what you start before the handler ends (gather() waits for all of it), or send a "
    "message to a queue: AWS freezes what is left running"
)


class LeftRunning(Exception):
    """A handler ended while tasks it had started were still running. They were cancelled."""


class Noted(list["asyncio.Task[Any]"]):
    """The tasks of an invocation, those that run and some that are done."""

    most = NOTED

    def note(self, task: asyncio.Task[Any]) -> None:
        self.append(task)
        if len(self) > self.most:
            self[:] = [one for one in self if not one.done()]
            self.most = NOTED + 2 * len(self)


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
    if running.tasks is None:
        running.tasks = Noted()
    running.tasks.note(task)


def left(running: Invocation) -> LeftRunning | None:
    """End what a handler that has ended left running; the error that it is, if it is one."""
    tasks, running.tasks = running.tasks, None
    found = [task for task in tasks or () if not (task.done() or task.cancelling())]
    theirs = [told for told in map(_told, found) if told is not None]
    ...
