"""What is recorded: spans, logs and usage. Records are plain values that outlive the code they tell
of; the order of their fields is the format, so new ones go to the end, with a default.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, json

from ..engine.told import Place

GIVEN_UP = 499  # the status of what was cancelled: who asked has gone, or the app stops
GIVEN_BACK = 0  # of a delivery: the app stopped, and its message is as if it had not been taken


class Failure(Struct, frozen=True, array_like=True, gc=False):
    """An error that ended an invocation."""

    type: str
    text: str
    status: int = 500  # what a client was answered, were it a request
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.type}: {self.text}" if self.text else self.type


class Span(Struct, frozen=True, array_like=True, gc=False):
    """One invocation, from its start to its end."""

    function: str
    cause: str  # "http", "queue"
    source: str  # "POST /notes", "counting"
    started: float  # seconds since the epoch
    duration_s: float
    trace: str = ""  # 32 hex digits; nothing while nobody has asked for them
    span: str = ""  # 16 hex digits
    parent: str = ""  # the span that sent or called
    error: Failure | None = None
    sent: tuple[tuple[str, str], ...] = ()  # queue and message id
    delivery_id: str = ""
    attempt: int = 1
    attempts_max: int = 0  # 0: there is no other attempt
    waited_s: float = 0.0  # since the message was sent
    is_cold: bool = False  # the first of its function in its process
    others: tuple[tuple[str, str, str], ...] = ()  # of a batch: id, trace and sender of each other
    marked: tuple[tuple[str, str], ...] = ()  # of a batch as failed: id and reason

    @property
    def ended(self) -> float:
        return self.started + self.duration_s

    @property
    def has_failed(self) -> bool:
        """A client's mistake, answered with a 4xx, is no failure of the function's, nor is it when
        nobody waits any more.
        """
        if self.error is None or self.error.status in (GIVEN_UP, GIVEN_BACK):
            return bool(self.marked)
        return self.cause != "http" or self.error.status >= 500

    @property
    def traces(self) -> tuple[str, ...]:
        """Of all messages of its batch; mostly one."""
        return tuple(dict.fromkeys([self.trace, *(trace for _, trace, _ in self.others)]))

    @property
    def failed_traces(self) -> tuple[str, ...]:
        """Of a batch, only of those messages that were marked."""
        if not (self.marked and self.error is None):
            return self.traces if self.has_failed else ()
        bad = {id for id, _ in self.marked}
        each = [(self.delivery_id, self.trace), *((id, trace) for id, trace, _ in self.others)]
        return tuple(dict.fromkeys([trace for id, trace in each if id in bad]))

    @property
    def delivery_ids(self) -> tuple[str, ...]:
        return (self.delivery_id, *(id for id, _, _ in self.others)) if self.delivery_id else ()


class Log(Struct, frozen=True, array_like=True, gc=False):
    """A line of a log."""

    time: float
    level: str
    logger: str
    text: str
    function: str = ""  # the one that was running
    trace: str = ""
    span: str = ""
    exception: str = ""  # as people are told it
    extra: str = ""  # what `extra=` gave, a JSON object
    buried: str = ""  # the id of the message it tells of; trace and span are then the sender's

    @property
    def fields(self) -> dict[str, Any]:
        return json.decode(self.extra) if self.extra else {}


class Usage(Struct, array_like=True, gc=False):
    """How often a function ran, and how long that took: counts by bucket of `usage.py`."""

    function: str
    count: int = 0
    failures: int = 0
    cold: int = 0
    seconds: float = 0.0
    buckets: dict[int, int] = {}


class Minute(Struct, array_like=True):
    """What was used in one minute by one process."""

    minute: int  # since the epoch
    rss_bytes: int = 0  # the most seen
    functions: list[Usage] = []
