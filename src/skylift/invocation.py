"""The invocation now running: which function, what it may touch, until when.

It travels in a context variable, so that a declared resource needs no global backend and several
apps (or several simulated worlds) live in one process. A verb costs one frozenset test here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NoReturn

from msgspec import Struct

from .errors import AccessDenied, Expired
from .ports import OnceMark, Ports

Grant = tuple[str, str]  # resource name, verb
NOTHING: frozenset[Grant] = frozenset()


class Everything(frozenset[Grant]):
    """Grants of tools and tests: every verb of every resource."""

    def __contains__(self, grant: object) -> bool:
        return True


EVERYTHING = Everything()
HEX = frozenset("0123456789abcdef")


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


class Cause(Struct, frozen=True, gc=False):
    """What called a function: a request, or the delivery of a message."""

    kind: str  # "http", "queue"
    source: str  # as people know it: "POST /notes", "counting"
    trace: str = ""  # the caller's traceparent, if it sent one
    sent_at: float = 0.0  # of the message: how long it waited can be told
    delivery_id: str | None = None
    attempt: int = 1
    attempts_max: int | None = None
    others: tuple[tuple[str, str], ...] = ()  # of a batch: ids and traces of the other messages
    scheduled_time: datetime | None = None


NO_CAUSE = Cause("", "")
SENT_NOTED_MAX = 100  # messages: a handler may send without end


class Once(Struct):
    """The once record of a run. It has no `mark` when a request came without a key, which nothing
    protects, or when each message of a batch has a record of its own.
    """

    mark: OnceMark | None = None
    is_batch: bool = False
    is_finishing: bool = False  # a transaction is about to
    is_finished: bool = False  # a transaction has finished it


class Invocation:
    """A running function. Its id and trace are made when first asked for: most handlers never
    ask.
    """

    __slots__ = (
        *("function", "deadline", "grants", "ports", "cause", "started", "sent", "once"),
        *("tasks", "batch"),
        *("expired", "ended", "_id", "_trace", "__weakref__"),
    )

    def __init__(
        self,
        function: str,
        grants: frozenset[Grant],
        ports: Ports,
        *,
        cause: Cause = NO_CAUSE,
        started: float = 0.0,
        deadline: float = 0.0,
    ) -> None:
        self.function, self.grants, self.ports = function, grants, ports
        self.cause, self.started, self.deadline = cause, started, deadline
        self.sent: list[tuple[str, str]] | None = None  # queue and message id
        self.once: Once | None = None  # of a function that runs once
        self.tasks: dict[Any, str] | None = None  # begun on an event loop; the workers note them
        self.batch: Sequence[Any] = ()  # the deliveries it was given
        self._id = self._trace = ""
        self.expired = self.ended = False

    @property
    def id(self) -> str:
        if not self._id:
            self._id = self.ports.entropy.token_bytes(16).hex()
        return self._id

    @property
    def trace(self) -> str:
        """The traceparent (W3C) of this invocation, to be handed on: in the caller's trace when it
        sent a sound one, else in a new one.
        """
        if not self._trace:
            caller = self.cause.trace
            if is_traceparent(caller):
                span = self.ports.entropy.token_bytes(8).hex()
                self._trace = f"00-{caller[3:35]}-{span}-01"
            else:
                fresh = self.ports.entropy.token_bytes(24).hex()
                self._trace = f"00-{fresh[:32]}-{fresh[32:]}-01"
        return self._trace

    @property
    def trace_if_asked(self) -> str:
        """The trace when somebody has asked for it already; nothing is drawn for this."""
        return self._trace

    @property
    def parent(self) -> str:
        """The caller's span, or nothing."""
        return self.cause.trace[36:52] if is_traceparent(self.cause.trace) else ""

    @property
    def marked(self) -> tuple[tuple[str, str], ...]:
        """Of its batch what the handler marked as failed: ids and reasons."""
        return tuple([(one.id, one.error) for one in self.batch if one.error is not None])

    def note_sent(self, messages: Iterable[tuple[str, str]]) -> None:
        """For the trace: to which queues, and the messages' ids; of many the first. The rest is
        known by the traces that the messages carry.
        """
        if self.sent is None:
            self.sent = []
        self.sent += islice(messages, SENT_NOTED_MAX - len(self.sent))

    def expire(self) -> None:
        """The deadline has passed: every later verb of this invocation raises Expired."""
        self.expired, self.grants = True, NOTHING

    def end(self) -> None:
        """The handler is done: what a task it left running asks for is refused."""
        self.ended, self.grants = True, NOTHING


current: ContextVar[Invocation] = ContextVar("skylift.invocation")


def invocation() -> Invocation:
    """The running invocation; RuntimeError outside of one."""
    try:
        return current.get()
    except LookupError:
        raise RuntimeError("this needs a running app: call it from a handler") from None


def context() -> Context:
    """The Context of the running invocation."""
    running = invocation()
    deadline = datetime.fromtimestamp(running.deadline, UTC)
    cause = running.cause
    return Context(
        *(running.function, running.id, deadline, running.trace),
        *(cause.delivery_id, cause.attempt, cause.attempts_max, cause.scheduled_time),
    )


def is_traceparent(text: str) -> bool:
    parts = text.split("-")
    if [len(part) for part in parts] != [2, 32, 16, 2] or set("".join(parts)) - HEX:
        return False
    return parts[0] != "ff" and int(parts[1], 16) > 0 and int(parts[2], 16) > 0


def reach(resource: str, verb: str) -> Any:
    """The adapter behind a resource, once the running function is seen to be allowed this verb."""
    return granted(resource, verb).ports.adapters[resource]


def granted(resource: str, verb: str) -> Invocation:
    """The running invocation, once it is seen to be allowed this verb. In a transaction nothing
    more of it is needed: a backend may have no adapter for what is only sent there.
    """
    try:
        running = current.get()
    except LookupError:
        raise RuntimeError(
            f"{resource}.{verb} was called outside a running app: call it from a handler"
        ) from None
    if (resource, verb) not in running.grants:
        refuse(running, resource, verb)
    return running


def refuse(running: Invocation, resource: str, verb: str) -> NoReturn:
    check_alive(running, f"{resource}.{verb}")
    raise AccessDenied(
        f"{running.function} may not {resource}.{verb}: its code shows no such call. "
        f"If it is meant, say uses=({resource}.{verb},) on its trigger"
    )


def check_alive(running: Invocation, deed: str) -> None:
    """Expired when the deadline has passed or the handler has ended. The latter is told to the log
    too: nobody may wait for a task that was left behind.
    """
    if running.expired:
        raise Expired(f"{running.function}: {deed} after the deadline: the invocation is over")
    if running.ended:
        error = Expired(
            f"{running.function}: {deed} after the handler ended. "
            "hint: await every task before you return: AWS freezes what is left running"
        )
        running.ports.report.failed(running, error)
        raise error


def now() -> datetime:
    """The time, aware and in UTC, from the app's clock (a simulated one in tests)."""
    return invocation().ports.clock.now()


def new_id() -> str:
    """32 hex digits: 12 of milliseconds, so that ids sort by age, and 20 that nobody can guess."""
    return fresh_id(invocation().ports)


def fresh_id(ports: Ports) -> str:
    return f"{int(ports.clock.time() * 1000):012x}{ports.entropy.token_bytes(10).hex()}"
