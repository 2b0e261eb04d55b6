"""All or nothing over tables and queues: everything is decided before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Invalid
from ..invocation import Invocation, current
from ..ports import Batch
from .database import Database
from .once import SqliteLedger
from .table import At, Pending, SqliteTable

TRANSACTION_BYTES_MAX = 4 * 1024 * 1024


class SqliteStore:
    """The StorePort of one state."""

    def __init__(
        self, database: Database, adapters: Mapping[str, Any], ledger: SqliteLedger
    ) -> None:
        self._database, self._adapters, self._ledger = database, adapters, ledger

    async def commit(self, batch: Batch) -> None:
        pending: list[tuple[SqliteTable, Pending]] = []
        touched = set[tuple[str, At]]()
        for name, action in batch.actions:
            table: SqliteTable = self._adapters[name]
            one = table.pending(action)
            if (name, one.at) in touched:
                raise Invalid(f"table {name!r}: an item is in this transaction twice")
            touched.add((name, one.at))
            pending.append((table, one))
        await self._database.write(self._do, pending, batch, current.get(None))

    def _do(
        self,
        pending: list[tuple[SqliteTable, Pending]],
        batch: Batch,
        writer: Invocation | None,
    ) -> None:
        if batch.once is not None:
            self._ledger.check(batch.once)
        effects = [(table, one.decide()) for table, one in pending]
        if sum(len(effect.text) for _, effect in effects) > TRANSACTION_BYTES_MAX // 4:
            size = sum(table.bytes_of(effect.text) for table, effect in effects if effect.text)
            if size > TRANSACTION_BYTES_MAX:
                limit = f"{TRANSACTION_BYTES_MAX:,}"
                raise Invalid(f"the transaction's items have {size:,} bytes, limit {limit}")
        for (table, one), (_, effect) in zip(pending, effects, strict=True):
            table.carry_out(one.at, effect, writer)
        for queue, message in batch.messages:
            self._adapters[queue].insert([message])
        if batch.once is not None:
            self._ledger.write_finished(batch.once)
