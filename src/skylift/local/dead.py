"""Dead letters in SQLite: one SQL table, by the queue they came from, and what feeds the function
that consumes them.

Claims are in memory and in the flight file, as a queue's are. A letter that was given up is parked:
it stays, and is not offered again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from ..ports import Clock, Outgoing
from ..ports.delivery import Bury, Done, Held, Letter, Retry, Settled
from .claims import Claim, Claims
from .database import Database
from .queue import SqliteQueue

IN_FLIGHT_NUMBER = (1 << 32) - 1  # of all dead letters in the flight file; queues count from 1
LEASE_S = 60.0  # until a consumer says its own
RETENTION_S = 14 * 86_400  # since it was buried
REDRIVE_ROWS, REDRIVE_BYTES = 100, 1 << 20  # in one step: all else waits so long
PARKED = 1 << 62
COLUMNS = "id, body, reason, error, attempts, trace, sent_at, grp"


class SqliteDead:
    """The DeadPort of one queue's consumer, and what the consumer of its letters takes from."""

    def __init__(self, database: Database, queue: SqliteQueue, clock: Clock) -> None:
        self._database, self._queue, self._clock = database, queue, clock
        self._execute = database.execute
        self._source = queue.letters
        self.lease_s = LEASE_S
        self._claims: Claims[int] = Claims(database.flight, IN_FLIGHT_NUMBER)  # with their tries
        self._suspects = self._charged()
        self.on_ready: Any = _nobody  # called when there may be something to claim
        queue.on_buried = self._buried

    # -- the port

    async def peek(self, limit: int) -> list[Letter]:
        select = f"SELECT {COLUMNS} FROM dead WHERE source = ? ORDER BY seq LIMIT ?"
        return [_letter(row) for row in self._execute(select, (self._source, limit))]

    async def redrive(self, limit: int | None) -> int:
        """In steps, each all or nothing, so that nobody waits long. What comes meanwhile, and what
        its consumer is being given, stays.
        """
        return await self._in_steps(self._do_redrive, limit)

    async def purge(self) -> int:
        return await self._in_steps(self._do_purge, None)

    async def _in_steps(self, work: Any, limit: int | None) -> int:
        newest: int = self._execute("SELECT coalesce(max(seq), 0) FROM dead").get
        done = after = 0
        while after < newest and (limit is None or done < limit):
            rows = REDRIVE_ROWS if limit is None else min(REDRIVE_ROWS, limit - done)
            count, after = await self._database.write(work, after, newest, rows)
            done += count
        return done

    # -- what the pump takes from

    def take(self, count: int) -> list[Held]:
        self._end_leases()
        room = self._claims.room(count)
        select = "SELECT seq FROM dead WHERE source = ? AND due <= ? ORDER BY due, seq LIMIT ?"
        found = self._execute(select, (self._source, self._now(), room + len(self._claims)))
        return self._hold([seq for (seq,) in found if seq not in self._claims.seqs][:room])

    def take_suspect(self) -> list[Held]:
        """The next letter that may have killed the process, alone."""
        while self._suspects:
            seq = self._suspects.popleft()
            held = self._hold([seq]) if seq not in self._claims.seqs else []
            if held:
                return held
        return []

    def settle_later(self, settled: Sequence[Settled]) -> None:
        self._database.write(self._carry_out, settled).add_done_callback(_looked_at)

    def next_at(self) -> float | None:
        select = "SELECT min(due) FROM dead WHERE source = ? AND due > ? AND due < ?"
        due = self._execute(select, (self._source, self._now(), PARKED)).get
        times = [time for time in (due and due / 1e6, self._claims.next_end) if time]
        return min(times) if times else None

    async def sweep(self, now_s: float, limit: int = 500) -> int:
        """Remove at most `limit` letters older than they are kept; how many."""
        return await self._database.write(self._do_sweep, int((now_s - RETENTION_S) * 1e6), limit)

    # -- inside the transaction

    def _do_redrive(self, after: int, newest: int, rows: int) -> tuple[int, int]:
        seqs, last = self._step(after, newest, rows)
        messages, size = list[Outgoing](), 0
        for seq in seqs:
            select = "SELECT body, grp FROM dead WHERE seq = ?"
            body, group = self._execute(select, (seq,)).fetchone()
            messages.append(Outgoing(body, group))
            self._remove(seq)
            size += len(body)
            if size > REDRIVE_BYTES:
                last = seq
                break
        self._queue.insert(messages)
        return len(messages), last

    def _do_purge(self, after: int, newest: int, rows: int) -> tuple[int, int]:
        seqs, last = self._step(after, newest, rows)
        for seq in seqs:
            self._remove(seq)
        return len(seqs), last

    def _do_sweep(self, oldest: int, limit: int) -> int:
        select = (
            "SELECT seq FROM (SELECT seq, buried_at FROM dead WHERE source = ? "
            "ORDER BY seq LIMIT ?) WHERE buried_at <= ?"
        )
        found = self._execute(select, (self._source, limit, oldest)).fetchall()
        seqs = [seq for (seq,) in found if seq not in self._claims.seqs]
        for seq in seqs:
            self._remove(seq)
        return len(seqs)

    def _step(self, after: int, newest: int, rows: int) -> tuple[list[int], int]:
        """The next letters that are not in flight, and up to where this has looked."""
        which = "source = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
        rows_of = self._execute(
            f"SELECT seq FROM dead WHERE {which}", (self._source, after, newest, rows)
        )
        found = [seq for (seq,) in rows_of]
        last = found[-1] if len(found) == rows else newest
        return [seq for seq in found if seq not in self._claims.seqs], last

    def _remove(self, seq: int) -> None:
        self._execute("DELETE FROM dead WHERE seq = ?", (seq,))

    def _carry_out(self, settled: Sequence[Settled]) -> None:
        ours = self._claims.of(settled)
        for one, claim in ours:
            CARRY_OUT[type(one)](self, one, claim)
        self._database.then(self._forget, [one.receipt for one, _ in ours])

    def _done(self, _: Done, claim: Claim[int]) -> None:
        self._remove(claim.seq)

    def _retry(self, one: Retry, claim: Claim[int]) -> None:
        due = claim.until * 1e6 if one.after_s is None else self._now() + one.after_s * 1e6
        self._again(claim, int(due), claim.row + one.counts)

    def _park(self, one: Bury, claim: Claim[int]) -> None:
        self._again(claim, PARKED, one.attempts)

    def _again(self, claim: Claim[int], due: int, tries: int) -> None:
        self._execute("UPDATE dead SET due = ?, tries = ? WHERE seq = ?", (due, tries, claim.seq))

    # -- after the commit

    def _forget(self, receipts: list[int]) -> None:
        for receipt in receipts:
            self._claims.end(receipt)
        self.on_ready()

    def _buried(self) -> None:
        self.on_ready()

    # -- claims

    def _hold(self, seqs: list[int]) -> list[Held]:
        until, held = self._clock.time() + self.lease_s, list[Held]()
        select = f"SELECT tries, {COLUMNS} FROM dead WHERE seq = ? AND source = ? AND due <= ?"
        for seq in seqs:
            row = self._execute(select, (seq, self._source, self._now())).fetchone()
            if row is None:
                continue
            tries, letter = row[0], _letter(row[1:])
            receipt = self._claims.begin(seq, tries, until)
            said = (receipt, letter.id, letter.body, tries + 1, letter.sent_at, letter.group)
            held.append(Held(*said, letter))
        return held

    def _end_leases(self) -> None:
        over = self._claims.over(self._clock.time())
        if over:
            self.settle_later(over)

    def _charged(self) -> deque[int]:
        """Each letter that was in flight when the process died has had a try."""
        charge = "UPDATE dead SET tries = tries + 1 WHERE seq = ? AND source = ?"
        charged = deque[int]()
        for seq in self._claims.interrupted():
            self._execute(charge, (seq, self._source))
            if self._database.connection.changes():
                charged.append(seq)
        return charged

    def _now(self) -> int:
        return int(self._clock.time() * 1_000_000)


CARRY_OUT: dict[type[Any], Any] = {
    Done: SqliteDead._done,  # pyright: ignore[reportPrivateUsage]
    Retry: SqliteDead._retry,  # pyright: ignore[reportPrivateUsage]
    Bury: SqliteDead._park,  # pyright: ignore[reportPrivateUsage]
}


def _letter(row: tuple[Any, ...]) -> Letter:
    id, body, reason, error, attempts, trace, sent_at, group = row
    return Letter(id, body, reason, error, attempts, trace, sent_at / 1e6, group)


def _looked_at(future: asyncio.Future[None]) -> None:
    if not future.cancelled():
        future.exception()  # what could not be written comes back by its lease


def _nobody() -> None:
    """No one takes these letters."""
