"""The invocation now running: which function, what it may touch, until when.

It travels in a context variable, so that a declared resource needs no global backend and several apps (or several
simulated worlds) live in one process. A verb costs one frozenset test here.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime
from typing import Any, NoReturn

from msgspec import Struct

from .errors import AccessDenied, Expired
from .ports import Ports

Grant = tuple[str, str]  # resource name, verb
NOTHING: frozenset[Grant] = frozenset()


class Everything(frozenset[Grant]):
    """Grants of tools and tests: every verb of every resource."""

    def __contains__(self, grant: object) -> bool:
        return True


EVERYTHING = Everything()


class Context(Struct, frozen=True):
    """What a handler may ask about its own invocation."""

    function: str
    invocation_id: str
    deadline: datetime
    trace: str
    delivery_id: str | None = None
    attempt: int = 1
    attempts_max: int | None = None
    scheduled_time: datetime | None = None


class Invocation:
    __slots__ = ("deadline", "expired", "function", "grants", "id", "ports", "trace")

    def __init__(
        self,
        function: str,
        grants: frozenset[Grant],
        ports: Ports,
        *,
        id: str = "",
        deadline: float = 0.0,
        trace: str = "",
    ) -> None:
        self.function, self.grants, self.ports = function, grants, ports
        self.id, self.deadline, self.trace = id, deadline, trace
        self.expired = False

    def expire(self) -> None:
        """The deadline has passed: every later verb of this invocation raises Expired."""
        self.expired, self.grants = True, NOTHING


current: ContextVar[Invocation] = ContextVar("skylift.invocation")


def invocation() -> Invocation:
    """The running invocation; RuntimeError outside of one."""
    try:
        return current.get()
    except LookupError:
        raise RuntimeError(
            "this needs a running app: it was called outside a handler (in a test, enter skylift.testing's running(app))"
        ) from None


def reach(resource: str, verb: str) -> Any:
    """The adapter behind a resource, once the running function is seen to be allowed this verb."""
    try:
        running = current.get()
    except LookupError:
        raise RuntimeError(
            f"{resource}.{verb} was called outside a running app: "
            "call it from a handler, or inside skylift.testing's running(app)"
        ) from None
    if (resource, verb) not in running.grants:
        refuse(running, resource, verb)
    return running.ports.adapters[resource]


def refuse(running: Invocation, resource: str, verb: str) -> NoReturn:
    if running.expired:
        raise Expired(
            f"{running.function}: {resource}.{verb} after the deadline: the invocation is over"
        )
    raise AccessDenied(
        f"{running.function} may not {resource}.{verb}: its code shows no such call. "
        f"If it is meant, say uses=({resource}.{verb},) on its trigger"
    )


def now() -> datetime:
    """The time, aware and in UTC, from the app's clock (a simulated one in tests)."""
    return invocation().ports.clock.now()


def new_id() -> str:
    """32 hex digits: 12 of milliseconds, so that ids sort by age, and 20 that nobody can guess."""
    ports = invocation().ports
    return f"{int(ports.clock.time() * 1000):012x}{ports.entropy.token_bytes(10).hex()}"
