"""Counts in SQLite: a row for each slot of time in which somebody came. Looking and writing are one
work of a tick's transaction, so whoever comes at the same time is counted one after another.
"""

from __future__ import annotations

from ..counted import Counted
from ..engine.window import SECOND, counted, expired_before, slot_of, slot_us
from .database import Database

SETUP = """
CREATE TABLE IF NOT EXISTS counts (
    key TEXT NOT NULL, slot INTEGER NOT NULL, count INTEGER NOT NULL, expires INTEGER NOT NULL,
    PRIMARY KEY (key, slot)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS over_counts ON counts (expires);
"""
EXISTS = "SELECT 1 FROM sqlite_schema WHERE name = 'counts'"
SELECT = "SELECT slot, count FROM counts WHERE key = ?"
FORGET = "DELETE FROM counts WHERE key = ? AND slot <= ?"
ADD = (
    "INSERT INTO counts VALUES (?, ?, 1, ?) ON CONFLICT (key, slot) DO UPDATE SET count = count + 1"
)
OVER = "SELECT key, slot FROM counts WHERE expires <= ? LIMIT ?"
SWEEP = f"DELETE FROM counts WHERE (key, slot) IN ({OVER})"


class Counts:
    """Of one app. Its methods run inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._execute, self._connection = database.execute, database.connection
        self._then = database.then
        self._is_made = self._execute(EXISTS).fetchone() is not None  # else with the first count

    def count(self, key: str, n: int, per_s: float, now_us: int) -> Counted:
        if not self._is_made:
            self._execute(SETUP)
            self._then(self._made)
        width = slot_us(n, per_s)
        slots = dict[int, int](self._execute(SELECT, (key,)).fetchall())
        now = max(now_us, *slots) if slots else now_us  # a clock may have been set back
        since = expired_before(now, n, per_s)
        if sum(count for at, count in slots.items() if at > since) >= n:
            return counted(slots, now, n, per_s, is_accepted=False)
        self._execute(FORGET, (key, since))
        slot = slot_of(now, width)
        expires = slot + width + round(per_s * SECOND)
        self._execute(ADD, (key, slot, expires))
        slots[slot] = slots.get(slot, 0) + 1
        return counted(slots, now, n, per_s, is_accepted=True)

    def _made(self) -> None:
        self._is_made = True

    def sweep(self, now_us: int, limit: int) -> int:
        if not self._is_made:
            return 0
        self._execute(SWEEP, (now_us, limit))
        return int(self._connection.changes())
