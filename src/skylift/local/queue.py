"""Queues in SQLite, one SQL table each. What is sent is a row; who holds it, and until when, is
known in memory only, and to the flight file, so that a claim costs no write.

After an unclean stop each message that was in flight has lost one attempt, and is a suspect: it may
be what killed the process.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..errors import DeclarationError, Mistake
from ..ports import Bury, Clock, Counts, Done, Held, Outgoing, Retry, Settled
from ..resources.queue import Queue
from .database import Database
from .line import FairLine, Line, OrderedLine, Row
from .schema import quoted

LEASE_S = 60.0  # of a queue that has no consumer
DEDUP_US = 5 * 60 * 1_000_000
FOR_EVER = 1 << 62
SETUP = """
CREATE TABLE IF NOT EXISTS queues (number INTEGER PRIMARY KEY, name TEXT UNIQUE, fifo INTEGER);
CREATE TABLE IF NOT EXISTS dedup (
    queue INTEGER, id TEXT, until INTEGER, PRIMARY KEY (queue, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead (
    seq INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT, body TEXT, grp TEXT, reason TEXT,
    error TEXT, attempts INTEGER, trace TEXT, sent_at INTEGER, buried_at INTEGER,
    due INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS dead_by_source ON dead (source, seq);
"""


class Claim(NamedTuple):
    row: Row
    slot: int
    until: float  # the lease's end


class SqliteQueue:
    """The QueuePort of one declared queue. It lives on over reloads: `declare` brings what is
    declared now.
    """

    def __init__(self, database: Database, queue: Queue[Any], clock: Clock) -> None:
        self.declared, self.lease_s = queue, queue.lease_s or LEASE_S
        self._database, self._clock = database, clock
        self._execute = database.execute
        self.table = quoted(f"queue:{queue.name}")
        self._number = self._ensured()
        self._prepare_sql()
        self._seq: int = self._execute(f"SELECT coalesce(max(seq), 0) FROM {self.table}").get
        self._claims: dict[int, Claim] = {}
        self._flying: dict[int, int] = {}  # the claim of each message in flight
        self._leases: deque[tuple[float, int]] = deque()  # in the order of their ends
        self._last = 0
        self.suspects = self._charged()
        self._line: Line = self._lined()
        self.on_ready: Any = _nobody  # called when there may be something to claim

    def declare(self, queue: Queue[Any], lease_s: float | None = None) -> None:
        """What the code says now; DeclarationError when what is stored cannot follow."""
        if queue.fifo != self.declared.fifo and not self.is_empty():
            raise DeclarationError(_turned(queue))
        was, self.declared = self.declared, queue
        self.lease_s = queue.lease_s or lease_s or LEASE_S
        if queue.fifo != was.fifo:
            self._execute("UPDATE queues SET fifo = ? WHERE name = ?", (queue.fifo, queue.name))
            self._line = self._lined()

    def is_empty(self) -> bool:
        return self._execute(f"SELECT 1 FROM {self.table} LIMIT 1").get is None

    # -- the port

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        await self._database.write(self.insert, messages)
        return [None] * len(messages)

    async def claim(self, count: int) -> list[Held]:
        return self.take(count)

    async def settle(self, settled: Sequence[Settled]) -> None:
        await self._database.write(self.carry_out, settled)

    async def counts(self) -> Counts:
        now = self._now()
        waiting, delayed = self._execute(self._count, (now,)).fetchone()
        dead = self._execute("SELECT count(*) FROM dead WHERE source = ?", (self.declared.name,))
        flying = sum(claim.row.due <= now for claim in self._claims.values())
        return Counts(waiting - flying, len(self._claims), delayed, dead.get)

    # -- what the process asks beside it

    def take(self, count: int) -> list[Held]:
        """As `claim`, at once."""
        self._end_leases()
        free = min(count, self._database.flight.free)
        return self._hold(self._line.take(free, self._now(), self._flying))

    def settle_later(self, settled: Sequence[Settled]) -> None:
        """As `settle`, for nobody who waits: what cannot be written comes back by its lease."""
        self._database.write(self.carry_out, settled).add_done_callback(_looked_at)

    def take_suspect(self) -> list[Held]:
        """The next message that may have killed the process, alone; nothing when none is left."""
        while self.suspects:
            seq = self.suspects.popleft()
            row = self._line.single(seq, self._now())
            if row is not None and seq not in self._flying:
                return self._hold([row])
        return []

    def next_at(self) -> float | None:
        """When there may be something to claim, if nothing comes before."""
        due, ends = self._line.next_due(), self._leases[0][0] if self._leases else None
        times = [time for time in (due / 1e6 if due is not None else None, ends) if time]
        return min(times) if times else None

    async def purge(self) -> int:
        """Delete all that is not in flight; how many."""
        return await self._database.write(self._do_purge)

    async def sweep(self, now_s: float, limit: int = 500) -> int:
        """Remove at most `limit` messages older than the queue keeps them; how many."""
        oldest = int((now_s - self.declared.retention_s) * 1e6)
        return await self._database.write(self._do_sweep, oldest, int(now_s * 1e6), limit)

    # -- inside the transaction

    def insert(self, messages: Sequence[Outgoing]) -> None:
        now = self._now()
        rows: list[tuple[Any, ...]] = []
        for one in messages:
            if self.declared.fifo and self._is_double(one, now):
                continue
            self._seq += 1
            due = now + int(one.delay_s * 1e6) if one.delay_s else 0
            rows.append((self._seq, one.group, due, 0, now, one.body))
        for row in rows:
            self._execute(self._insert, row)
        self._database.then(self._arrived, rows)

    def carry_out(self, settled: Sequence[Settled]) -> None:
        ours = [(one, claim) for one in settled if (claim := self._claims.get(one.receipt))]
        for one, claim in ours:
            CARRY_OUT[type(one)](self, one, claim)
        self._database.then(self._forget, [(one.receipt, claim) for one, claim in ours])

    def _done(self, _: Done, claim: Claim) -> None:
        self._execute(self._remove, (claim.row.seq,))

    def _retry(self, one: Retry, claim: Claim) -> None:
        if one.after_s is None:
            due = int(claim.until * 1e6)
        elif one.after_s or not self.declared.fifo or one.counts:
            due = self._now() + int(one.after_s * 1e6)
        else:
            due = claim.row.due  # it keeps its place
        self._execute(self._again, (due, claim.row.attempts + one.counts, claim.row.seq))
        self._database.then(self._line.delayed, claim.row.group, due)

    def _bury(self, one: Bury, claim: Claim) -> None:
        row = claim.row
        given = (one.reason, one.error, one.attempts, one.trace)
        values = (self.declared.name, one.id, row.body, row.group, *given, row.sent_at)
        self._execute(BURY, (*values, self._now()))
        self._execute(self._remove, (row.seq,))

    def _is_double(self, one: Outgoing, now: int) -> bool:
        key = (self._number, one.dedup)
        select = "SELECT 1 FROM dedup WHERE queue = ? AND id = ? AND until > ?"
        if self._execute(select, (*key, now)).get is not None:
            return True
        self._execute("INSERT OR REPLACE INTO dedup VALUES (?, ?, ?)", (*key, now + DEDUP_US))
        return False

    def _do_purge(self) -> int:
        flying = ", ".join(map(str, self._flying)) or "0"
        self._execute(f"DELETE FROM {self.table} WHERE seq NOT IN ({flying})")
        count = self._database.connection.changes()
        self._database.then(self._relined)
        return count

    def _do_sweep(self, oldest: int, now: int, limit: int) -> int:
        self._execute(self._expired, (limit, oldest))
        count: int = self._database.connection.changes()
        self._execute("DELETE FROM dedup WHERE queue = ? AND until <= ?", (self._number, now))
        return count

    # -- after the commit

    def _arrived(self, rows: list[tuple[Any, ...]]) -> None:
        for seq, group, due, *_ in rows:
            if due and not self.declared.fifo:
                self._line.delayed(group, due)
            else:
                self._line.arrived(group, seq)
        self.on_ready()

    def _forget(self, claims: list[tuple[int, Claim]]) -> None:
        for receipt, claim in claims:
            if self._claims.pop(receipt, None) is None:
                continue
            del self._flying[claim.row.seq]
            self._database.flight.down(claim.slot)
            self._line.released(claim.row.group)
        self.on_ready()

    def _relined(self) -> None:
        self._line = self._lined()

    # -- claims

    def _hold(self, rows: list[Row]) -> list[Held]:
        until, held = self._clock.time() + self.lease_s, list[Held]()
        for row in rows:
            self._last += 1
            slot = self._database.flight.up(self._number, row.seq)
            self._claims[self._last] = Claim(row, slot, until)
            self._flying[row.seq] = self._last
            self._leases.append((until, self._last))
            sent_at = row.sent_at / 1e6
            id = f"{self._number}-{row.seq}"
            held.append(Held(self._last, id, row.body, row.attempts + 1, sent_at, row.group))
        return held

    def _end_leases(self) -> None:
        """What was claimed and never settled comes back, an attempt poorer."""
        now = self._clock.time()
        ended: list[Settled] = []
        while self._leases and (
            self._leases[0][0] <= now or self._leases[0][1] not in self._claims
        ):
            _, receipt = self._leases.popleft()
            if receipt in self._claims:
                ended.append(Retry(receipt, 0))
        if ended:
            self.settle_later(ended)

    def _charged(self) -> deque[int]:
        """Each message that was in flight when the process died has had an attempt."""
        interrupted = self._database.flight.interrupted
        seqs = sorted(seq for number, seq in interrupted if number == self._number)
        charge = f"UPDATE {self.table} SET attempts = attempts + 1 WHERE seq = ?"
        for seq in seqs:
            self._execute(charge, (seq,))
        return deque(seqs)

    def _lined(self) -> Line:
        return (OrderedLine if self.declared.fifo else FairLine)(self._execute, self.table)

    def _now(self) -> int:
        return int(self._clock.time() * 1_000_000)

    # -- SQL

    def _ensured(self) -> int:
        """The queue's number in this state; its table is there when this returns."""
        name, fifo = self.declared.name, self.declared.fifo
        self._execute(SETUP)
        self._execute("INSERT OR IGNORE INTO queues (name, fifo) VALUES (?, ?)", (name, fifo))
        self._execute(
            f"CREATE TABLE IF NOT EXISTS {self.table} (seq INTEGER PRIMARY KEY, grp TEXT NOT NULL, "
            "due INTEGER NOT NULL, attempts INTEGER NOT NULL, sent_at INTEGER NOT NULL, "
            "body TEXT NOT NULL)"
        )
        for column in ("grp", "due"):
            index, empty = quoted(f"queue:{name} by {column}"), "''" if column == "grp" else "0"
            wanted = f"{column} > 0" if column == "due" else f"{column} <> {empty}"
            columns = "grp, seq" if column == "grp" else "due"
            self._execute(
                f"CREATE INDEX IF NOT EXISTS {index} ON {self.table} ({columns}) WHERE {wanted}"
            )
        select = "SELECT number, fifo FROM queues WHERE name = ?"
        number, was = self._execute(select, (name,)).fetchone()
        if bool(was) != fifo:
            if not self.is_empty():
                raise DeclarationError(_turned(self.declared))
            self._execute("UPDATE queues SET fifo = ? WHERE name = ?", (fifo, name))
        return number

    def _prepare_sql(self) -> None:
        self._insert = f"INSERT INTO {self.table} VALUES (?, ?, ?, ?, ?, ?)"
        self._remove = f"DELETE FROM {self.table} WHERE seq = ?"
        self._again = f"UPDATE {self.table} SET due = ?, attempts = ? WHERE seq = ?"
        self._count = (
            f"SELECT count(*) FILTER (WHERE due <= ?1), count(*) FILTER (WHERE due > ?1) "
            f"FROM {self.table}"
        )
        self._expired = (
            f"DELETE FROM {self.table} WHERE seq IN "
            f"(SELECT seq FROM {self.table} ORDER BY seq LIMIT ?) AND sent_at <= ?"
        )


CARRY_OUT: dict[type[Any], Any] = {
    Done: SqliteQueue._done,  # pyright: ignore[reportPrivateUsage]
    Retry: SqliteQueue._retry,  # pyright: ignore[reportPrivateUsage]
    Bury: SqliteQueue._bury,  # pyright: ignore[reportPrivateUsage]
}
BURY = (
    "INSERT INTO dead (source, id, body, grp, reason, error, attempts, trace, sent_at, buried_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _turned(queue: Queue[Any]) -> Mistake:
    now = "FIFO" if queue.fifo else "standard"
    reason = f"queue {queue.name!r} holds messages and is {now} now, which it was not"
    return Mistake(queue.place, reason, "give the new queue another name, and drain the old one")


def _looked_at(future: asyncio.Future[None]) -> None:
    if not future.cancelled():
        future.exception()  # told by those who wait for their writes


def _nobody() -> None:
    """No one takes from this queue."""
