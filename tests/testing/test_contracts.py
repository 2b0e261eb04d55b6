"""The contracts as somebody binds them who writes a backend: with the public names alone. Two of
his: a world's own tables, which meet others and lag, and a store behind a wire.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from skylift import App
from skylift.ports import Outgoing, Ports, QueuePort
from skylift.ports.delivery import Counts, Held, Settled
from skylift.resources.queue import Queue
from skylift.testing import World, running
from skylift.testing.contracts import Declared, OpenWorld, QueueContract, TableContract, inside
from skylift.testing.stand import Stand


class TestTablesOfAWorld(TableContract):
    @pytest.fixture
    def open_world(self) -> OpenWorld:
        @asynccontextmanager
        async def opened(*declared: Declared) -> AsyncGenerator[World]:
            module = ModuleType("stock")
            vars(module).update({f"resource_{at}": one for at, one in enumerate(declared)})
            async with running(App("stock", module), contention=0.2) as world:
                yield world

        return opened


class WiredQueue:
    """A QueuePort that speaks to the real one."""

    def __init__(self, far: QueuePort) -> None:
        self._far = far

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        return await self._far.send(list(messages))

    async def claim(self, count: int) -> list[Held]:
        return await self._far.claim(count)

    async def settle(self, settled: Sequence[Settled]) -> None:
        await self._far.settle(list(settled))

    async def counts(self) -> Counts:
        return await self._far.counts()


class Wired:
    """What the stories of queues are told in."""

    def __init__(self, far: Stand, ports: Ports) -> None:
        self.ports, self.clock, self._far = ports, far.clock, far

    async def settle(self) -> None:
        await self._far.settle()


class TestWiredQueues(QueueContract):
    @pytest.fixture
    def open_world(self) -> OpenWorld:
        @asynccontextmanager
        async def opened(*declared: Declared) -> AsyncGenerator[Wired]:
            async with Stand(*declared) as far:
                adapters: dict[str, Any] = dict(far.ports.adapters)
                for resource in declared:
                    if isinstance(resource, Queue):
                        adapters[resource.name] = WiredQueue(adapters[resource.name])
                ports = replace(far.ports, adapters=adapters)
                with inside(ports):
                    yield Wired(far, ports)

        return opened
