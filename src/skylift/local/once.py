"""The ledger in SQLite: once records, counts, and the key of cursors. Who runs is known in memory
only, as leases are: it costs no write, and what a dead process was running is free at once. What
has finished is a row, kept for 24 hours; finishing is the one write of a run, or rides in the
commit of its transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import apsw

from ..counted import Counted
from ..errors import Expired
from ..ports import Clock, Entropy, Found, OnceMark
from .count import Counts
from .database import Database
from .failure import translated

SEAL_BYTES = 32
KEPT_US = 24 * 3600 * 1_000_000
SETUP = """
CREATE TABLE IF NOT EXISTS once (
    seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, token TEXT NOT NULL,
    fingerprint TEXT NOT NULL, expires INTEGER NOT NULL, until INTEGER NOT NULL, result BLOB)
    STRICT;
"""
SELECT = "SELECT fingerprint, result, until, expires FROM once WHERE key = ? AND expires > ?"
INSERT = (
    "INSERT OR REPLACE INTO once (key, token, fingerprint, expires, until, result) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
ADD = "UPDATE once SET result = ?, until = 0, expires = ? WHERE key = ? AND token = ?"
FINISHED = "SELECT 1 FROM once WHERE key = ? AND token = ?"
# In the order of their beginnings, which is nearly that of their ends: no index is needed.
SWEEP = "DELETE FROM once WHERE seq IN (SELECT seq FROM once ORDER BY seq LIMIT ?) AND expires <= ?"


class Run(NamedTuple):
    """A run under way, by its key. After `until` another may take its record over."""

    token: str
    until: float
    fingerprint: str


class SqliteLedger:
    """The LedgerPort. It outlives reloads: it knows what is running."""

    def __init__(self, database: Database, clock: Clock, entropy: Entropy) -> None:
        self._database, self._clock = database, clock
        self._execute = database.execute
        self._execute(SETUP)
        self._counts = Counts(database)
        self._runs: dict[str, Run] = {}
        self._opened_at = self._now()
        self._seal_key = _kept_key(database, entropy)

    # -- the port

    async def begin(
        self, marks: Sequence[OnceMark], until: float, fingerprint: str = ""
    ) -> list[Found]:
        try:
            return [self._begin(mark, until, fingerprint) for mark in marks]
        except apsw.Error as error:
            raise translated(error) from error

    async def finish(self, marks: Sequence[OnceMark], result: bytes | None = None) -> list[bool]:
        return await self._database.write(self._do_finish, marks, result)

    async def abandon(self, marks: Sequence[OnceMark]) -> None:
        for mark in marks:
            self._forget(mark)

    async def count(self, key: str, n: int, per_s: float) -> Counted:
        return await self._database.write(self._counts.count, key, n, per_s, self._now())

    async def seal_key(self) -> bytes:
        return self._seal_key

    async def sweep(self, now_s: float, limit: int = 500) -> int:
        """Remove at most `limit` records that have expired; how many there were."""
        ended = now_s - KEPT_US / 1e6  # their runs ended without a word, and that long ago
        for key in [key for key, run in self._runs.items() if run.until <= ended]:
            del self._runs[key]
        return await self._database.write(self._do_sweep, int(now_s * 1e6), limit)

    # -- inside a transaction

    def check(self, mark: OnceMark) -> None:
        """Expired unless this run holds its record and has not finished it: to be asked before
        anything is written.
        """
        run = self._runs.get(mark.key)
        if run is None or run.token != mark.token:
            raise Expired("another run has taken over the once record: this one is over")
        if self._execute(FINISHED, (mark.key, mark.token)).get is not None:
            raise Expired("the once record of this run is finished already")

    def write_finished(self, mark: OnceMark) -> None:
        """Finished, with a result that may come until the run has to end."""
        run, expires = self._runs[mark.key], self._now() + KEPT_US
        until = int(run.until * 1e6)
        self._execute(INSERT, (mark.key, mark.token, run.fingerprint, expires, until, None))
        self._database.then(self._forget, mark)

    def _do_finish(self, marks: Sequence[OnceMark], result: bytes | None) -> list[bool]:
        return [self._finished(mark, result) for mark in marks]

    def _finished(self, mark: OnceMark, result: bytes | None) -> bool:
        run, expires = self._runs.get(mark.key), self._now() + KEPT_US
        if run is None or run.token != mark.token:  # a transaction may have finished it before
            self._execute(ADD, (result, expires, mark.key, mark.token))
            return self._database.connection.changes() == 1
        self._execute(INSERT, (mark.key, mark.token, run.fingerprint, expires, 0, result))
        self._database.then(self._forget, mark)
        return True

    def _do_sweep(self, now: int, limit: int) -> int:
        self._execute(SWEEP, (limit, now))
        swept: int = self._database.connection.changes()
        return swept + self._counts.sweep(now, limit)

    # -- in memory

    def _begin(self, mark: OnceMark, until: float, fingerprint: str) -> Found:
        now, run = self._clock.time(), self._runs.get(mark.key)
        if run is not None and run.until > now:
            if run.token == mark.token:
                return Found("begun")
            state = "running" if run.fingerprint == fingerprint else "other"
            return Found(state, until=run.until)
        row = self._execute(SELECT, (mark.key, self._now())).get
        if row is None:
            self._runs[mark.key] = Run(mark.token, until, fingerprint)
            return Found("begun")
        before, result, awaited, expires = row
        if before != fingerprint:
            return Found("other")
        if expires - KEPT_US < self._opened_at:
            awaited = 0  # by a process that is dead
        return Found("finished", result, awaited / 1e6)

    def _forget(self, mark: OnceMark) -> None:
        run = self._runs.get(mark.key)
        if run is not None and run.token == mark.token:
            del self._runs[mark.key]

    def _now(self) -> int:
        return int(self._clock.time() * 1_000_000)


def _kept_key(database: Database, entropy: Entropy) -> bytes:
    found = database.execute("SELECT value FROM meta WHERE name = 'seal'").fetchone()
    if found is not None:
        return bytes(found[0])
    key = entropy.token_bytes(SEAL_BYTES)
    database.execute("INSERT INTO meta VALUES ('seal', ?)", (key,))
    return key
