"""Expired items take no part in anything; some time later they are removed, a few at a time."""

from __future__ import annotations

import asyncio

from ..errors import Unavailable
from ..ports import Clock
from .table import SqliteTable

EVERY_S = 30.0
BATCH = 500


class Sweeper:
    """`tables` may be replaced at any time, as a reload does."""

    def __init__(self, clock: Clock) -> None:
        self.tables: list[SqliteTable] = []
        self._clock = clock
        self._task = asyncio.get_running_loop().create_task(self._sweep())

    def stop(self) -> None:
        self._task.cancel()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            for table in self.tables:
                await self._emptied(table)

    async def _emptied(self, table: SqliteTable) -> None:
        """One batch a tick, so that nothing else waits for more than one."""
        try:
            while await table.sweep(self._clock.time(), BATCH) == BATCH:
                pass
        except Unavailable:
            return  # a full disk is told to those who write; the next round tries again
