"""`skylift metrics APP`: how often each function ran lately, how long it took, how it ended."""

from __future__ import annotations

import argparse
from typing import Any

from ..graph.text import aligned, of
from ..system import SystemClock
from ..telemetry.record import Usage
from ..telemetry.usage import MINUTE_S, percentile, summed
from .finding import in_bytes
from .reading import add_reading_arguments, print_json
from .recorded import iso, reader_of, took

MINUTES = 60
HEAD = ("function", "count", "failed", "p50", "p95", "cold")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_reading_arguments(parser)
    parser.add_argument(
        "--minutes", type=minutes, default=MINUTES, help=f"how far to look back ({MINUTES})"
    )


def minutes(said: str) -> int:
    if not (said.isdecimal() and int(said)):
        raise argparse.ArgumentTypeError(f"{said!r} is no number of minutes")
    return int(said)


def metrics(options: argparse.Namespace) -> int:
    since = SystemClock().time() - options.minutes * MINUTE_S
    found = reader_of(options).minutes(since)
    functions = summed(found)
    most, last = max((one.rss_bytes for one in found), default=0), found[-1:]
    now = last[0].rss_bytes if last else 0
    if options.json:
        rows = [_document(one) for one in functions]
        memory = {"rss_bytes_max": most, "rss_bytes": now}
        print_json({"since": iso(since), "functions": rows, **memory})
        return 0
    print(f"the last {of(options.minutes, 'minute')}")
    if not functions:
        print("  nothing ran")
        return 0
    print(*aligned([HEAD, *map(_row, functions)]), sep="\n")
    print(f"memory: {in_bytes(now)}, at most {in_bytes(most)}")
    return 0


def _document(one: Usage) -> dict[str, Any]:
    return {
        "function": one.function,
        "count": one.count,
        "failed": one.failures,
        "seconds": one.seconds,
        "p50_s": percentile(one.buckets, 0.5),
        "p95_s": percentile(one.buckets, 0.95),
        "cold": one.cold,
    }


def _row(one: Usage) -> list[str]:
    times = [took(percentile(one.buckets, part)) for part in (0.5, 0.95)]
    return [one.function, f"{one.count:,}", f"{one.failures:,}", *times, f"{one.cold:,}"]
