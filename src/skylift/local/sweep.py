"""Expired items and messages take no part in anything; some time later they are removed, a few at a time."""

from __future__ import annotations

import asyncio

from ..errors import Unavailable
from ..ports import Clock
from .queue import SqliteQueue
from .table import SqliteTable

EVERY_S = 30.0
BATCH = 500


class Sweeper:
    """`swept` may be replaced at any time, as a reload does."""

    def __init__(self, clock: Clock) -> None:
        self.swept: list[SqliteTable | SqliteQueue] = []
        self._clock = clock
        self._task = asyncio.get_running_loop().create_task(self._sweep())

    def stop(self) -> None:
        self._task.cancel()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            for one in self.swept:
                await self._emptied(one)

    async def _emptied(self, one: SqliteTable | SqliteQueue) -> None:
        """One batch a tick, so that nothing else waits for more than one."""
        try:
            while await one.sweep(self._clock.time(), BATCH) == BATCH:
                pass
        except Unavailable:
            return  # a full disk is told to those who write; the next round tries again
