"""`skylift logs APP`: what an app logged, the newest last; with -f also what it logs from now on,
through every restart.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from threading import Event

from ..telemetry.reader import NothingYet, Reader
from ..telemetry.record import Log
from .load import UserError
from .reading import add_reading_arguments, print_json
from .recorded import ID_SHOWN, as_document, clock, day, frames_of, reader_of, shown_fields, visible

LIMIT, LIMIT_MAX = 100, 100_000
LOOK_S = 0.25  # between two looks; the app writes twice a second
INDENT = " " * 13


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_reading_arguments(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    parser.add_argument("--function", default="", metavar="NAME", help="only what it has logged")
    parser.add_argument(
        "--limit", type=count, default=LIMIT, help=f"how many lines, the last ones ({LIMIT})"
    )


def count(said: str) -> int:
    if not (said.isdecimal() and 0 < int(said) <= LIMIT_MAX):
        raise argparse.ArgumentTypeError(f"{said!r} is no count: 1 to {LIMIT_MAX}")
    return int(said)


def logs(options: argparse.Namespace) -> int:
    if options.json and options.follow:
        raise UserError(
            "--json is one document, and -f never comes to an end\n    hint: leave one of them out"
        )
    reader = reader_of(options)
    if options.json:
        print_json([as_document(one) for one in reader.logs(options.limit, options.function).lines])
        return 0
    printer = Printer()
    if options.follow:
        follow(reader, options, printer)
    printer.print(reader.logs(options.limit, options.function).lines)
    return 0


def follow(reader: Reader, options: argparse.Namespace, printer: Printer) -> None:
    """Until somebody interrupts it. An app that has not run yet may begin meanwhile."""
    pause = Event()
    after: int | None = None
    while True:
        try:
            if after is None:
                found = reader.logs(options.limit, options.function)
            else:
                found = reader.logs_after(after, options.function)
            printer.print(found.lines)
            after = found.after
        except NothingYet:
            after = 0
        pause.wait(LOOK_S)


class Printer:
    """Lines, and the day wherever another one begins."""

    def __init__(self) -> None:
        self._day = ""

    def print(self, lines: list[Log]) -> None:
        for log in lines:
            if day(log.time) != self._day:
                self._day = day(log.time)
                print(self._day)
            print(*told(log), sep="\n", flush=True)


def told(log: Log) -> Iterator[str]:
    first, *others = visible(log.text).splitlines() or [""]
    trace = f"trace={log.trace[:ID_SHOWN]}" if log.trace else ""
    who = log.function or log.logger
    said = "  ".join(part for part in (first, visible(shown_fields(log)), trace) if part)
    yield f"{clock(log.time)} {log.level:<7} {who}  {said}".rstrip()
    yield from (f"{INDENT}{line}".rstrip() for line in (*others, *frames_of(log)))
