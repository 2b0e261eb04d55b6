"""Deleting what waits in a queue: all of it, and nothing of what is in flight or comes later."""

from __future__ import annotations

import asyncio

from .dying import Dying, dying
from .letters import Job, alone, jobs, script, steps


def test_what_waits_is_never_handled_and_what_comes_later_is() -> None:
    async def test(world: Dying) -> None:
        script.moods["toil"] = "wait"
        await alone.send_many([Job(str(no)) for no in range(2_500)])
        await alone.send(Job("later"), delay_s=900)
        await world.rest()
        begun = script.names("toil")
        assert 0 < len(begun) < 2_500
        assert await world.backend.queues["alone"].purge() == 2_501 - len(begun)
        script.moods["toil"] = ""
        script.over.set()
        await alone.send(Job("new"))
        await world.advance(1_000)
        assert script.names("toil") == [*begun, "new"]

    dying(test)


def test_what_is_sent_meanwhile_stays() -> None:
    async def test(world: Dying) -> None:
        world.backend.pump.serve([])
        await alone.send_many([Job(str(no)) for no in range(2_500)])
        purge = asyncio.create_task(world.backend.queues["alone"].purge())
        await asyncio.sleep(0)
        await alone.send(Job("new"))
        assert not purge.done()
        assert await purge == 2_500
        assert (await world.counts("alone")).ready == 1

    dying(test)


def test_the_order_of_a_group_outlives_a_purge() -> None:
    async def test(world: Dying) -> None:
        script.moods["step"] = "wait"
        for name in "123":
            await steps.send(Job(name), group="g")
        await world.rest()
        assert await world.backend.queues["steps"].purge() == 2
        for name in "45":
            await steps.send(Job(name), group="g")
        await world.rest()
        assert script.names("step") == ["1"]  # the group is still in flight
        script.over.set()
        await world.rest()
        assert script.names("step") == ["1", "4", "5"]

    dying(test)


def test_what_waits_for_its_next_attempt_is_deleted_too() -> None:
    async def test(world: Dying) -> None:
        script.moods["work"] = "fail"
        await jobs.send(Job("a"))
        await world.rest()
        assert await world.backend.queues["jobs"].purge() == 1
        await world.advance(100)
        assert script.names("work") == ["a"]
        assert (await world.counts("jobs")).dead == 0

    dying(test)
