"""What was accepted and has no end yet: asked for again and again, until nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.crash.client import Client, expect

ASKED_AT_ONCE = 500
DRAINED_S_MAX = 60.0
EVERY_S = 0.1


class Pending:
    """`is_over` says of an answered record whether it has come to its end."""

    def __init__(self, path: str, is_over: Callable[[Any], bool]) -> None:
        self._path, self._is_over = path, is_over
        self.accepted: set[str] = set()  # acknowledged, and not known to have ended
        self.uncertain: set[str] = set()  # asked for, and the answer never came

    def accept(self, id: str) -> None:
        """Its acknowledgement has come."""
        self.uncertain.discard(id)
        self.accepted.add(id)

    async def ended(self, client: Client) -> list[Any]:
        """The records that have come to their end meanwhile; they are pending no more."""
        over: list[Any] = []
        for ids in self._portions():
            status, found = await client.ask("POST", self._path, {"ids": ids})
            expect(status, 200, body=found)
            over += [one for one in found if self._is_over(one)]
        for one in over:
            self.accepted.discard(one["id"])
            self.uncertain.discard(one["id"])
        return over

    async def all_ended(self, client: Client) -> list[Any]:
        """As `ended`, waiting for all that was accepted."""
        over: list[Any] = []
        async with asyncio.timeout(DRAINED_S_MAX):
            while True:
                over += await self.ended(client)
                if not self.accepted:
                    return over
                await asyncio.sleep(EVERY_S)

    def _portions(self) -> list[list[str]]:
        ids = sorted(self.accepted | self.uncertain)
        return [ids[at : at + ASKED_AT_ONCE] for at in range(0, len(ids), ASKED_AT_ONCE)]
