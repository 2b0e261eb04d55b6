"""Invocations of one function, in columns. Almost all succeed at the first attempt: to note such a
one is to append to a list, and a thousand are made into bytes in a few calls.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from ..invocation import Cause, Invocation
from .record import Failure, Span

TRACEPARENT = re.compile("[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
PLAIN_WIDTH, TOLD_WIDTH = 2, 7
WAITING_MAX = 100_000  # invocations of one function


class Columns(Struct, frozen=True, array_like=True, gc=False):
    """As they are kept. The last five are empty where there is nothing to tell but when: nobody
    asked for ids, no message led to it or came of it.
    """

    function: str
    cause: str
    source: str
    attempts_max: int
    started: bytes  # 64-bit floats
    durations: bytes  # 32-bit floats
    sent_at: bytes = b""  # 64-bit floats
    traces: list[str] = []  # traceparents of their own
    callers: list[str] = []  # traceparents
    deliveries: list[str | None] = []
    sent: list[list[tuple[str, str]] | None] = []

    def seconds(self) -> Sequence[float]:
        return array("f", self.durations)

    def spans(self) -> Iterator[Span]:
        times = zip(array("d", self.started), self.seconds(), strict=True)
        if not self.traces:
            for started, duration_s in times:
                yield Span(*self._head(), started, max(0.0, duration_s))
            return
        told = (array("d", self.sent_at), self.traces, self.callers, self.deliveries, self.sent)
        for (started, duration_s), *others in zip(times, *told, strict=True):
            sent_at, own, caller, delivery, sent = others
            cause = Cause(
                *(self.cause, self.source, caller, sent_at, delivery),
                attempts_max=self.attempts_max,
            )
            yield span_of(self.function, cause, (started, duration_s), own, sent)

    def _head(self) -> tuple[str, str, str]:
        return self.function, self.cause, self.source


class Row(NamedTuple):
    """Where they are noted, each in one step: who takes them may be another thread."""

    source: str
    cause: str
    attempts_max: int | None
    plain: list[float]  # start, duration, start, …
    told: list[Any]  # start, duration, sent at, trace, caller, delivery, messages sent, start, …

    def fits(self, cause: Cause) -> bool:
        """Whether an invocation with this cause belongs here. A retry and a batch have more to
        tell.
        """
        return (
            self.source == cause.source
            and self.cause == cause.kind
            and cause.attempt == 1
            and not cause.others
            and self.attempts_max == cause.attempts_max
        )

    def is_outlived_by(self, cause: Cause) -> bool:
        """The code is another since; and not only what called it, as a function that is started
        beside its queue.
        """
        mine = self.source, self.attempts_max
        return self.cause == cause.kind and mine != (cause.source, cause.attempts_max)

    def note(self, one: Invocation, duration_s: float) -> bool:
        """False when too many wait already."""
        cause, own = one.cause, one.trace_if_asked
        if not (own or cause.trace or cause.delivery_id):
            if len(self.plain) >= PLAIN_WIDTH * WAITING_MAX:
                return False
            self.plain.extend((one.started, duration_s))
            return True
        if len(self.told) >= TOLD_WIDTH * WAITING_MAX:
            return False
        times = one.started, duration_s, cause.sent_at
        self.told.extend((*times, own, cause.trace, cause.delivery_id, one.sent))
        return True

    def taken(self, function: str) -> Iterator[Columns]:
        head = function, self.cause, self.source, self.attempts_max or 0
        plain, told = self.plain[:], self.told[:]
        if plain:
            del self.plain[: len(plain)]
            yield Columns(*head, _doubles(plain[::2]), _floats(plain[1::2]))
        if told:
            del self.told[: len(told)]
            started, durations, sent_at, *texts = (told[at::TOLD_WIDTH] for at in range(TOLD_WIDTH))
            times = _doubles(started), _floats(durations), _doubles(sent_at)
            yield Columns(*head, *times, *texts)


def row_for(cause: Cause) -> Row:
    return Row(cause.source, cause.kind, cause.attempts_max, [], [])


def span_of(
    function: str,
    cause: Cause,
    times: tuple[float, float],
    own: str,
    sent: Sequence[tuple[str, str]] | None,
    *,
    failure: Failure | None = None,
    is_cold: bool = False,
    marked: tuple[tuple[str, str], ...] = (),
) -> Span:
    """`times` are start and duration, `own` is its traceparent if that was asked for."""
    started, duration_s = times
    if own:  # it goes on with the caller's, where that one is sound
        trace, span = own[3:35], own[36:52]
        parent = cause.trace[36:52] if cause.trace[3:35] == trace else ""
    else:
        (trace, parent), span = ids_of(cause.trace), ""
    waited_s = started - cause.sent_at if cause.sent_at else 0.0
    others = [(id, *ids_of(trace)) for id, trace in cause.others]
    return Span(
        *(function, cause.kind, cause.source, started, max(0.0, duration_s)),
        *(trace, span, parent, failure, tuple(sent or ()), cause.delivery_id or ""),
        *(cause.attempt, cause.attempts_max or 0, max(0.0, waited_s), is_cold, tuple(others)),
        marked,
    )


def ids_of(traceparent: str) -> tuple[str, str]:
    """Trace and span of a traceparent; nothing of what is none."""
    found = TRACEPARENT.fullmatch(traceparent)
    return (found[1], found[2]) if found else ("", "")


def _doubles(values: Sequence[float]) -> bytes:
    return array("d", values).tobytes()


def _floats(values: Sequence[float]) -> bytes:
    return array("f", values).tobytes()
