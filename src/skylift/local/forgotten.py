"""Queues, inboxes and timers that the state holds and no declaration names: what lies in them is
kept, and out of sight unless somebody says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

from msgspec import Struct

from ..graph.text import of
from .schema import quoted
from .timer import PREFIX

TIMERS = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE ? ORDER BY name"
TABLES = "SELECT name FROM sqlite_schema WHERE name IN ('queues', 'dead')"


class StoredQueue(Struct, frozen=True):
    """A queue that holds something."""

    name: str
    messages: int
    dead: int

    @property
    def told(self) -> str:
        holds = [of(self.messages, "message")] if self.messages else []
        if self.dead:
            holds.append(of(self.dead, "dead letter"))
        kind = "function" if "." in self.name else "queue"  # whose inbox it is
        return f"{kind} {self.name!r} is not declared any more and holds {', '.join(holds)}"


class StoredTimer(Struct, frozen=True):
    """A timer for which something waits."""

    name: str
    messages: int
    next_at: float  # seconds since the epoch

    @property
    def waiting(self) -> str:
        at = datetime.fromtimestamp(self.next_at, UTC)
        return f"{self.messages:,} of {self.name} wait, the next until {at:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def told(self) -> str:
        waits = "waits for its" if self.messages == 1 else "wait for their"
        held = f"{of(self.messages, 'message')} {waits} time"
        return f"timer {self.name!r} is not declared any more: {held}"


Stored: TypeAlias = StoredQueue | StoredTimer
REMEDY = "they are kept: declare it again to handle, redrive or purge them"


def stored(execute: Any, declared: Collection[str] = ()) -> list[Stored]:
    """What holds something, but for the declared."""
    return [*_queues(execute, declared), *_timers(execute, declared)]


def _timers(execute: Any, declared: Collection[str]) -> Iterator[StoredTimer]:
    for (table,) in execute(TIMERS, (f"{PREFIX}%",)).fetchall():
        name = table.removeprefix(PREFIX)
        if name not in declared:
            select = f"SELECT count(*), min(due) FROM {quoted(table)}"
            ((count, due),) = execute(select).fetchall()
            if count:
                yield StoredTimer(name, count, due / 1e6)


def _queues(execute: Any, declared: Collection[str]) -> list[StoredQueue]:
    if len(execute(TABLES).fetchall()) < 2:
        return []
    found: list[StoredQueue] = []
    for (name,) in execute("SELECT name FROM queues ORDER BY name").fetchall():
        if name not in declared:
            count = f"SELECT count(*) FROM {quoted(f'queue:{name}')}"
            messages = execute(count).fetchall()[0][0]
            dead = execute("SELECT count(*) FROM dead WHERE source = ?", (name,)).fetchall()[0][0]
            if messages or dead:
                found.append(StoredQueue(name, messages, dead))
    return found
