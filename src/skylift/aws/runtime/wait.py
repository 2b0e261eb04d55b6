"""How a verb waits: when its request has left it says so, and blocks for the answer when it is
resumed. Who drives it resumes it at once, or lets others go first: no loop and no thread is needed.
And until when at most: as long as the invocation lasts; around invocations, as long as the process.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextvars import ContextVar
from typing import Any, TypeVar

from ...invocation import current
from ...ports import Clock

R = TypeVar("R")

CALL_S = 10.0  # of who calls outside an invocation that has a deadline
NEVER = float("inf")
ending: ContextVar[float] = ContextVar("skylift.ending", default=NEVER)

THROWN_MAX = 3  # into a handler that goes on waiting
WAITS = (
    "it waits for something that needs an event loop, and was built without one. hint: import "
    "asyncio in the function's own module, so that the build gives it a loop; or await verbs only"
)


class Wait:
    """For the first byte on one of these sockets, or until then by the monotonic clock. Awaited, it
    is True when it is over; where nobody has waited it is None, and who awaits it must.
    """

    __slots__ = ("sockets", "until")

    def __init__(self, sockets: tuple[int, ...], until: float) -> None:
        self.sockets, self.until = sockets, until

    def __await__(self) -> Generator[Wait, bool | None, bool | None]:
        return (yield self)


def drive(coroutine: Coroutine[Any, Any, R]) -> R:
    """What it returns. Nobody else is there, so that it is never kept from blocking."""
    try:
        while True:
            advance(coroutine)
    except StopIteration as ended:
        return ended.value


def advance(coroutine: Coroutine[Any, Any, Any], is_over: bool | None = None) -> Wait:
    """Its next Wait; StopIteration when it has ended. Where it waits for an event loop it is told
    so, which fails its handler.
    """
    found = coroutine.send(is_over)
    for _ in range(THROWN_MAX):
        if type(found) is Wait:
            return found
        found = coroutine.throw(RuntimeError(WAITS))
    if type(found) is Wait:
        return found
    coroutine.close()
    raise RuntimeError(WAITS)


def deadline(clock: Clock) -> float:
    """Seconds since the epoch."""
    running = current.get(None)
    if running is None or not running.deadline:
        return min(clock.time() + CALL_S, ending.get())
    return running.deadline
