"""Spans as what they were: a trace is a tree, from what began it through every message it sent to
the handlers of those. Pure: of spans and logs in any order, with some of them missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .record import Log, Span


@dataclass(frozen=True)
class Branch:
    """A span with what belongs to it, in order of time."""

    span: Span
    children: list[Branch] = field(default_factory=list["Branch"])
    logs: list[Log] = field(default_factory=list[Log])
    waited_s: float | None = None  # for its turn: since it was sent, or since the attempt before
    unhandled: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # queue, id

    def walk(self) -> Iterable[Branch]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Trace:
    id: str
    roots: list[Branch]  # more than one where what they began with is no longer kept
    logs: list[Log] = field(default_factory=list[Log])  # of spans that are not kept

    @property
    def branches(self) -> list[Branch]:
        return [branch for root in self.roots for branch in root.walk()]

    @property
    def spans(self) -> list[Span]:
        return [branch.span for branch in self.branches]

    @property
    def started(self) -> float:
        return min(span.started for span in self.spans)

    @property
    def duration_s(self) -> float:
        return max(span.ended for span in self.spans) - self.started

    @property
    def failures(self) -> int:
        return sum(span.has_failed for span in self.spans)


def traces_of(spans: Iterable[Span], logs: Iterable[Log] = ()) -> list[Trace]:
    """Every trace of these spans, the newest last."""
    by_trace: dict[str, list[Span]] = {}
    for span in spans:
        by_trace.setdefault(span.trace, []).append(span)
    logs_by_trace: dict[str, list[Log]] = {}
    for log in logs:
        logs_by_trace.setdefault(log.trace, []).append(log)
    found = [trace_of(id, own, logs_by_trace.get(id, [])) for id, own in by_trace.items()]
    return sorted(found, key=lambda one: one.started)


def trace_of(id: str, spans: Sequence[Span], logs: Sequence[Log]) -> Trace:
    """The tree of one trace's spans, of which there is at least one."""
    ordered = sorted(spans, key=lambda one: (one.started, one.attempt))
    handled = {span.delivery_id for span in ordered}
    branches = {
        span.span: Branch(
            span,
            logs=sorted((log for log in logs if log.span == span.span), key=lambda one: one.time),
            waited_s=_waited(span, ordered),
            unhandled=[sent for sent in span.sent if sent[1] not in handled],
        )
        for span in ordered
    }
    roots: list[Branch] = []
    for branch in branches.values():
        sender = branches.get(branch.span.parent)
        (roots if sender is None else sender.children).append(branch)
    lost = [log for log in logs if log.span not in branches]
    return Trace(id, roots, sorted(lost, key=lambda one: one.time))


def _waited(span: Span, ordered: Sequence[Span]) -> float | None:
    if not span.delivery_id:
        return None
    before = [
        one.ended
        for one in ordered
        if one.delivery_id == span.delivery_id and one.attempt < span.attempt
    ]
    return max(0.0, span.started - max(before)) if before else span.waited_s
