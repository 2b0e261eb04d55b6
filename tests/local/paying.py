"""The app of payments on a backend whose clock a test moves, in memory or on a disk that outlives
it: `killed` is what `kill -9` leaves, opened again.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from msgspec import structs

from skylift.local.backend import LocalBackend
from skylift.ports import Running, Workers
from skylift.system import SystemEntropy
from skylift.testing.clock import VirtualClock
from skylift.testing.stand import Failures

from . import payments
from .answering import Answered, Asked, graph_of
from .payments import runs

TICKS = 60  # of the loop: what is under way then waits for the test
STATE = ("state.db", "state.db-wal", "in_flight")


class Watch:
    """Workers whose deadlines are those of the clock that a test moves. Who does not `look` is as
    late as a process that was blocked.
    """

    def __init__(self, inner: Workers, clock: VirtualClock, *, looks: bool) -> None:
        self._clock, self._looks = clock, looks
        self.gather, self.run, self.isolated = inner.gather, inner.run, inner.isolated
        self.left, self.ending = inner.left, inner.ending
        self._running = set[Running]()

    def started(self, running: Running, concurrency_max: int | None) -> None:
        task = asyncio.current_task()
        assert task is not None

        def expire() -> None:
            if running in self._running:
                running.expire()
                task.cancel()

        self._running.add(running)
        if self._looks:
            self._clock.at(running.deadline, expire)

    def ended(self, running: Running) -> None:
        self._running.discard(running)


class Paying:
    def __init__(
        self,
        path: Path | None = None,
        clock: VirtualClock | None = None,
        *,
        looks: bool = True,
    ) -> None:
        self.path, self.clock, self._looks = path, clock or VirtualClock(), looks
        self.failures = Failures()
        graph, state = graph_of(payments), path / "state.db" if path else None
        self.backend = LocalBackend(
            state, self.clock, SystemEntropy(), self.failures, alarms=self.clock
        )
        ports = self.backend.ports(graph)
        workers = Watch(ports.workers, self.clock, looks=looks)
        ports = structs.replace(ports, workers=workers)
        (answer,) = self.backend.engines(graph, ports).values()
        self.ask = Asked(answer, self.failures)
        self.on_tick: Callable[[], None] = lambda: None

    async def send(self, queue: str, *ids: str, account: str = "ann") -> None:
        orders = [{"request_id": id, "account": account} for id in ids]
        assert (await self.ask.post(f"/send/{queue}", orders)).status == 204
        await self.rest()

    async def rest(self) -> None:
        """Until everything under way waits for the test, or for the clock."""
        for _ in range(TICKS):
            await asyncio.sleep(0)
            self.on_tick()

    async def advance(self, seconds: float) -> None:
        """In steps, as alarms set others."""
        end = self.clock.time() + seconds
        await self.rest()
        while (next_at := self.clock.next_at()) is not None and next_at <= end:
            self.clock.move(next_at)
            await self.rest()
        self.clock.move(end)
        await self.rest()

    async def paid(self, account: str = "ann") -> int:
        answer = await self.ask.get(f"/accounts/{account}")
        return answer.json["paid"] if answer.status == 200 else 0

    async def counts(self, queue: str) -> tuple[int, int, int, int]:
        found = await self.backend.queues[queue].counts()
        return found.ready, found.in_flight, found.delayed, found.dead

    async def killed(self, *requests: asyncio.Task[Any]) -> Paying:
        """The process that starts after this one was killed at this instant, and with it the
        requests it was answering.
        """
        assert self.path is not None
        folder = self.path.with_name(f"{self.path.name}+")
        folder.mkdir()
        for name in STATE:
            shutil.copyfile(self.path / name, folder / name)
        for request in requests:
            request.cancel()
        if requests:
            await asyncio.wait(requests)
        await self.close()
        runs.held.clear()
        return Paying(folder, self.clock, looks=self._looks)

    async def close(self) -> None:
        await self.backend.close()


def playing(test: Callable[[Paying], Awaitable[None]], *, looks: bool = True) -> None:
    """Run a test in a world of its own."""

    async def play() -> None:
        runs.forget()
        world = Paying(looks=looks)
        try:
            await test(world)
        finally:
            await world.close()

    asyncio.run(play())


def headers(answer: Answered) -> dict[str, str]:
    return dict(answer.headers)


def keyed(world: Paying, key: str) -> Callable[..., Awaitable[Any]]:
    """Requests with this Idempotency-Key."""

    async def ask(method: str, target: str, body: object = b"") -> Answered:
        return await world.ask(method, target, body, idempotency_key=key)

    return ask
