"""Schedules: each time that comes while the process runs is run for, and of what went by meanwhile
the last; no time is accepted twice.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

from tests.crash.client import Client, expect
from tests.crash.loads.ahead import ahead_s
from tests.crash.loads.pending import DRAINED_S_MAX, EVERY_S

SCHEDULES = ("rate", "cron")
MINUTE_S = 60.0
LOOK_S = 0.02
ROUND_ABOUT_S = 3.0  # when a process began and ended is not known better


class RunLoad:
    workers = 1

    def __init__(self, *, counts_attempts: bool = True) -> None:
        self._counts_attempts = counts_attempts
        self.acknowledged = self.run = self.repeated = 0
        self._ran: list[list[float]] = []  # from when on, and until when at least, it ran

    async def begin(self, client: Client, number: int) -> None:
        if number == 0:
            await self._started(client)

    async def _started(self, client: Client) -> None:
        now = time.time() + await ahead_s(client)
        self._ran.append([now, now])

    async def work(self, client: Client, worker: int) -> None:
        while True:
            status, body = await client.ask("GET", "/clock")
            expect(status, 200, body=body)
            self._ran[-1][1] = body["now"]
            await asyncio.sleep(LOOK_S)

    async def check(self, client: Client) -> list[str]:
        await self._started(client)
        return await self._twice(client)

    async def _twice(self, client: Client) -> list[str]:
        found = [one for name in SCHEDULES for one in await self._runs(client, name)]
        return [
            f"{one['schedule']} accepted {one['time']} twice"
            for one in found
            if one["first_attempts"] > 1 and self._counts_attempts
        ]

    async def check_all(self, client: Client) -> list[str]:
        wrong = await self._twice(client)
        for name in SCHEDULES:
            wrong += await self._unlike(client, name)
        return wrong

    async def _unlike(self, client: Client, name: str) -> list[str]:
        missing = set[float]()
        try:
            async with asyncio.timeout(DRAINED_S_MAX):
                while True:
                    runs = await self._runs(client, name)
                    times = {datetime.fromisoformat(one["time"]).timestamp() for one in runs}
                    must, must_not = self._expected(min(times))
                    missing = must - times
                    if not missing:
                        break
                    await asyncio.sleep(EVERY_S)
        except TimeoutError:
            return [f"{name} has not run for {sorted(missing)[:3]}"]
        self.run += len(runs)
        self.repeated += sum(one["times"] > 1 for one in runs)
        self.acknowledged += len(must)
        return [f"{name} ran for {one}, behind a later one" for one in sorted(times & must_not)]

    def _expected(self, first: float) -> tuple[set[float], set[float]]:
        """Times that it must have run for, and those that had gone by when it could."""
        must, must_not = {first}, set[float]()
        until = first
        for begun, ended in self._ran:
            gone = _times(first, until + ROUND_ABOUT_S, begun - ROUND_ABOUT_S)
            must_not |= set(gone[:-1])
            must |= set(_times(first, until, begun)[-1:])
            must |= set(_times(first, begun, ended - ROUND_ABOUT_S))
            until = ended
        return must, must_not

    async def _runs(self, client: Client, name: str) -> list[dict[str, Any]]:
        status, found = await client.ask("GET", f"/runs/{name}")
        expect(status, 200, body=found)
        return found["runs"]

    def __str__(self) -> str:
        return f"{self.run} times of schedules, {self.repeated} of them run for more than once"


def _times(first: float, after: float, until: float) -> list[float]:
    """Each minute from `first` on, in this span."""
    number = max(0, int((after - first) // MINUTE_S) + 1)
    found: list[float] = []
    while (at := first + number * MINUTE_S) <= until:
        found.append(at)
        number += 1
    return found
