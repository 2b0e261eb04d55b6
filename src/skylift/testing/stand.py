"""Resources on the local backend without an app around them: `async with Stand(notes, seats)`, and
their verbs work. Time stands still until a test moves it; chance counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import Token
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..invocation import EVERYTHING, Invocation, current
from ..local.backend import ADAPTERS
from ..local.database import Database
from ..local.dead import SqliteDead
from ..local.once import SqliteLedger
from ..local.table import SqliteStore
from ..local.workers import LoopWorkers
from ..ports import Bury, Ports, Running
from ..resources.dead import DeadLetters
from ..resources.resource import Resource


class StandClock:
    """Starts long after today, so that a leaked real clock is seen at once."""

    def __init__(self) -> None:
        self._now = datetime(2061, 7, 28, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def time(self) -> float:
        return self._now.timestamp()

    def monotonic(self) -> float:
        return self._now.timestamp()

    def advance(self, **units: float) -> None:
        """`advance(minutes=5)`."""
        self._now += timedelta(**units)


class CountingEntropy:
    def __init__(self) -> None:
        self._drawn = 0

    def token_bytes(self, count: int) -> bytes:
        self._drawn += 1
        return self._drawn.to_bytes(count, "big")


class Failures:
    """Every failure that was told to people."""

    def __init__(self) -> None:
        self.told: list[BaseException] = []
        self.warnings: list[str] = []

    def failed(self, running: Running, error: BaseException) -> None:
        self.told.append(error)

    def warned(self, function: str, text: str) -> None:
        self.warnings.append(text)

    def buried(self, function: str, letter: Bury) -> None:
        self.warnings.append(letter.told)

    def ended(self, running: Running, error: BaseException | None) -> None:
        """Nobody asks for spans here."""


class Stand:
    """The resources of a test, open. With a `path` their state is kept there between two stands."""

    def __init__(self, *resources: Resource, path: Path | None = None) -> None:
        self._resources, self._path = resources, path
        self.clock = StandClock()
        self.entropy = CountingEntropy()
        self.failures = Failures()

    async def __aenter__(self) -> Stand:
        self.database = Database(self._path)
        adapters: dict[str, Any] = {}
        for resource in self._resources:  # dead letters stand behind their queue
            adapters[resource.name] = self._adapter(resource, adapters)
        self.database.flight.settled()
        ledger = SqliteLedger(self.database, self.clock, self.entropy)
        self.ports = Ports(
            adapters=adapters,
            store=SqliteStore(self.database, adapters, ledger),
            ledger=ledger,
            clock=self.clock,
            entropy=self.entropy,
            workers=LoopWorkers(self.clock, self.failures),
            report=self.failures,
        )
        self._token: Token[Invocation] = current.set(Invocation("stand", EVERYTHING, self.ports))
        return self

    async def __aexit__(self, *_: object) -> None:
        current.reset(self._token)
        await self.database.close()

    async def settle(self) -> None:
        """Until everything shows every write: here that is the end of the loop's tick."""
        await asyncio.sleep(0)

    def _adapter(self, resource: Resource, others: Mapping[str, Any]) -> Any:
        if isinstance(resource, DeadLetters):
            queue = others[resource.function.trigger.resource.name]
            return SqliteDead(self.database, queue, self.clock)
        return ADAPTERS[type(resource)](self.database, resource, self.clock)
