"""The mail store: what would be sent is a row, for `skylift mail` and for tests to read. A mail
that nobody is to get is written like the others and never shown: who asks cannot tell by the time.
"""

from __future__ import annotations

from msgspec import Struct

from ..ports import Clock
from .database import Database

SHOWN_MAX = 1_000
KEPT_US = 7 * 86_400 * 1_000_000
SETUP = """
CREATE TABLE IF NOT EXISTS mail (
    seq INTEGER PRIMARY KEY, sender TEXT NOT NULL, address TEXT NOT NULL, subject TEXT NOT NULL,
    body TEXT NOT NULL, sent_at INTEGER NOT NULL, is_meant INTEGER NOT NULL) STRICT;
"""
INSERT = (
    "INSERT INTO mail (sender, address, subject, body, sent_at, is_meant) VALUES (?, ?, ?, ?, ?, ?)"
)
EXISTS = "SELECT 1 FROM sqlite_schema WHERE name = 'mail'"
SELECT = (
    "SELECT sender, address, subject, body, sent_at FROM mail "
    "WHERE is_meant AND (?1 = '' OR address = ?1) ORDER BY seq DESC LIMIT ?2"
)
SWEEP = "DELETE FROM mail WHERE seq IN (SELECT seq FROM mail ORDER BY seq LIMIT ?) AND sent_at <= ?"


class Mail(Struct, frozen=True):
    """One mail; `sent_at` in seconds since the epoch."""

    sender: str  # the resource
    address: str
    subject: str
    body: str
    sent_at: float


class MailStore:
    """The mails of one app; several resources may write to it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._execute, self._clock = database.execute, clock
        self._connection = database.connection
        self._execute(SETUP)

    def insert(self, sender: str, address: str, told: tuple[str, str], *, is_meant: bool) -> None:
        """Inside a transaction: subject and body, to be read by this address."""
        now = int(self._clock.time() * 1e6)
        self._execute(INSERT, (sender, address, *told, now, is_meant))

    def sweep(self, now_us: int, limit: int) -> int:
        """Inside a transaction: remove at most `limit` old ones; how many there were."""
        self._execute(SWEEP, (limit, now_us - KEPT_US))
        return self._connection.changes()


def mails(database: Database, address: str = "", limit: int = SHOWN_MAX) -> list[Mail]:
    """The newest, the oldest of them first; of one address, or all."""
    if database.execute(EXISTS).get is None:
        return []
    rows = database.execute(SELECT, (address.lower(), limit)).fetchall()
    return [
        Mail(sender, to, subject, body, at / 1e6) for sender, to, subject, body, at in rows[::-1]
    ]
