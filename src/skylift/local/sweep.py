"""What has expired (items, messages, dead letters, once records) takes no part in anything; some
time later it is removed, a little at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from ..errors import Unavailable
from ..ports import Clock

EVERY_S = 30.0
BATCH = 500


class Swept(Protocol):
    async def sweep(self, now_s: float, limit: int = ...) -> int: ...  # how many, at most `limit`


class Sweeper:
    """`swept` may be replaced at any time, as a reload does."""

    def __init__(self, clock: Clock) -> None:
        self.swept: Sequence[Swept] = ()
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._sweep_often())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def sweep(self) -> None:
        for one in self.swept:
            await self._emptied(one)

    async def _sweep_often(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self.sweep()

    async def _emptied(self, one: Swept) -> None:
        """One batch a tick, so that nothing else waits for more than one."""
        try:
            while await one.sweep(self._clock.time(), BATCH) == BATCH:
                pass
        except Unavailable:
            return  # a full disk is told to those who write; the next round tries again
