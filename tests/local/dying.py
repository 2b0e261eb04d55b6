"""The app of dead letters on a backend whose clock a test moves, in memory or on a disk."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType

from skylift.invocation import EVERYTHING, Invocation, current
from skylift.local.backend import LocalBackend
from skylift.ports.delivery import Counts
from skylift.system import SystemEntropy
from skylift.testing.clock import VirtualClock
from skylift.testing.stand import Failures

from . import letters
from .answering import LOOPS, graph_of
from .letters import Job, script

TURNS = 60  # of the loop: what is under way then waits for the test
STATE = ("state.db", "state.db-wal", "in_flight")


class Dying:
    """Verbs work in a test as in a handler that may do everything."""

    def __init__(
        self,
        path: Path | None = None,
        clock: VirtualClock | None = None,
        *,
        app: ModuleType = letters,
        retry_s_max: float | None = None,
    ) -> None:
        self.path, self.clock, self._app = path, clock or VirtualClock(), app
        self.failures, self._is_closed = Failures(), False
        self.backend = LocalBackend(
            *(path / "state.db" if path else None, self.clock, SystemEntropy(), self.failures),
            alarms=self.clock,
            retry_s_max=retry_s_max,
        )
        graph = graph_of(app)
        self.ports = self.backend.ports(graph)
        self.backend.engines(graph, self.ports)
        current.set(Invocation("test", EVERYTHING, self.ports))

    async def rest(self) -> None:
        """Until everything under way waits for the test, or for the clock."""
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        """In steps, as alarms set others."""
        end = self.clock.time() + seconds
        await self.rest()
        while (next_at := self.clock.next_at()) is not None and next_at <= end:
            self.clock.move(next_at)
            await self.rest()
        self.clock.move(end)
        await self.rest()

    async def counts(self, queue: str) -> Counts:
        return await self.backend.queues[queue].counts()

    async def killed(self, folder: Path) -> Dying:
        """What a process finds that starts after this one was killed at this instant."""
        assert self.path is not None
        folder.mkdir()
        for name in STATE:
            shutil.copyfile(self.path / name, folder / name)
        await self.close()
        return Dying(folder, self.clock, app=self._app)

    async def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            await self.backend.close()


async def bury(world: Dying, *names: str) -> None:
    """Jobs that nobody can do, with no consumer of their dead letters."""
    script.moods["toil"] = "fail"
    for name in names:
        await letters.alone.send(Job(name))
    await world.rest()
    del script.moods["toil"]


def dying(
    test: Callable[[Dying], Awaitable[None]],
    path: Path | None = None,
    *,
    loop: str = "asyncio",
    retry_s_max: float | None = None,
) -> None:
    """Run a test in a world of its own."""

    async def run() -> None:
        script.forget()
        world = Dying(path, retry_s_max=retry_s_max)
        try:
            await test(world)
        finally:
            await world.close()

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(run())
