"""How queues lie in SQLite: each in a table named after it, and what they have in common. The SQL
says what the declaration says, so that the sqlite3 shell reads honestly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..errors import DeclarationError, Mistake
from ..resources.queue import Queue
from .schema import quoted

Execute: TypeAlias = Callable[..., Any]

SETUP = """
CREATE TABLE IF NOT EXISTS queues (number INTEGER PRIMARY KEY, name TEXT UNIQUE, fifo INTEGER)
    STRICT;
CREATE TABLE IF NOT EXISTS dedup (
    queue INTEGER, id TEXT, until INTEGER, PRIMARY KEY (queue, id))
    STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dedup_by_until ON dedup (queue, until);
CREATE TABLE IF NOT EXISTS dead (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, id TEXT, body TEXT, grp TEXT,
    reason TEXT, error TEXT, attempts INTEGER, trace TEXT, sent_at INTEGER, buried_at INTEGER,
    due INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS dead_by_source ON dead (source, seq);
CREATE INDEX IF NOT EXISTS dead_by_due ON dead (source, due);
"""
INDEXES = {"grp, seq": "grp <> ''", "due": "due > 0", "grp, due": "due > 0"}


def ensured(execute: Execute, queue: Queue[Any]) -> int:
    """The queue's number in this state; its table is there when this returns. DeclarationError when
    it holds messages of the other order.
    """
    execute(SETUP)
    execute("INSERT OR IGNORE INTO queues (name, fifo) VALUES (?, ?)", (queue.name, queue.fifo))
    execute(
        f"CREATE TABLE IF NOT EXISTS {table_of(queue)} (seq INTEGER PRIMARY KEY, "
        "grp TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL, "
        "sent_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT"
    )
    for columns, wanted in INDEXES.items():
        index = quoted(f"queue:{queue.name} by {columns}")
        execute(
            f"CREATE INDEX IF NOT EXISTS {index} ON {table_of(queue)} ({columns}) WHERE {wanted}"
        )
    number, was = execute(
        "SELECT number, fifo FROM queues WHERE name = ?", (queue.name,)
    ).fetchone()
    if bool(was) != queue.fifo:
        turn(execute, queue)
    return number


def turn(execute: Execute, queue: Queue[Any]) -> None:
    """From one order to the other; DeclarationError when it holds messages of the one."""
    if execute(f"SELECT 1 FROM {table_of(queue)} LIMIT 1").get is not None:
        now = "FIFO" if queue.fifo else "standard"
        reason = f"queue {queue.name!r} holds messages and is {now} now, which it was not"
        remedy = "give the new queue another name, and drain the old one"
        raise DeclarationError(Mistake(queue.place, reason, remedy))
    execute("UPDATE queues SET fifo = ? WHERE name = ?", (queue.fifo, queue.name))


def last_seq(execute: Execute, queue: Queue[Any], number: int) -> int:
    """The highest that was ever given to a message."""
    stored: int = execute(f"SELECT coalesce(max(seq), 0) FROM {table_of(queue)}").get
    reserved = execute("SELECT value FROM meta WHERE name = ?", (f"seq:{number}",))
    return max(stored, reserved.get or 0)


def table_of(queue: Queue[Any]) -> str:
    return quoted(f"queue:{queue.name}")
