"""`skylift traces APP [ID]`: the last traces of an app, or one of them as a tree."""

from __future__ import annotations

import argparse
from typing import Any

from ..graph.text import aligned
from ..telemetry.column import ids_of
from ..telemetry.reader import Reader
from ..telemetry.record import Failure
from ..telemetry.tree import Branch, Trace
from .load import UserError
from .logs import count
from .reading import add_reading_arguments, print_json
from .recorded import ID_SHOWN, as_document, clock, day, iso, reader_of, took, visible
from .tree import drawn

LIMIT = 20
HEAD = ("trace", "at", "took", "spans", "failed", "began with")
ID_LEAST, ID_LENGTH = 4, 32
HEX = frozenset("0123456789abcdef")
NAMED_MAX = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_reading_arguments(parser)
    parser.add_argument(
        "id", nargs="?", metavar="ID", help="of a trace, or how it begins: shows its tree"
    )
    parser.set_defaults(late="id")
    parser.add_argument("--failed", action="store_true", help="only those in which something has")
    parser.add_argument(
        "--limit", type=count, default=LIMIT, help=f"how many, the last ones ({LIMIT})"
    )


def traces(options: argparse.Namespace) -> int:
    reader = reader_of(options)
    if options.id is not None:
        trace = one_of(reader, options.id)
        if options.json:
            print_json(document(trace))
        else:
            print(*drawn(trace), sep="\n")
        return 0
    found = reader.traces(options.limit, only_failed=options.failed)
    if options.json:
        print_json([summary(one) for one in found])
    elif found:
        _print(found)
    else:
        print("no traces")
    return 0


def one_of(reader: Reader, said: str) -> Trace:
    """The trace whose id begins so; a whole traceparent will do, too."""
    wanted = ids_of(said)[0] or said.lower()
    if not ID_LEAST <= len(wanted) <= ID_LENGTH or set(wanted) - HEX:
        raise UserError(
            f"{said!r} is no id of a trace: {ID_LEAST} to {ID_LENGTH} of 0-9 and a-f\n"
            "    hint: `skylift traces APP` lists the last ones"
        )
    found = sorted(reader.ids(wanted))
    if not found:
        raise UserError(
            f"there is no trace {said}\n    hint: the last ones are listed without an ID; "
            "the oldest go when the file is full"
        )
    if len(found) > 1:
        named = ", ".join(found[:NAMED_MAX]) + (", …" if len(found) > NAMED_MAX else "")
        raise UserError(f"{len(found)} traces begin with {said}\n    hint: say more of {named}")
    return reader.trace(found[0])


def _print(found: list[Trace]) -> None:
    for today in dict.fromkeys(day(one.started) for one in found):
        print(today)
        print(
            *aligned([HEAD, *(_row(one) for one in found if day(one.started) == today)]), sep="\n"
        )


def _row(trace: Trace) -> list[str]:
    root = trace.roots[0].span
    numbers = [took(trace.duration_s), f"{len(trace.spans):,}", f"{trace.failures or '-'}"]
    began = visible(f"{root.source}  {root.function}")
    return [trace.id[:ID_SHOWN], clock(trace.started), *numbers, began]


def summary(trace: Trace) -> dict[str, Any]:
    root = trace.roots[0].span
    return {
        "trace": trace.id,
        "source": root.source,
        "function": root.function,
        "started": iso(trace.started),
        "duration_s": round(trace.duration_s, 6),
        "spans": len(trace.spans),
        "failed": trace.failures,
    }


def document(trace: Trace) -> dict[str, Any]:
    """The spans in the order of the tree."""
    spans = [_span(branch) for branch in trace.branches]
    return summary(trace) | {"spans": spans, "logs": [as_document(one) for one in trace.logs]}


def _span(branch: Branch) -> dict[str, Any]:
    span = branch.span
    waiting = set(branch.unhandled)
    return {
        "span": span.span,
        "parent": span.parent,
        "function": span.function,
        "cause": span.cause,
        "source": span.source,
        "started": iso(span.started),
        "duration_s": round(span.duration_s, 6),
        "waited_s": None if branch.waited_s is None else round(branch.waited_s, 6),
        "delivery_ids": span.delivery_ids,
        "attempt": span.attempt,
        "attempts_max": span.attempts_max,
        "cold": span.is_cold,
        "failed": span.has_failed,
        "error": _error(span.error),
        "marked": [{"id": id, "reason": reason} for id, reason in span.marked],
        "sent": [
            {"queue": queue, "id": id, "handled": (queue, id) not in waiting}
            for queue, id in span.sent
        ],
        "logs": [as_document(one) for one in branch.logs],
    }


def _error(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    place = failure.place
    return {
        "type": failure.type,
        "text": failure.text,
        "status": failure.status,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "function": place.function if place else None,
    }
