"""`skylift queue ls|peek|redrive|purge`: what waits in an app's queues, what was given up, and what
to do about it; while the app runs and when it does not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import DecodeError, json, to_builtins

from ..local.control import (
    PEEK_MAX,
    ListQueues,
    Moved,
    Peeked,
    PeekedLetter,
    PeekedMessage,
    PeekQueue,
    PurgeQueue,
    QueueContent,
    QueueCounts,
    RedriveQueue,
)
from .asking import ask
from .load import UserError
from .reading import add_reading_arguments, print_json, print_json_rows
from .recorded import iso, visible

LIMIT = 10
BODY_SHOWN = 300  # letters


def add_arguments(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (told, deed) in DEEDS.items():
        command = deeds.add_parser(name, help=told, description=told)
        add_reading_arguments(command)
        command.set_defaults(deed=deed)
        if name != "ls":
            command.add_argument("queue", metavar="QUEUE", help="its name, or a function's")
        if name == "peek":
            command.add_argument("--dead", action="store_true", help="dead letters only")
            told = f"how many of each, the oldest ({LIMIT})"
            command.add_argument("--limit", type=up_to(PEEK_MAX), default=LIMIT, help=told)
        if name == "redrive":
            command.add_argument("--limit", type=up_to(None), help="how many, the oldest (all)")
        if name == "purge":
            told = "its dead letters, and not what waits"
            command.add_argument("--dead", action="store_true", help=told)
            command.add_argument("--yes", action="store_true", help="do not ask")


def up_to(most: int | None) -> Callable[[str], int]:
    def count(said: str) -> int:
        if not (said.isdecimal() and 0 < int(said) <= (most or sys.maxsize)):
            allowed = f"1 to {most}" if most else "1 and more"
            raise argparse.ArgumentTypeError(f"{said!r} is no count: {allowed}")
        return int(said)

    return count


def queue(options: argparse.Namespace) -> int:
    return options.deed(options)


# -- ls


def ls(options: argparse.Namespace) -> int:
    found = ask(options, ListQueues(), list[QueueCounts])
    if options.json:
        print_json_rows(to_builtins(found))
        return 0
    if not found:
        print("there are no queues")
        return 0
    names = ("queue", "ready", "in flight", "delayed", "dead")
    rows = [(one.queue, one.ready, one.in_flight, one.delayed, one.dead) for one in found]
    for line in table([names, *rows]):
        print(line)
    return 0


def table(rows: list[tuple[Any, ...]]) -> Iterator[str]:
    """Names to the left, numbers to the right."""
    texts = [[f"{one:,}" if isinstance(one, int) else one for one in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for first, *rest in texts:
        cells = [first.ljust(widths[0])]
        cells += [one.rjust(width) for one, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join(cells)


# -- peek


def peek(options: argparse.Namespace) -> int:
    asked = PeekQueue(options.queue, options.limit, options.dead)
    found = ask(options, asked, QueueContent)
    if options.json:
        print_json(document(found, with_waiting=not options.dead))
        return 0
    print(told_of(found))
    for line in told_letters(found):
        print(line)
    if not options.dead:
        for line in told_waiting(found):
            print(line)
    return 0


def told_of(found: QueueContent) -> str:
    if found.queue == found.function:
        return f"inbox of {found.function}"
    return f"queue {found.queue}, consumer {found.function or 'none'}"


def told_letters(found: QueueContent) -> Iterator[str]:
    yield heading(found.counts.dead, len(found.dead), "dead letter")
    for one in found.dead:
        yield f"  {one.id}  {one.reason} after {attempts(one.attempts)}"
        yield from indented(visible(one.error))
        yield from details(one)


def told_waiting(found: QueueContent) -> Iterator[str]:
    counts = found.counts
    total = counts.ready + counts.in_flight + counts.delayed
    yield heading(total, len(found.waiting), "message")
    for one in found.waiting:
        due = f" until {iso(one.due)}" if one.due is not None else ""
        yield f"  {one.id}  {one.state}{due}, {attempts(one.attempts)} before"
        yield from details(one)


def heading(count: int, shown: int, what: str) -> str:
    said = f"{count:,} {what}{'' if count == 1 else 's'}" if count else f"no {what}s"
    return f"{said}, the first {shown:,}:" if count > shown else said + (":" if count else "")


def attempts(count: int) -> str:
    return f"{count} attempt{'' if count == 1 else 's'}"


def details(one: Peeked) -> Iterator[str]:
    group = f"  group {one.group}" if one.group else ""
    yield f"      sent {iso(one.sent_at)}  trace {one.trace or 'unknown'}{group}"
    text = visible(one.message)
    yield from indented(text if len(text) <= BODY_SHOWN else f"{text[:BODY_SHOWN]}…")


def indented(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"      {line}".rstrip()


def document(found: QueueContent, *, with_waiting: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "queue": found.queue,
        "function": found.function,
        "counts": counted(found.counts),
        "dead": [letter_document(one) for one in found.dead],
    }
    return (
        shown | {"waiting": list(map(message_document, found.waiting))} if with_waiting else shown
    )


def letter_document(one: PeekedLetter) -> dict[str, Any]:
    said = {"reason": one.reason, "error": one.error, "first_sent": iso(one.sent_at)}
    return {"id": one.id} | said | shared(one)


def message_document(one: PeekedMessage) -> dict[str, Any]:
    due = None if one.due is None else iso(one.due)
    said = {"state": one.state, "due": due, "sent_at": iso(one.sent_at)}
    return {"id": one.id} | said | shared(one)


def shared(one: Peeked) -> dict[str, Any]:
    try:
        message: Any = json.decode(one.message)
    except DecodeError:
        message = None
    return {
        "attempts": one.attempts,
        "trace": one.trace or None,
        "group": one.group or None,
        "message": message,
        "body": one.body,
    }


# -- redrive and purge


def redrive(options: argparse.Namespace) -> int:
    moved = ask(options, RedriveQueue(options.queue, options.limit), Moved)
    said = f"{letters(moved.count)} of queue {moved.queue} sent back"
    return told_moved(options, moved, "redriven", said)


def purge(options: argparse.Namespace) -> int:
    if not options.yes:
        confirm(options)
    moved = ask(options, PurgeQueue(options.queue, options.dead), Moved)
    what = letters(moved.count) if options.dead else messages(moved.count)
    kept = moved.counts.in_flight
    said = f"{what} of queue {moved.queue} deleted"
    if kept and not options.dead:
        said += f"; {messages(kept)} in flight stayed"
    return told_moved(options, moved, "purged", said)


def confirm(options: argparse.Namespace) -> None:
    """What is deleted is gone: a person is asked, a program has to say it."""
    if not sys.stdin.isatty():
        raise UserError("purge deletes for good\n    hint: say --yes")
    found = ask(options, PeekQueue(options.queue, 1, dead_only=True), QueueContent)
    counts = found.counts
    what = letters(counts.dead) if options.dead else messages(counts.ready + counts.delayed)
    print(
        f"delete {what} of queue {found.queue} for good? [y/N] ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UserError("nothing was deleted")


def told_moved(options: argparse.Namespace, moved: Moved, deed: str, said: str) -> int:
    if options.json:
        print_json({"queue": moved.queue, deed: moved.count})
    else:
        print(said)
    return 0


def letters(count: int) -> str:
    return f"{count:,} dead letter{'' if count == 1 else 's'}"


def messages(count: int) -> str:
    return f"{count:,} message{'' if count == 1 else 's'}"


def counted(counts: QueueCounts) -> dict[str, int]:
    return {
        "ready": counts.ready,
        "in_flight": counts.in_flight,
        "delayed": counts.delayed,
        "dead": counts.dead,
    }


DEEDS: dict[str, tuple[str, Callable[[argparse.Namespace], int]]] = {
    "ls": ("how many messages are ready, in flight, delayed and dead", ls),
    "peek": ("the oldest dead letters and messages, with reason, error and trace", peek),
    "redrive": ("send dead letters back to where they came from", redrive),
    "purge": ("delete what waits, or the dead letters", purge),
}
