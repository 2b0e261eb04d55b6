"""What a bus was told, kept for a number of days, to be told again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..ports import Clock, Outgoing
from .database import Database

DAY_US = 86_400 * 1_000_000
SETUP = """
CREATE TABLE IF NOT EXISTS archive (
    seq INTEGER PRIMARY KEY, bus TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS archive_by_time ON archive (bus, at, seq);
"""


class Kept(NamedTuple):
    seq: int
    body: str


class Archive:
    """Of one bus."""

    def __init__(self, database: Database, bus: str, days: int, clock: Clock) -> None:
        self._bus, self._days = bus, days
        self._database, self._clock = database, clock
        database.execute(SETUP)

    def keep(self, messages: Sequence[Outgoing]) -> None:
        """Inside a transaction."""
        if self._days:
            now = int(self._clock.time() * 1_000_000)
            insert = "INSERT INTO archive (bus, at, body) VALUES (?, ?, ?)"
            rows = [(self._bus, now, one.body) for one in messages]
            self._database.connection.executemany(insert, rows)

    def between(self, since: float, until: float, after: int, limit: int) -> list[Kept]:
        """What was published from `since` on and before `until` (seconds since the epoch), in the
        order it came, behind the number `after`.
        """
        select = (
            "SELECT seq, body FROM archive "
            "WHERE bus = ? AND at >= ? AND at < ? AND seq > ? ORDER BY seq LIMIT ?"
        )
        times = (int(since * 1_000_000), int(until * 1_000_000))
        rows = self._database.execute(select, (self._bus, *times, after, limit))
        return [Kept(*row) for row in rows]

    def forget(self, now_s: float, limit: int) -> int:
        """Inside a transaction: at most `limit` of what is kept no longer; how many."""
        oldest = int(now_s * 1_000_000) - self._days * DAY_US
        delete = (
            "DELETE FROM archive WHERE seq IN "
            "(SELECT seq FROM archive WHERE bus = ? AND at < ? ORDER BY at LIMIT ?)"
        )
        self._database.execute(delete, (self._bus, oldest, limit))
        return self._database.connection.changes()
