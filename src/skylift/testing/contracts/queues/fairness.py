"""Groups of a standard queue share its consumer: who waits behind a thousand of another's, which
keep the consumer busy, waits for a few of them.
"""

from __future__ import annotations

from typing import Any

from ....ports.delivery import Retry
from ...story import story
from .stock import Job, claimed, done, jobs, port_of

CROWD = 1_000
BUSY = 100  # of them in flight: it is by these that SQS knows who takes more than his share
A_FEW = 100


async def crowd(count: int = CROWD, group: str | None = "crowd") -> None:
    for first in range(0, count, 1000):
        await jobs.send_many([Job(first + no) for no in range(1000)], group=group)


async def groups_seen(world: Any) -> list[str]:
    """The groups of the first few that are given, one at a time."""
    seen: list[str] = []
    for _ in range(A_FEW):
        held = await claimed(world, jobs, 1)
        seen += [one.group for one in held]
        await done(world, jobs, held)
    return seen


class FairnessContract:
    @story(jobs)
    async def test_one_with_a_thousand_waiting_keeps_nobody_waiting(self, world: Any) -> None:
        await crowd()
        await claimed(world, jobs, BUSY)
        await jobs.send_many([Job(0)] * 3, group="ann")
        await jobs.send(Job(0), group="bob")
        await jobs.send(Job(0))
        seen = await groups_seen(world)
        assert (seen.count("ann"), seen.count("bob"), seen.count("")) == (3, 1, 1)

    @story(jobs)
    async def test_one_whose_thousand_failed_keeps_nobody_waiting(self, world: Any) -> None:
        await crowd()
        await jobs.send(Job(0), group="bob")
        held = await claimed(world, jobs, CROWD + 1)
        await port_of(world, jobs).settle([Retry(one.receipt, 1) for one in held])
        world.clock.advance(seconds=1)
        seen = [one.group for one in await claimed(world, jobs, BUSY)]
        await jobs.send(Job(0), group="ann")
        seen += await groups_seen(world)
        assert (seen.count("ann"), seen.count("bob")) == (1, 1)
