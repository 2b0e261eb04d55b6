"""Dead letters in SQLite: one SQL table, by the queue they came from."""

from __future__ import annotations

from ..ports import Clock, Letter, Outgoing
from .database import Database
from .queue import SqliteQueue

REDRIVE_ROWS = 256  # in one transaction
COLUMNS = "id, body, reason, error, attempts, trace, sent_at, grp"


class SqliteDead:
    """The DeadPort of one queue's consumer, and the QueuePort of the consumer of its letters."""

    def __init__(self, database: Database, queue: SqliteQueue, clock: Clock) -> None:
        self._database, self._queue, self._clock = database, queue, clock
        self._execute = database.execute

    @property
    def _source(self) -> str:
        return self._queue.declared.name

    async def peek(self, limit: int) -> list[Letter]:
        select = f"SELECT {COLUMNS} FROM dead WHERE source = ? ORDER BY seq LIMIT ?"
        found = self._execute(select, (self._source, limit))
        return [Letter(*row[:6], row[6] / 1e6, row[7]) for row in found]

    async def redrive(self, limit: int | None) -> int:
        moved, newest = 0, self._execute("SELECT coalesce(max(seq), 0) FROM dead").get
        while limit is None or moved < limit:  # in steps, so that nobody waits long
            step = min(REDRIVE_ROWS, REDRIVE_ROWS if limit is None else limit - moved)
            count = await self._database.write(self._do_redrive, newest, step)
            moved += count
            if count < step:
                break
        return moved

    async def purge(self) -> int:
        return await self._database.write(self._do_purge)

    # -- inside the transaction

    def _do_redrive(self, newest: int, limit: int) -> int:
        select = "SELECT seq, body, grp, id FROM dead WHERE source = ? AND seq <= ? LIMIT ?"
        rows = self._execute(select, (self._source, newest, limit)).fetchall()
        for seq, body, group, id in rows:
            self._queue.insert([Outgoing(body, group, f"redriven {id} {seq}")])
            self._execute("DELETE FROM dead WHERE seq = ?", (seq,))
        return len(rows)

    def _do_purge(self) -> int:
        self._execute("DELETE FROM dead WHERE source = ?", (self._source,))
        return self._database.connection.changes()
