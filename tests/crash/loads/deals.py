"""Transactions with every kind of message: all of one happens, its many items too, or nothing."""

from __future__ import annotations

from collections import Counter

from tests.crash.client import Client, expect
from tests.crash.loads.fans import FanLoad, Sent

PARTS, SLOTS = 40, 5
TO = frozenset(["follow", "announce", "note", "remind", "ship", "work"])
ASKED_AT_ONCE = 500


class DealLoad:
    workers = 5  # as many as keep the server writing

    def __init__(self) -> None:
        self._fan = FanLoad("deals", deal)

    @property
    def acknowledged(self) -> int:
        return self._fan.acknowledged

    async def begin(self, client: Client, number: int) -> None:
        await self._fan.begin(client, number)

    async def work(self, client: Client, worker: int) -> None:
        await self._fan.work(client, worker)

    async def check(self, client: Client) -> list[str]:
        return await self._broken(client) + await self._fan.check(client)

    async def check_all(self, client: Client) -> list[str]:
        return await self._fan.check_all(client)

    async def _broken(self, client: Client) -> list[str]:
        """Which are there in part, or were acknowledged and are not there."""
        wrong: list[str] = []
        there = set[str]()
        ids = self._fan.recent()
        for at in range(0, len(ids), ASKED_AT_ONCE):
            portion = ids[at : at + ASKED_AT_ONCE]
            status, found = await client.ask("POST", "/deals/known", {"ids": portion})
            expect(status, 200, body=found)
            there |= set(found["ids"])
            gone = self._fan.owed(portion) - there
            wrong += [f"{id} was accepted and is gone" for id in sorted(gone)]
        self._fan.owe(there)
        for slot in range(SLOTS):
            status, found = await client.ask("GET", f"/slots/{slot}")
            expect(status, 200, body=found)
            counted = Counter(found["ids"])
            if counted and list(counted.values()) != [2 * PARTS]:  # in the table and its index
                wrong.append(f"slot {slot} has parts of more than one deal: {counted}")
        return wrong

    def __str__(self) -> str:
        return str(self._fan)


def deal(id: str, number: int, _failures: int) -> Sent:
    return Sent("/deals", {"id": id, "slot": number % SLOTS}, TO)
