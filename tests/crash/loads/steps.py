"""FIFO groups: no step of a trail comes before the one before it, and the last one is reached."""

from __future__ import annotations

import asyncio
from itertools import count

from tests.crash.client import Client, expect
from tests.crash.loads.pending import DRAINED_S_MAX, EVERY_S

ASKED_AT_ONCE = 500


class StepLoad:
    workers = 3

    def __init__(self) -> None:
        self.acknowledged = 0
        self._told: dict[str, int] = {}  # the last acknowledged step of each trail
        self._trails = 0

    async def begin(self, client: Client, number: int) -> None:
        self._round = number

    async def work(self, client: Client, worker: int) -> None:
        trail = f"trail-{self._round}.{worker}"  # after a kill nobody knows the last step sent
        self._trails += 1
        for number in count(1):
            status, body = await client.ask("POST", "/steps", {"trail": trail, "number": number})
            expect(status, 204, body=body)
            self._told[trail] = number
            self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        wrong: list[str] = []
        waiting = sorted(self._told)
        for at in range(0, len(waiting), ASKED_AT_ONCE):
            asked = {"ids": waiting[at : at + ASKED_AT_ONCE]}
            status, found = await client.ask("POST", "/trails/known", asked)
            expect(status, 200, body=found)
            for trail in found:
                if trail["missed"] is not None:
                    wrong.append(f"{trail['id']}: step {trail['missed']} came before its time")
                if trail["reached"] >= self._told[trail["id"]]:
                    del self._told[trail["id"]]
        return wrong

    async def check_all(self, client: Client) -> list[str]:
        wrong: list[str] = []
        try:
            async with asyncio.timeout(DRAINED_S_MAX):
                while self._told:
                    wrong += await self.check(client)
                    await asyncio.sleep(EVERY_S)
        except TimeoutError:
            wrong.append(f"steps were accepted and not taken: {dict(list(self._told.items())[:3])}")
        return wrong

    def __str__(self) -> str:
        return f"{self.acknowledged:,} steps of {self._trails} trails, in order"
