"""Transactions with messages: an order that is there is packed and billed; a message without its
order is never seen.
"""

from __future__ import annotations

import asyncio
from itertools import count

from tests.crash.client import Client, expect
from tests.crash.loads.pending import EVERY_S, Pending

POLLS_MAX = 300


class OrderLoad:
    workers = 3

    def __init__(self) -> None:
        self.acknowledged = 0
        self.fulfilled = 0
        self._pending = Pending("/orders/known", lambda one: one["packed"] and one["billed"])

    async def begin(self, client: Client, number: int) -> None:
        self._round = number

    async def work(self, client: Client, worker: int) -> None:
        for number in count():
            id = f"order-{self._round}.{worker}.{number}"
            self._pending.uncertain.add(id)
            status, body = await client.ask("POST", "/orders", {"id": id})
            expect(status, 201, body=body)
            self._pending.accept(id)
            self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        self.fulfilled += len(await self._pending.ended(client))
        return []

    async def check_all(self, client: Client) -> list[str]:
        try:
            self.fulfilled += len(await self._pending.all_ended(client))
        except TimeoutError:
            lost = sorted(self._pending.accepted)
            return [f"{len(lost)} orders were accepted and not fulfilled, as {lost[:3]}"]
        return await self._half_done(client)

    async def _half_done(self, client: Client) -> list[str]:
        """Orders nobody was told of: not there at all, or fulfilled like any other."""
        half: list[dict[str, object]] = []
        for _ in range(POLLS_MAX):
            asked = {"ids": sorted(self._pending.uncertain)}
            status, half = await client.ask("POST", "/orders/known", asked)
            expect(status, 200, body=half)
            if not half:
                break
            await asyncio.sleep(EVERY_S)
            self.fulfilled += len(await self._pending.ended(client))
        return [f"{order['id']} was never acknowledged and is half done" for order in half]

    def __str__(self) -> str:
        return f"{self.acknowledged:,} orders with two messages each, {self.fulfilled:,} fulfilled"
