"""Holds handlers back: closed, they wait; open, they run and are counted."""

import asyncio

ALL = 1 << 40


class Gate:
    def __init__(self) -> None:
        self.passed = 0
        self._until = 0  # so many may pass
        self._open, self._reached = asyncio.Event(), asyncio.Event()

    async def through(self) -> None:
        while self.passed >= self._until:
            await self._open.wait()
        self.passed += 1
        if self.passed == self._until:
            self._open.clear()
            self._reached.set()

    def let(self, count: int = ALL) -> None:
        """Let so many more pass, and then close again."""
        self._until = self.passed + count
        self._reached.clear()
        self._open.set()

    def close(self) -> None:
        self._until = self.passed
        self._open.clear()

    async def wait_closed(self) -> None:
        await self._reached.wait()
