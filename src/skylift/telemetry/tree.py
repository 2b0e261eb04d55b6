"""Spans as what they were: a trace is a tree, from what began it through every message it sent to
the handlers of those. Pure: of spans and logs in any order, with some of them missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec.structs import replace

from .record import Log, Span

Attempts: TypeAlias = dict[str, dict[str, list[Span]]]

FANNED = ("topic", "bus")  # what they bring has one id, whoever gets it
DEAD = ".dead"


@dataclass(frozen=True)
class Branch:
    """A span with what belongs to it, in order of time."""

    span: Span
    children: list[Branch] = field(default_factory=list["Branch"])
    logs: list[Log] = field(default_factory=list[Log])
    unhandled: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # queue, id
    waited_s: float | None = None  # for its turn: since it was sent, or since the attempt before
    lost: int = 0  # attempts right before it that left no span: a crash, mostly
    is_retried: bool = False  # there is a later attempt


@dataclass(frozen=True)
class Trace:
    id: str
    roots: list[Branch]  # more than one where what they began with is no longer kept
    logs: list[Log] = field(default_factory=list[Log])  # of spans that are not kept

    @property
    def branches(self) -> list[Branch]:
        """As they are drawn: each before its children. A chain of messages may be very long."""
        found: list[Branch] = []
        waiting = self.roots[::-1]
        while waiting:
            found.append(waiting.pop())
            waiting += found[-1].children[::-1]
        return found

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
        for id in span.traces:
            by_trace.setdefault(id, []).append(span)
    logs_by_trace: dict[str, list[Log]] = {}
    for log in logs:
        logs_by_trace.setdefault(log.trace, []).append(log)
    found = [trace_of(id, own, logs_by_trace.get(id, [])) for id, own in by_trace.items()]
    return sorted(found, key=lambda one: one.started)


def trace_of(id: str, spans: Sequence[Span], logs: Sequence[Log]) -> Trace:
    """The tree of one trace's spans, of which there is at least one."""
    ordered = sorted((_seen_from(id, span) for span in spans), key=lambda one: one.started)
    attempts = _attempts(ordered)
    known = attempts.keys() | {log.buried for log in logs}
    branches = {span.span: _branch(span, attempts, known) for span in ordered}
    lost: list[Log] = []
    for log in sorted(logs, key=lambda one: one.time):
        branch = branches.get(log.span)
        if log.buried in attempts:
            last = _last_before(log, attempts[log.buried])
            if last is not None:  # the attempt it was buried after, else its sender's
                branch = branches[last.span]
                log = replace(log, span=last.span)
        (lost if branch is None else branch.logs).append(log)
    roots: list[Branch] = []
    for branch in branches.values():
        sender = branches.get(branch.span.parent)
        (roots if sender is None else sender.children).append(branch)
    return Trace(id, roots, lost)


def _seen_from(id: str, span: Span) -> Span:
    """A batch is a part of the trace of each of its messages, with what was marked of these."""
    if span.marked:
        own = {span.delivery_id} if span.trace == id else set[str]()
        own |= {delivery for delivery, trace, _ in span.others if trace == id}
        span = replace(span, marked=tuple([one for one in span.marked if one[0] in own]))
    if span.trace == id:
        return span
    delivery, _, sender = next(one for one in span.others if one[1] == id)
    rest = (
        (span.delivery_id, span.trace, span.parent),
        *(one for one in span.others if one[0] != delivery),
    )
    return replace(span, trace=id, parent=sender, delivery_id=delivery, others=rest)


def _attempts(ordered: Sequence[Span]) -> Attempts:
    """By delivery, and there by who takes it: what was published has one id with all who get it."""
    found: Attempts = {}
    for span in ordered:
        for delivery in span.delivery_ids:
            takers = found.setdefault(delivery, {})
            takers.setdefault(_taker(span, takers), []).append(span)
    return found


def _taker(span: Span, takers: Mapping[str, list[Span]]) -> str:
    """What outlives a renamed function: the queue; of who shares a source with others, the function
    itself. A dead letter goes on where its attempts were.
    """
    if span.cause == "dead":
        dead = span.source.removesuffix(DEAD)
        return next((taker for taker, own in takers.items() if own[0].function == dead), dead)
    return span.function if span.cause in FANNED else span.source


def _last_before(log: Log, takers: Mapping[str, list[Span]]) -> Span | None:
    """Of the function that the log tells of, or of whoever it is called by now."""
    spans = [one for own in takers.values() for one in own if one.started <= log.time]
    named = [one for one in spans if one.function == log.function]
    return max(named or spans, key=lambda one: one.started, default=None)


def _branch(span: Span, attempts: Attempts, known: Set[str]) -> Branch:
    """`known` are the messages of which it is known what became of them."""
    unhandled = [sent for sent in span.sent if sent[1] not in known]
    if not span.delivery_id:
        return Branch(span, unhandled=unhandled)
    own = next(own for own in attempts[span.delivery_id].values() if span in own)
    place = own.index(span)
    waited_s, expected = span.waited_s, 1
    if place:
        last = own[place - 1]
        waited_s = max(0.0, span.started - last.ended)
        if last.attempt < span.attempt:  # else it was sent again from the dead letters
            expected = last.attempt + 1
    return Branch(
        span,
        unhandled=unhandled,
        waited_s=waited_s,
        lost=span.attempt - expected,
        is_retried=span is not own[-1],
    )
