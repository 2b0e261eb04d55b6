"""What a table tells: those who follow it come to what it holds, item by item, in order, and hear
of nothing that was not, nor of anything twice without a crash.
"""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import Any

from tests.crash.client import Client, expect
from tests.crash.loads.ahead import ahead_s
from tests.crash.loads.pending import DRAINED_S_MAX, EVERY_S

FOLLOWERS = 2
ITEMS = 4  # of a worker, at a time
ASKED_AT_ONCE = 250
KINDS = ("put", "patch", "patch", "same", "put", "delete", "put")
ENDS_S = 100.0  # in a round or two; of the first item of each worker


class CounterLoad:
    workers = 3

    def __init__(self, *, counts_attempts: bool = True) -> None:
        self._counts_attempts = counts_attempts
        self.acknowledged = self.items = 0
        self._asked: dict[str, int] = {}  # the newest version of each item; 0 is none
        self._told: dict[str, int] = {}

    async def begin(self, client: Client, number: int) -> None:
        self._round = number
        self._ends_at = time.time() + await ahead_s(client) + ENDS_S

    async def work(self, client: Client, worker: int) -> None:
        for number in count():
            turn, place = divmod(number, ITEMS)
            id = f"counter-{self._round}.{worker}.{place}"
            await self._write(client, id, KINDS[turn % len(KINDS)], turn + 1)

    async def _write(self, client: Client, id: str, kind: str, version: int) -> None:
        """Versions only grow, over deletions too."""
        path, method = f"/counters/{id}", "PUT" if kind in ("put", "same") else kind.upper()
        if kind == "same":
            version = self._asked[id]
        if kind != "delete":
            path += f"?version={version}"
        if id.endswith(".0") and method == "PUT":
            path += f"&ends_at={self._ends_at}"
        self._asked[id] = 0 if kind == "delete" else version
        status, body = await client.ask(method, path)
        expect(status, 204, body=body)
        self._told[id] = self._asked[id]
        self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        wrong: list[str] = []
        own = [id for id in self._asked if id.startswith(f"counter-{self._round}.")]
        for one in await self._compared(client, own):
            allowed = {self._told.get(one["id"], 0), self._asked[one["id"]]}
            allowed |= {0} if one["id"].endswith(".0") else set()  # expired
            if one["version"] not in allowed:
                wrong.append(f"{one['id']} holds {one['version']}, not one of {allowed}")
            wrong += self._misfolded(one)
        return wrong

    async def check_all(self, client: Client) -> list[str]:
        wrong: list[str] = []
        behind = await self._compared(client, sorted(self._asked))
        try:
            async with asyncio.timeout(DRAINED_S_MAX):
                while behind := [one for one in behind if not self._is_folded(one)]:
                    await asyncio.sleep(EVERY_S)
                    behind = await self._compared(client, [one["id"] for one in behind])
        except TimeoutError:
            wrong.append(f"{len(behind)} items are not what was told of them, as {behind[:3]}")
        for one in await self._compared(client, sorted(self._asked)):
            wrong += self._misfolded(one)
            self.items += 1
        return wrong

    def _misfolded(self, one: dict[str, Any]) -> list[str]:
        kinds = ("wrong", "again") if self._counts_attempts else ("wrong",)
        return [
            f"{one['id']}: {fold[kind]}" for fold in one["folds"] for kind in kinds if fold[kind]
        ]

    def _is_folded(self, one: dict[str, Any]) -> bool:
        """Of an item that is there, or was once, all know what has become of it."""
        if one["version"] == 0 and not one["folds"]:
            return one["id"] not in self._told
        return [fold["version"] for fold in one["folds"]] == [one["version"]] * FOLLOWERS

    async def _compared(self, client: Client, ids: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for at in range(0, len(ids), ASKED_AT_ONCE):
            asked = {"ids": ids[at : at + ASKED_AT_ONCE]}
            status, portion = await client.ask("POST", "/counters/known", asked)
            expect(status, 200, body=portion)
            found += portion
        return found

    def __str__(self) -> str:
        return f"{self.acknowledged:,} changes of {self.items} items, told to {FOLLOWERS} each"
