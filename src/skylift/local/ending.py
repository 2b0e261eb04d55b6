"""A coroutine that goes on after its deadline, whatever it is told: the invocation ends without it.

It is driven step by step by a generator that stands between the invocation and it, in one and the
same task. So whoever waits for the invocation need not know that this can happen.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, cast

from .place import frame_of, places_along, traceback_at, waiting_along

ASKED_S = 0.5  # to end after its deadline, by a cancellation each time one looks
CLOSED_MAX = 20  # a coroutine may wait in its `finally`, again and again
ABANDONED = "skylift: the invocation ends without it"


class Abandoned(Exception):
    """A handler went on though it was cancelled, and runs no more."""


@types.coroutine
def ending(driven: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """The result of a handler, unless its task is abandoned."""
    given: Any = None
    thrown: BaseException | None = None
    while True:
        try:
            awaited = driven.send(given) if thrown is None else driven.throw(thrown)
        except StopIteration as end:
            return end.value
        finally:
            thrown = None  # its traceback holds this frame
        try:
            given = yield awaited
        except GeneratorExit:
            driven.close()
            raise
        except asyncio.CancelledError as error:
            if error.args and error.args[0] is ABANDONED:
                raise _ended(driven) from None
            thrown = error
        except BaseException as error:
            thrown = error


def abandon(task: asyncio.Task[Any]) -> None:
    """Have the handler that runs in this task be left behind. What it waits for may refuse to end
    as well, so the task is woken from there by another future.
    """
    awaited = cast(Any, task)._fut_waiter
    waiting: list[tuple[Callable[[Any], object], Any]] = getattr(awaited, "_callbacks", None) or []
    for wake, context in waiting:
        if getattr(wake, "__self__", None) is task:
            awaited.remove_done_callback(wake)
            loop = task.get_loop()
            end = loop.create_future()
            end.cancel(ABANDONED)
            loop.call_soon(wake, end, context=context)
            return
    task.cancel(ABANDONED)  # it is about to run


def _ended(driven: Coroutine[Any, Any, Any]) -> Abandoned:
    """Close it; the error that this is, with the place where the handler was."""
    trace = traceback_at(list(places_along(driven)))
    for one in [one for one, _ in waiting_along(driven)]:
        if not _is_closed(one):
            UNENDING.append(one)
    error = Abandoned("it was cancelled and went on; it was ended where it was")
    return error.with_traceback(trace)


def _is_closed(coroutine: Any) -> bool:
    for _ in range(CLOSED_MAX):
        try:
            coroutine.close()
            return True
        except BaseException:  # "coroutine ignored GeneratorExit", or what it raises at its end
            if frame_of(coroutine) is None:
                return True
    return False


UNENDING: list[Awaitable[Any]] = []  # were they let go, Python would try again, and complain
