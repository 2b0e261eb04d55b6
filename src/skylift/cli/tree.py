"""A trace, drawn: what caused what, when and for how long, what went wrong and what was logged, in
100 columns of plain text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from ..graph.text import of
from ..telemetry.record import GIVEN_BACK, Failure, Log
from ..telemetry.tree import Branch, Trace
from .recorded import (
    ID_SHOWN,
    clock,
    day,
    frames_of,
    shown_fields,
    shown_place,
    took,
    visible,
)

WIDTH, COLUMN = 100, 11
LEFT = WIDTH - 2 * COLUMN
LEAST = 30  # columns for a text, however deep it stands
FORK, LAST, BAR, GAP, DEEPER = "├─ ", "└─ ", "│  ", "   ", "↳  "
FAILED = "✗"
DEEP = 14 * len(GAP)  # from here on a chain goes straight down


def drawn(trace: Trace) -> Iterator[str]:
    failed = f", {trace.failures} failed" if trace.failures else ""
    yield f"trace {trace.id}"
    yield (
        f"{day(trace.started)} {clock(trace.started)}, {took(trace.duration_s)}, "
        f"{of(len(trace.spans), 'span')}{failed}"
    )
    yield ""
    yield f"{'':{LEFT}}{'at':>{COLUMN}}{'took':>{COLUMN}}"
    waiting = [Twig(root, "", "") for root in reversed(trace.roots)]
    while waiting:  # and no recursion: a function may send to itself for ever
        twig = waiting.pop()
        yield from _lines_of(twig, trace.started)
        waiting += reversed(list(_below(twig)))
    for log in trace.logs:
        yield from _log(log, "", trace.started, "")


class Twig(NamedTuple):
    """A line of the tree with what stands left of it, and left of all below it."""

    what: Branch | tuple[str, str]
    first: str
    rest: str


def _below(twig: Twig) -> Iterator[Twig]:
    if isinstance(twig.what, Branch):
        below = [*twig.what.children, *twig.what.unhandled]
        for one in below:
            if len(twig.rest) >= DEEP:
                yield Twig(one, twig.rest + DEEPER, twig.rest)
            elif one is below[-1]:
                yield Twig(one, twig.rest + LAST, twig.rest + GAP)
            else:
                yield Twig(one, twig.rest + FORK, twig.rest + BAR)


def _lines_of(twig: Twig, began: float) -> Iterator[str]:
    if not isinstance(twig.what, Branch):
        queue, id = twig.what
        yield f"{twig.first}{queue}  message {id[:ID_SHOWN]} has not been handled yet"
        return
    branch, span = twig.what, twig.what.span
    times = f"{_at(span.started - began):>{COLUMN}}{took(span.duration_s):>{COLUMN}}"
    yield from _lines(_told(branch), twig.first, twig.rest, times)
    bar = twig.rest + (BAR if branch.children or branch.unhandled else GAP)
    for log in branch.logs:
        if not _is_same(log, span.error):
            yield from _log(log, bar, began, span.function)
    if span.error is not None:
        yield from _failure(branch, span.error, bar)
    for id, reason in span.marked:
        text = visible(f"{FAILED} message {id[:ID_SHOWN]}: {reason}")
        yield from _lines(text, bar, bar + " " * (len(FAILED) + 1))


def _told(branch: Branch) -> str:
    span = branch.span
    words = [f"{span.source}  {span.function}"]
    if span.others:
        words.append(f"{len(span.delivery_ids)} messages")
    if span.attempts_max:
        words.append(f"attempt {span.attempt} of {span.attempts_max}")
    if branch.lost:
        words.append(f"after {branch.lost} lost")
    if branch.waited_s is not None:
        words.append(f"waited {took(branch.waited_s)}")
    if span.is_cold:
        words.append("cold")
    return visible("  ".join(words))


def _failure(branch: Branch, failure: Failure, bar: str) -> Iterator[str]:
    """A client's mistake is told with its status, a failure with a cross."""
    span = branch.span
    if failure.status == GIVEN_BACK:
        yield from _lines(f"given back: {failure.text}", bar, bar)
        return
    mark = FAILED if span.has_failed else str(failure.status)
    yield from _lines(visible(f"{mark} {failure}"), bar, bar + " " * (len(mark) + 1))
    if failure.place is not None:
        yield f"{bar}{' ' * (len(mark) + 1)}{visible(shown_place(failure.place))}"
    is_said = any(log.buried for log in branch.logs)
    if span.has_failed and span.attempts_max and not branch.is_retried and not is_said:
        is_last = span.attempt >= span.attempts_max
        to_come = f"attempt {span.attempt + 1} of {span.attempts_max} is still to come"
        buried = f"now a dead letter of {span.function}"
        if span.cause == "dead":
            buried = "it stays a dead letter"
        yield f"{bar}{buried if is_last else to_come}"


def _is_same(log: Log, failure: Failure | None) -> bool:
    """The failure as it was reported: the tree tells it by itself."""
    return failure is not None and log.level == "ERROR" and log.text == str(failure)


def _log(log: Log, bar: str, began: float, function: str) -> Iterator[str]:
    """Below a span of this function."""
    other = log.function if log.buried and log.function != function else ""
    text = "  ".join(
        part for part in (log.level, other, visible(log.text), visible(shown_fields(log))) if part
    )
    yield from _lines(text, bar, bar + GAP, f"{_at(log.time - began):>{COLUMN}}")
    yield from (f"{bar}{GAP}{line}"[:WIDTH] for line in frames_of(log))


def _at(seconds: float) -> str:
    return took(seconds) if seconds > 0 else "0"


def _lines(text: str, first: str, rest: str, columns: str = "") -> Iterator[str]:
    """The text, wrapped, with its columns on the right of its first line."""
    width = max((LEFT - 2 if columns else WIDTH) - len(rest), LEAST)
    lines = [
        line
        for part in text.splitlines()
        for line in textwrap.wrap(part, width, drop_whitespace=False, break_on_hyphens=False)
    ] or [""]
    yield f"{first + lines[0].rstrip():{LEFT}}{columns}".rstrip()
    yield from (f"{rest}{line}".rstrip() for line in lines[1:])
