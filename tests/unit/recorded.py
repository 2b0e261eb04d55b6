"""The shop of `tests/apps`, in memory, with its telemetry: asked, left to settle, looked at."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from msgspec import json

from skylift.graph.model import Graph
from skylift.http import Answer, Request
from skylift.local.backend import LocalBackend
from skylift.system import SystemEntropy
from skylift.telemetry.memory import MemoryTelemetry
from tests.unit.written_app import loaded

SHOP = Path(__file__).parents[1] / "apps" / "shop"
SETTLE_S_MAX = 5.0

R = TypeVar("R")


class SteadyClock:
    """A millisecond passes whenever somebody looks."""

    def __init__(self) -> None:
        self._now = datetime(2061, 7, 28, 12, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def time(self) -> float:
        return self.now().timestamp()

    def monotonic(self) -> float:
        return self.time()


class Shop:
    def __init__(self, graph: Graph, backend: LocalBackend, telemetry: MemoryTelemetry) -> None:
        self._backend, self.telemetry = backend, telemetry
        (self._answer,) = backend.engines(graph).values()

    async def ask(self, method: str, path: str, body: object = b"", **headers: str) -> Answer:
        raw = body if isinstance(body, bytes) else json.encode(body)
        return await self._answer(Request(method, path, "", headers, raw))

    async def spans(self, function: str, count: int = 1) -> list[Any]:
        """Of this function, once so many of them have ended."""
        async with asyncio.timeout(SETTLE_S_MAX):
            while True:
                found = [one for one in self.telemetry.spans if one.function == function]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.001)


@contextmanager
def shop_graph() -> Iterator[Graph]:
    with loaded(SHOP) as graph:
        yield graph
    for name in [name for name in sys.modules if name.split(".")[0] == "shop"]:
        del sys.modules[name]


def shopping(test: Callable[[Shop], Awaitable[R]]) -> R:
    async def run(graph: Graph) -> R:
        clock = SteadyClock()
        telemetry = MemoryTelemetry(clock)
        telemetry.tap_logging()
        backend = LocalBackend(None, clock, SystemEntropy(), telemetry.recorder)
        try:
            return await test(Shop(graph, backend, telemetry))
        finally:
            telemetry.close()
            await backend.close()

    with shop_graph() as graph:
        return asyncio.run(run(graph))
