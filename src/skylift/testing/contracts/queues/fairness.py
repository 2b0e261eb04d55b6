"""Groups of a standard queue share its consumer: who waits behind ten thousand of another's waits
for a few of them.
"""

from __future__ import annotations

from typing import Any

from ....ports import Held
from ...story import story
from .stock import Job, again, claimed, done, jobs

CROWD = 10_000
A_FEW = 100


async def crowd(group: str | None = "crowd") -> None:
    for first in range(0, CROWD, 1000):
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
    async def test_one_with_thousands_waiting_does_not_keep_another_waiting(
        self, world: Any
    ) -> None:
        await crowd()
        await jobs.send_many([Job(0)] * 3, group="ann")
        await jobs.send(Job(0), group="bob")
        await jobs.send(Job(0))
        seen = await groups_seen(world)
        assert (seen.count("ann"), seen.count("bob"), seen.count("")) == (3, 1, 1)

    @story(jobs)
    async def test_those_without_a_group_do_not_keep_a_group_waiting(self, world: Any) -> None:
        await crowd(group=None)
        await jobs.send(Job(0), group="ann")
        assert (await groups_seen(world)).count("ann") == 1

    @story(jobs)
    async def test_one_whose_thousands_failed_does_not_keep_another_waiting(
        self, world: Any
    ) -> None:
        await crowd()
        for held in await claimed(world, jobs, CROWD):
            await again(world, jobs, held, after_s=1)
        world.clock.advance(seconds=1)
        await again(world, jobs, await claimed_of(world, "bob"))
        await jobs.send(Job(0), group="ann")
        seen = await groups_seen(world)
        assert (seen.count("ann"), seen.count("bob")) == (1, 1)

    @story(jobs)
    async def test_what_failed_and_what_is_new_go_in_turn(self, world: Any) -> None:
        await jobs.send_many([Job(no) for no in range(200)])
        for held in await claimed(world, jobs, 200):
            await again(world, jobs, held)
        await jobs.send_many([Job(1000 + no) for no in range(200)])
        held = await claimed(world, jobs, 100)
        tried = sum(one.attempt > 1 for one in held)
        assert 20 <= tried <= 80


async def claimed_of(world: Any, group: str) -> Held:
    """A message of this group; those claimed on the way are done."""
    await jobs.send(Job(0), group=group)
    while True:
        held = await claimed(world, jobs, 1)
        if held[0].group == group:
            return held[0]
        await done(world, jobs, held)
