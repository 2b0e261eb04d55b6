"""A trace, drawn: what caused what, when and for how long, what went wrong and what was logged, in
100 columns of plain text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ..graph.text import of
from ..telemetry.record import Failure, Log, Span
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
FORK, LAST, BAR, GAP = "├─ ", "└─ ", "│  ", "   "


def drawn(trace: Trace) -> Iterator[str]:
    failed = f", {trace.failures} failed" if trace.failures else ""
    yield f"trace {trace.id}"
    yield (
        f"{day(trace.started)} {clock(trace.started)}, {took(trace.duration_s)}, "
        f"{of(len(trace.spans), 'span')}{failed}"
    )
    yield ""
    yield f"{'':{LEFT}}{'at':>{COLUMN}}{'took':>{COLUMN}}"
    for root in trace.roots:
        yield from _branch(root, "", "", trace.started)
    for log in trace.logs:
        yield from _log(log, "", trace.started)


def _branch(branch: Branch, first: str, rest: str, began: float) -> Iterator[str]:
    span = branch.span
    times = f"{_at(span.started - began):>{COLUMN}}{took(span.duration_s):>{COLUMN}}"
    yield from _lines(_told(branch), first, rest, times)
    below = [*branch.children, *branch.unhandled]
    bar = rest + (BAR if below else GAP)
    for log in branch.logs:
        if not _is_same(log, span.error):
            yield from _log(log, bar, began)
    if span.error is not None:
        yield from _failure(span, span.error, bar)
    for one in below:
        fork, next_rest = (FORK, BAR) if one is not below[-1] else (LAST, GAP)
        if isinstance(one, Branch):
            yield from _branch(one, rest + fork, rest + next_rest, began)
        else:
            queue, id = one
            yield f"{rest}{fork}{queue}  message {id[:ID_SHOWN]} has not been handled yet"


def _told(branch: Branch) -> str:
    span = branch.span
    words = [f"{span.source}  {span.function}"]
    if span.attempts_max:
        words.append(f"attempt {span.attempt} of {span.attempts_max}")
    if branch.waited_s is not None:
        words.append(f"waited {took(branch.waited_s)}")
    if span.is_cold:
        words.append("cold")
    return visible("  ".join(words))


def _failure(span: Span, failure: Failure, bar: str) -> Iterator[str]:
    """A client's mistake is told with its status, a failure with a cross."""
    mark = "✗" if span.has_failed else str(failure.status)
    yield from _lines(visible(f"{mark} {failure}"), bar, bar + " " * (len(mark) + 1))
    if failure.place is not None:
        yield f"{bar}{' ' * (len(mark) + 1)}{visible(shown_place(failure.place))}"
    if span.has_failed and 0 < span.attempts_max <= span.attempt:
        yield f"{bar}✗ that was the last attempt: it is among the dead letters of {span.function}"


def _is_same(log: Log, failure: Failure | None) -> bool:
    """The failure as it was reported: the tree tells it by itself."""
    return failure is not None and log.level == "ERROR" and log.text == str(failure)


def _log(log: Log, bar: str, began: float) -> Iterator[str]:
    text = "  ".join(
        part for part in (log.level, visible(log.text), visible(shown_fields(log))) if part
    )
    yield from _lines(text, bar, bar + GAP, f"{_at(log.time - began):>{COLUMN}}")
    yield from (f"{bar}{GAP}{line}"[:WIDTH] for line in frames_of(log))


def _at(seconds: float) -> str:
    return took(seconds) if seconds > 0 else "0"


def _lines(text: str, first: str, rest: str, columns: str = "") -> Iterator[str]:
    """The text, wrapped, with its columns on the right of its first line."""
    width = max(LEFT - 2 - len(rest), LEAST)
    lines = [
        line
        for part in text.splitlines()
        for line in textwrap.wrap(part, width, drop_whitespace=False, break_on_hyphens=False)
    ] or [""]
    yield f"{first + lines[0].rstrip():{LEFT}}{columns}".rstrip()
    yield from (f"{rest}{line}".rstrip() for line in lines[1:])
