"""Indexes that lag behind their tables, as DynamoDB's do: they show the state as it was when the
world last settled or its clock last moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..local.database import Database
from ..local.table import SqliteTable
from ..ports import Action, Clock, Delete, Key, Put, Range, Rows, TablePort
from ..resources.table import Table


class Snapshot:
    """A copy of the state, and the tables in it."""

    def __init__(self, source: Database, tables: Iterable[Table[Any, Any]], clock: Clock) -> None:
        self._source, self._copy = source, Database(None)
        self._changes = -1
        self.catch_up()
        self.tables = {one.name: SqliteTable(self._copy, one, clock) for one in tables}

    def catch_up(self) -> None:
        """Show what is there now."""
        source = self._source.connection
        if source.total_changes() == self._changes:
            return
        self._changes = source.total_changes()
        with self._copy.connection.backup("main", source, "main") as copying:
            copying.step()

    async def close(self) -> None:
        await self._copy.close()


class LaggingTable:
    """A TablePort."""

    def __init__(self, inner: TablePort, lagging: TablePort) -> None:
        self._inner, self._lagging = inner, lagging

    async def get(self, key: Key) -> Any:
        return await self._inner.get(key)

    async def get_many(self, keys: Sequence[Key]) -> list[Any]:
        return await self._inner.get_many(keys)

    async def read(self, rows: Range) -> Rows:
        return await (self._inner if rows.index is None else self._lagging).read(rows)

    async def write(self, action: Action) -> Any:
        return await self._inner.write(action)

    async def write_many(self, actions: Sequence[Put | Delete]) -> list[Exception | None]:
        return await self._inner.write_many(actions)
