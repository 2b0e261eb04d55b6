"""Timers: each that was set rings, once, not before its time and soon after it, unless it was set
anew or cancelled before: then the old time never comes.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.crash.client import Client, expect
from tests.crash.loads.ahead import ahead_s
from tests.crash.loads.pending import ASKED_AT_ONCE, DRAINED_S_MAX, EVERY_S

LATE_S_MAX = 60.0  # while the process runs
NEVER = float("inf")
SHORT_S = 0.5  # of a time beside which another is earlier or later
LONG_S = 150.0  # over several rounds
CLOCKS_S = 0.05  # how well the app's clock is known to the clients


@dataclass
class Setting:
    """One time of an id. What takes its place was asked for, and answered at `ended_at`."""

    due: float
    is_told: bool = False
    is_doubtful: bool = False  # its end was asked for, and the answer never came
    ended_at: float = NEVER

    @property
    def must_ring(self) -> bool:
        return self.is_told and not self.is_doubtful and self.ended_at == NEVER

    @property
    def may_ring(self) -> bool:
        return self.ended_at > self.due - CLOCKS_S


@dataclass
class RingLoad:
    workers: int = 2
    long_rounds: int = 0  # in the first ones some are set for a later round
    acknowledged: int = 0
    rung: int = 0
    repeated: int = 0
    late_s: float = 0.0  # the most
    _set: dict[str, list[Setting]] = field(default_factory=dict[str, list[Setting]])
    _ran: list[list[float]] = field(default_factory=list[list[float]])  # from, until
    _seen_at: float = 0.0  # running
    _ahead_s: float = 0.0

    async def begin(self, client: Client, number: int) -> None:
        self._round = number
        if number == 0:
            await self._started(client)

    async def _started(self, client: Client) -> None:
        if self._ran:
            self._ran[-1][1] = self._seen_at
        self._ahead_s = await ahead_s(client)
        self._ran.append([self._now(), NEVER])

    async def work(self, client: Client, worker: int) -> None:
        for number in count():
            await self._one(client, f"ring-{self._round}.{worker}.{number}", number)

    async def _one(self, client: Client, id: str, number: int) -> None:
        kind, spread = number % 7, number % 5 / 10
        if kind == 6 and self._round < self.long_rounds:
            await self._put(client, id, LONG_S * spread)
            return
        await self._put(client, id, spread + (0 if kind < 2 else SHORT_S))
        if kind == 3:
            await self._put(client, id, spread)  # earlier
        elif kind == 4:
            await self._put(client, id, spread + 2 * SHORT_S)
        elif kind == 5:
            await self._cancel(client, id)

    async def _put(self, client: Client, id: str, in_s: float) -> None:
        settings = self._set.setdefault(id, [])
        settings.append(Setting(self._now() + in_s))
        self._doubt(settings[:-1])
        ring = {"id": id, "version": len(settings), "due": settings[-1].due}
        status, body = await client.ask("PUT", "/alarms", ring)
        expect(status, 204, body=body)
        settings[-1].is_told = True
        self._end(settings[:-1])
        self.acknowledged += 1

    async def _cancel(self, client: Client, id: str) -> None:
        self._doubt(self._set[id])
        status, body = await client.ask("DELETE", f"/alarms/{id}")
        expect(status, 204, body=body)
        self._end(self._set[id])
        self.acknowledged += 1

    def _doubt(self, settings: list[Setting]) -> None:
        for one in settings:
            one.is_doubtful = True

    def _end(self, settings: list[Setting]) -> None:
        self._seen_at = self._now()
        for one in settings:
            one.ended_at = min(one.ended_at, self._seen_at)

    def _now(self) -> float:
        """As the app's clock shows it."""
        return time.time() + self._ahead_s

    # -- checks

    async def check(self, client: Client) -> list[str]:
        await self._started(client)
        recent = [id for id in self._set if id.startswith(f"ring-{self._round}.")]
        wrong, _ = await self._judged(client, recent)
        return wrong

    async def check_all(self, client: Client) -> list[str]:
        last = max((one.due for settings in self._set.values() for one in settings), default=0)
        await asyncio.sleep(min(max(last - self._now(), 0), 2 * SHORT_S))
        wrong, silent = await self._judged(client, sorted(self._set), is_final=True)
        try:
            async with asyncio.timeout(DRAINED_S_MAX):
                while silent:
                    await asyncio.sleep(EVERY_S)
                    more, silent = await self._judged(client, silent, is_final=True)
                    wrong += more
        except TimeoutError:
            wrong.append(f"{len(silent)} timers were set and never rang, as {silent[:3]}")
        return wrong

    async def _judged(
        self, client: Client, ids: list[str], *, is_final: bool = False
    ) -> tuple[list[str], list[str]]:
        """What is wrong, and who has not rung yet."""
        wrong: list[str] = []
        silent: list[str] = []
        for at in range(0, len(ids), ASKED_AT_ONCE):
            portion = ids[at : at + ASKED_AT_ONCE]
            status, found = await client.ask("POST", "/rungs/known", {"ids": portion})
            expect(status, 200, body=found)
            rung: dict[str, dict[int, Any]] = {id: {} for id in portion}
            for one in found["rings"]:
                rung[one["id"]][one["version"]] = one
            for id, rings in rung.items():
                if not self._has_rung(self._set[id], rings):
                    silent.append(id)
                elif is_final:
                    self._count(rings)
                wrong += self._wrong(id, rings)
        return wrong, silent

    def _has_rung(self, settings: list[Setting], rings: dict[int, Any]) -> bool:
        """All that must; of two of which nobody knows which one counts, one at least."""
        if any(one.must_ring and at not in rings for at, one in enumerate(settings, 1)):
            return False
        *_, last = settings
        is_replaced = len(settings) > 1 and not last.is_told and settings[-2].is_told
        return bool(rings) or not is_replaced

    def _wrong(self, id: str, rings: dict[int, Any]) -> list[str]:
        wrong: list[str] = []
        for version, ring in rings.items():
            setting = self._set[id][version - 1]
            late_s = self._ran_s(setting.due, ring["at"])
            self.late_s = max(self.late_s, late_s)
            if not setting.may_ring:
                wrong.append(f"{id} rang for {version}, which was cancelled or set anew")
            if ring["at"] < setting.due - 1e-6:
                wrong.append(f"{id} rang {setting.due - ring['at']:.3f} s too early")
            if late_s > LATE_S_MAX:
                wrong.append(f"{id} rang after the process had run for {late_s:.0f} s")
        return wrong

    def _ran_s(self, begin: float, end: float) -> float:
        """How long the process ran meanwhile."""
        return sum(max(0.0, min(end, to) - max(begin, since)) for since, to in self._ran)

    def _count(self, rings: dict[int, Any]) -> None:
        self.rung += len(rings)
        self.repeated += sum(one["times"] > 1 for one in rings.values())

    def __str__(self) -> str:
        return (
            f"{self.acknowledged:,} orders to timers, {self.rung:,} rang ({self.repeated} of them "
            f"more than once), at most {self.late_s:.1f} s late"
        )
