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

from ..ports import Clock, Outgoing
from ..ports.delivery import Bury, Counts, Done, Held, Retry, Settled
from ..resources.queue import Queue
from .claims import Claim, Claims
from .database import Database
from .later import COLUMNS, Moment, Row
from .line import FairLine, Line, OrderedLine
from .queue_schema import ensured, last_seq, table_of, turn

LEASE_S = 60.0  # of a queue that has no consumer
DEDUP_US = 5 * 60 * 1_000_000
PURGE_ROWS = 1_000  # in one transaction
SEQS_RESERVED = 10_000  # at once: an id is not used again, whatever was deleted before a stop
UNGROUPED = "-"  # the group of what has none and comes to a FIFO queue


class Waiting(NamedTuple):
    """A message as it lies in its queue."""

    row: Row
    id: str  # the queue's own
    is_in_flight: bool


class SqliteQueue:
    """The QueuePort of one declared queue. It lives on over reloads: `declare` brings what is
    declared now.
    """

    def __init__(
        self, database: Database, queue: Queue[Any], clock: Clock, letters: str = ""
    ) -> None:
        """`letters` is under which name its dead letters are kept, when not its own."""
        self.declared, self.lease_s = queue, queue.lease_s or LEASE_S
        self.letters = letters or queue.name
        self._retention = int(queue.retention_s * 1_000_000)
        self._database, self._clock = database, clock
        self._execute = database.execute
        self.table = table_of(queue)
        self._number = ensured(database.execute, queue)
        self._prepare_sql()
        self._seq = self._seqs_reserved = last_seq(database.execute, queue, self._number)
        self._claims: Claims[Row] = Claims(database.flight, self._number)
        self._settling: list[Settled] | None = None
        self.suspects = self._charged()
        self._line: Line = self._lined()
        self.on_ready: Any = _nobody  # called when there may be something to claim
        self.on_buried: Any = _nobody  # called when there is one more dead letter

    def admit(self, queue: Queue[Any]) -> None:
        """Inside a transaction: have what is stored follow a new declaration; DeclarationError when
        it cannot.
        """
        if queue.fifo != self.declared.fifo:
            turn(self._execute, queue)

    def declare(self, queue: Queue[Any]) -> None:
        """From now on this counts; it was admitted."""
        was, self.declared = self.declared, queue
        self.lease_s = queue.lease_s or LEASE_S
        self._retention = int(queue.retention_s * 1_000_000)
        if queue.fifo != was.fifo:
            self._line = self._lined()

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
        delayed: int = self._execute(self._count_delayed, (now,)).get
        waiting: int = self._execute(self._count).get - delayed
        dead = self._execute("SELECT count(*) FROM dead WHERE source = ?", (self.letters,))
        flying = sum(row.due <= now for row in self._claims.rows)
        return Counts(waiting - flying, len(self._claims), delayed, dead.get)

    # -- what the process asks beside it

    def take(self, count: int) -> list[Held]:
        """As `claim`, at once."""
        self._end_leases()
        room = self._claims.room(count)
        return self._hold(self._line.take(room, self._moment(), self._claims.seqs))

    def settle_later(self, settled: Sequence[Settled]) -> None:
        """As `settle`, for nobody who waits: what cannot be written comes back by its lease."""
        if self._settling is None:  # one piece of work for all of a tick
            self._settling = []
            work = self._database.write(self._carry_out_later, self._settling)
            work.add_done_callback(self._carried_out)
        self._settling += settled

    def _carry_out_later(self, settled: list[Settled]) -> None:
        self._settling = None
        self.carry_out(settled)

    def _carried_out(self, work: asyncio.Future[None]) -> None:
        if not work.cancelled() and work.exception():  # told by those who wait for their writes
            self._settling = None  # it may never have begun

    def take_suspect(self) -> list[Held]:
        """The next message that may have killed the process, alone; nothing when none is left."""
        while self.suspects:
            seq = self.suspects.popleft()
            row = self._line.single(seq, self._moment()) if seq not in self._claims.seqs else None
            if row is not None:
                return self._hold([row])
        return []

    def next_at(self) -> float | None:
        """When there may be something to claim, if nothing comes before."""
        due = self._line.next_due()
        times = [time for time in (due and due / 1e6, self._claims.next_end) if time]
        return min(times) if times else None

    def peek(self, limit: int) -> list[Waiting]:
        """The oldest messages, at most `limit`; nothing is taken."""
        select = f"SELECT {COLUMNS} FROM {self.table} ORDER BY seq LIMIT ?"
        rows = [Row(*row) for row in self._execute(select, (limit,))]
        return [
            Waiting(row, f"{self._number}-{row.seq}", row.seq in self._claims.seqs) for row in rows
        ]

    async def purge(self) -> int:
        """Delete all that is not in flight and was there before; how many. In steps, so that nobody
        waits long.
        """
        purged, after, newest = 0, 0, self._seq
        while after < newest:
            count, after = await self._database.write(self._do_purge, after, newest)
            purged += count
        return purged

    async def sweep(self, now_s: float, limit: int = 500) -> int:
        """Remove at most `limit` messages older than the queue keeps them; how many."""
        return await self._database.write(self._do_sweep, self._moment(now_s), limit)

    # -- inside the transaction

    def next_id(self) -> str:
        """Of the message that is inserted next."""
        return f"{self._number}-{self._seq + 1}"

    def insert(self, messages: Sequence[Outgoing]) -> None:
        now = self._now()
        rows: list[tuple[Any, ...]] = []
        for one in messages:
            if self.declared.fifo and one.dedup and self._is_double(one, now):
                continue
            self._seq += 1
            due = now + int(one.delay_s * 1e6) if one.delay_s else 0
            group = one.group or (UNGROUPED if self.declared.fifo else "")
            rows.append((self._seq, group, due, 0, now, one.body))
        if self._seq > self._seqs_reserved:
            self._reserve()
        self._database.connection.executemany(self._insert, rows)
        self._database.then(self._arrived, rows)

    def carry_out(self, settled: Sequence[Settled]) -> None:
        ours = self._claims.of(settled)
        done = [(claim.row.seq,) for one, claim in ours if type(one) is Done]
        if done:
            self._database.connection.executemany(self._remove, done)
        for one, claim in ours:
            if type(one) is not Done:
                CARRY_OUT[type(one)](self, one, claim)
        self._database.then(self._forget, ours)

    def _retry(self, one: Retry, claim: Claim[Row]) -> None:
        if one.after_s is None:
            due = int(claim.until * 1e6)
        elif one.after_s or not self.declared.fifo or one.counts:
            due = self._now() + int(one.after_s * 1e6)
        else:
            due = claim.row.due  # it keeps its place
        self._execute(self._again, (due, claim.row.attempts + one.counts, claim.row.seq))
        self._database.then(self._line.delayed, claim.row.group, due)

    def _bury(self, one: Bury, claim: Claim[Row]) -> None:
        row = claim.row
        given = (one.reason, one.error, one.attempts, one.trace)
        values = (self.letters, one.id, row.body, row.group, *given, row.sent_at)
        self._execute(self._remove, (row.seq,))
        if self._database.connection.changes():  # it may be settled twice in one commit
            self._execute(BURY, (*values, self._now()))
            self._database.then(self.on_buried)

    def _is_double(self, one: Outgoing, now: int) -> bool:
        key = (self._number, one.dedup)
        select = "SELECT 1 FROM dedup WHERE queue = ? AND id = ? AND until > ?"
        if self._execute(select, (*key, now)).get is not None:
            return True
        self._execute("INSERT OR REPLACE INTO dedup VALUES (?, ?, ?)", (*key, now + DEDUP_US))
        return False

    def _do_purge(self, after: int, newest: int) -> tuple[int, int]:
        """One step: how many are gone, and up to where this has looked."""
        select = f"SELECT seq FROM {self.table} WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
        found = [seq for (seq,) in self._execute(select, (after, newest, PURGE_ROWS))]
        gone = [seq for seq in found if seq not in self._claims.seqs]
        for seq in gone:
            self._execute(self._remove, (seq,))
        self._line.emptied()  # before the commit: at worst it reads again what is still there
        return len(gone), found[-1] if len(found) == PURGE_ROWS else newest

    def _do_sweep(self, at: Moment, limit: int) -> int:
        old = [seq for (seq,) in self._execute(self._old, (limit, at.oldest))]
        held = self._claims.seqs  # their handlers run: they may be buried
        gone = [seq for seq in old if seq not in held]
        for seq in gone:
            self._execute(self._remove, (seq,))
        if gone:
            self._line.emptied()
        self._execute(FORGET_DOUBLES, (self._number, at.now, limit))
        return max(len(gone), self._database.connection.changes())

    def _reserve(self) -> None:
        upto = self._seq + SEQS_RESERVED
        self._execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"seq:{self._number}", upto))
        self._database.then(self._reserved, upto)

    # -- after the commit

    def _arrived(self, rows: list[tuple[Any, ...]]) -> None:
        for seq, group, due, *_ in rows:
            if due and not self.declared.fifo:
                self._line.delayed(group, due)
            else:
                self._line.arrived(group, seq)
        self.on_ready()

    def _reserved(self, upto: int) -> None:
        self._seqs_reserved = upto

    def _forget(self, settled: list[tuple[Settled, Claim[Row]]]) -> None:
        for one, claim in settled:
            if self._claims.end(one.receipt):
                self._line.released(claim.row.group)
        self.on_ready()

    # -- claims

    def _hold(self, rows: list[Row]) -> list[Held]:
        until, held = self._clock.time() + self.lease_s, list[Held]()
        for row in rows:
            receipt = self._claims.begin(row.seq, row, until)
            sent_at = row.sent_at / 1e6
            id = f"{self._number}-{row.seq}"
            held.append(Held(receipt, id, row.body, row.attempts + 1, sent_at, row.group))
        return held

    def _end_leases(self) -> None:
        over = self._claims.over(self._clock.time())
        if over:
            self.settle_later(over)

    def _charged(self) -> deque[int]:
        """Each message that was in flight when the process died has had an attempt."""
        seqs = self._claims.interrupted()
        charge = f"UPDATE {self.table} SET attempts = attempts + 1 WHERE seq = ?"
        for seq in seqs:
            self._execute(charge, (seq,))
        return deque(seqs)

    def _lined(self) -> Line:
        return (OrderedLine if self.declared.fifo else FairLine)(self._execute, self.table)

    def _now(self) -> int:
        return int(self._clock.time() * 1_000_000)

    def _moment(self, now_s: float | None = None) -> Moment:
        now = self._now() if now_s is None else int(now_s * 1_000_000)
        return Moment(now, now - self._retention)

    # -- SQL

    def _prepare_sql(self) -> None:
        self._insert = f"INSERT INTO {self.table} VALUES (?, ?, ?, ?, ?, ?)"
        self._remove = f"DELETE FROM {self.table} WHERE seq = ?"
        self._again = f"UPDATE {self.table} SET due = ?, attempts = ? WHERE seq = ?"
        self._count = f"SELECT count(*) FROM {self.table}"
        self._count_delayed = f"{self._count} WHERE due > 0 AND due > ?"
        self._old = (
            f"SELECT seq FROM (SELECT seq, sent_at FROM {self.table} ORDER BY seq LIMIT ?) "
            "WHERE sent_at <= ?"
        )


CARRY_OUT: dict[type[Any], Any] = {
    Retry: SqliteQueue._retry,  # pyright: ignore[reportPrivateUsage]
    Bury: SqliteQueue._bury,  # pyright: ignore[reportPrivateUsage]
}
FORGET_DOUBLES = (
    "DELETE FROM dedup WHERE (queue, id) IN "
    "(SELECT queue, id FROM dedup WHERE queue = ? AND until <= ? LIMIT ?)"
)
BURY = (
    "INSERT INTO dead (source, id, body, grp, reason, error, attempts, trace, sent_at, buried_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _nobody() -> None:
    """No one takes from this queue."""
