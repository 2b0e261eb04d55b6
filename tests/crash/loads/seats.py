"""Conditional creates: several clients want the same seat at the same instant. One is told it won,
the others that it is taken; both stay true.
"""

from __future__ import annotations

import asyncio
from itertools import count

from tests.crash.client import Client, Lost, expect


class SeatLoad:
    workers = 3

    def __init__(self) -> None:
        self.acknowledged = 0
        self._settled: dict[str, dict[int, str]] = {}

    async def begin(self, client: Client, number: int) -> None:
        self._hall = f"hall-{number}"
        self._together = asyncio.Barrier(self.workers)
        self._winners: dict[int, list[str]] = {}  # who was told 201
        self._taken: set[int] = set()  # numbers of which anyone was told anything

    async def work(self, client: Client, worker: int) -> None:
        try:
            for number in count():
                await self._claim(client, number, f"client-{worker}")
                await self._together.wait()
        except asyncio.BrokenBarrierError:
            raise Lost from None
        finally:
            await self._together.abort()

    async def _claim(self, client: Client, number: int, owner: str) -> None:
        seat = {"hall": self._hall, "number": number, "owner": owner}
        status, body = await client.ask("POST", "/seats", seat)
        expect(status, 201, 409, body=body)
        self._taken.add(number)
        if status == 201:
            self._winners.setdefault(number, []).append(owner)
            self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        held = await self._held(client, self._hall)
        self._settled[self._hall] = held
        wrong = [f"seat {n} of {self._hall} is free again" for n in self._taken - held.keys()]
        for number, winners in self._winners.items():
            if [held.get(number)] != winners:
                wrong.append(f"seat {number} was won by {winners}, held by {held.get(number)}")
        return wrong

    async def check_all(self, client: Client) -> list[str]:
        return [
            f"{hall} has changed since"
            for hall, held in self._settled.items()
            if await self._held(client, hall) != held
        ]

    async def _held(self, client: Client, hall: str) -> dict[int, str]:
        _, plan = await client.ask("GET", f"/halls/{hall}")
        return {seat["number"]: seat["owner"] for seat in plan["seats"]}
