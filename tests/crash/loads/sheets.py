"""Transactions of 48 items of 2 KB: all lines of a sheet have one version, in both tables and in
their indexes, and it is the last acknowledged one or the one under way.
"""

from __future__ import annotations

from collections import Counter

from tests.crash.client import Client, expect

TEXT = "x" * 2048
LINES = 24


class SheetLoad:
    workers = 10  # as many as keep the server writing

    def __init__(self) -> None:
        self.acknowledged = 0
        self._told = [0] * self.workers  # the last acknowledged version of each sheet
        self._asked = [0] * self.workers

    async def begin(self, client: Client, number: int) -> None:
        pass

    async def work(self, client: Client, worker: int) -> None:
        while True:
            self._asked[worker] += 1
            sheet = {"version": self._asked[worker], "text": TEXT}
            status, body = await client.ask("PUT", f"/sheets/{worker}", sheet)
            expect(status, 204, body=body)
            self._told[worker] = self._asked[worker]
            self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        wrong: list[str] = []
        for worker in range(self.workers):
            lines: dict[str, list[int]]
            _, lines = await client.ask("GET", f"/sheets/{worker}")
            told, asked = self._told[worker], self._asked[worker]
            allowed = [whole(version) for version in {told, asked}]
            if lines not in allowed:
                shown = {name: dict(Counter(found)) for name, found in lines.items()}
                wrong.append(f"sheet {worker}: {told} told, {asked} asked, lines hold {shown}")
                continue
            version = lines["debits"][0] if lines["debits"] else 0
            self._told[worker] = self._asked[worker] = version
        return wrong

    async def check_all(self, client: Client) -> list[str]:
        return await self.check(client)


def whole(version: int) -> dict[str, list[int]]:
    """A sheet as it must be; version 0 is the one never written."""
    lines = [version] * LINES if version else []
    names = ("debits", "debits_indexed", "credits", "credits_indexed")
    return dict.fromkeys(names, lines)
