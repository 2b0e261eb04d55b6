"""What a queue here promises and SQS does not: that those without a group take no more than their
share either, and that what failed and what is new go in turn.
"""

from __future__ import annotations

from typing import Any

from skylift.testing.contracts.queues.fairness import crowd, groups_seen
from skylift.testing.contracts.queues.stock import Job, again, claimed, jobs
from skylift.testing.story import story

CROWD = 10_000


class TurnsContract:
    @story(jobs)
    async def test_ten_thousand_of_one_do_not_keep_another_waiting(self, world: Any) -> None:
        await crowd(CROWD)
        await jobs.send(Job(0), group="ann")
        assert (await groups_seen(world)).count("ann") == 1

    @story(jobs)
    async def test_those_without_a_group_do_not_keep_a_group_waiting(self, world: Any) -> None:
        await crowd(CROWD, group=None)
        await jobs.send(Job(0), group="ann")
        assert (await groups_seen(world)).count("ann") == 1

    @story(jobs)
    async def test_what_failed_and_what_is_new_go_in_turn(self, world: Any) -> None:
        await jobs.send_many([Job(no) for no in range(200)])
        for held in await claimed(world, jobs, 200):
            await again(world, jobs, held)
        await jobs.send_many([Job(1000 + no) for no in range(200)])
        held = await claimed(world, jobs, 100)
        tried = sum(one.attempt > 1 for one in held)
        assert 20 <= tried <= 80
