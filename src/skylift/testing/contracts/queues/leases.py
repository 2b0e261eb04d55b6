"""A claimed message is nobody else's until its lease ends, and comes back until it is done."""

from __future__ import annotations

from typing import Any

from ....ports.delivery import Bury, Counts, Done, Retry, Settled
from ...story import story
from .stock import (
    LEASE_S,
    Job,
    again,
    all_of,
    claimed,
    claimed_one,
    counted,
    done,
    job,
    jobs,
    numbers,
    port_of,
    work,
)

NOTHING = Counts(ready=0, in_flight=0, delayed=0, dead=0)


def outcomes(receipt: Any) -> list[Settled]:
    return [Done(receipt), Retry(receipt, 0), Retry(receipt, 0, counts=False)] + [
        Bury(receipt, "id", "failed", "why", 1)
    ]


class LeasesContract:
    @story(jobs)
    async def test_a_message_in_flight_is_given_to_nobody_else(self, world: Any) -> None:
        await jobs.send_many([Job(no) for no in range(25)])
        held = await claimed(world, jobs, 25)
        assert sorted(numbers(held)) == [*range(25)]
        assert len({one.receipt for one in held}) == 25
        world.clock.advance(seconds=LEASE_S - 5)
        assert await port_of(world, jobs).claim(10) == []

    @story(jobs)
    async def test_a_message_that_was_never_settled_comes_back(self, world: Any) -> None:
        await jobs.send(Job(1))
        first = await claimed_one(world, jobs)
        for attempt in (2, 3, 4):
            world.clock.advance(seconds=LEASE_S)
            held = await claimed_one(world, jobs)
            assert (job(held).no, held.attempt, held.id) == (1, attempt, first.id)
            assert (held.body, held.sent_at) == (first.body, first.sent_at)
        assert await counted(world, jobs) == Counts(ready=0, in_flight=1, delayed=0, dead=0)

    @story(jobs)
    async def test_a_message_that_is_done_never_comes_back(self, world: Any) -> None:
        await jobs.send_many([Job(1), Job(2)])
        await done(world, jobs, await claimed(world, jobs, 2))
        world.clock.advance(seconds=LEASE_S * 2)
        assert await all_of(world, jobs) == []
        assert await counted(world, jobs) == NOTHING

    @story(jobs, work.dead)
    async def test_a_receipt_means_nothing_once_its_lease_has_ended(self, world: Any) -> None:
        await jobs.send(Job(1))
        late = (await claimed_one(world, jobs)).receipt
        world.clock.advance(seconds=LEASE_S)
        held = await claimed_one(world, jobs)
        for settled in outcomes(late):
            await port_of(world, jobs).settle([settled])
            assert await counted(world, jobs) == Counts(0, 1, 0, 0)
            assert await port_of(world, jobs).claim(1) == []
        await done(world, jobs, [held])
        assert await counted(world, jobs) == NOTHING

    @story(jobs, work.dead)
    async def test_a_message_is_settled_once(self, world: Any) -> None:
        for first in range(len(outcomes(None))):
            await jobs.send(Job(first))
            receipt = (await claimed_one(world, jobs)).receipt
            await port_of(world, jobs).settle([outcomes(receipt)[first]])
            was = await counted(world, jobs)
            for second in outcomes(receipt):
                await port_of(world, jobs).settle([second])
            assert await counted(world, jobs) == was
            await done(world, jobs, await all_of(world, jobs))
            await work.dead.purge()

    @story(jobs)
    async def test_a_message_that_failed_comes_back_after_a_while(self, world: Any) -> None:
        await jobs.send(Job(1))
        await again(world, jobs, await claimed_one(world, jobs), after_s=5)
        counts = await counted(world, jobs)
        assert (counts.ready, counts.in_flight + counts.delayed, counts.dead) == (0, 1, 0)
        assert await port_of(world, jobs).claim(1) == []
        world.clock.advance(seconds=5)
        held = await claimed_one(world, jobs)
        assert (job(held).no, held.attempt) == (1, 2)
        await again(world, jobs, held)
        assert (await claimed_one(world, jobs)).attempt == 3

    @story(jobs)
    async def test_a_message_may_wait_for_longer_than_its_lease(self, world: Any) -> None:
        await jobs.send(Job(1))
        await again(world, jobs, await claimed_one(world, jobs), after_s=3 * LEASE_S)
        world.clock.advance(seconds=2 * LEASE_S)
        assert await port_of(world, jobs).claim(1) == []
        world.clock.advance(seconds=LEASE_S)
        assert (await claimed_one(world, jobs)).attempt == 2

    @story(jobs)
    async def test_a_message_nobody_knows_the_end_of_waits_for_its_lease(self, world: Any) -> None:
        await jobs.send(Job(1))
        held = await claimed_one(world, jobs)
        world.clock.advance(seconds=10)
        await again(world, jobs, held, after_s=None)
        world.clock.advance(seconds=LEASE_S - 15)
        assert await port_of(world, jobs).claim(1) == []
        world.clock.advance(seconds=5)
        assert (await claimed_one(world, jobs)).attempt == 2

    @story(jobs)
    async def test_a_message_that_is_put_back_has_lost_no_attempt(self, world: Any) -> None:
        await jobs.send(Job(1))
        for _ in range(3):
            held = await claimed_one(world, jobs)
            assert held.attempt == 1
            await again(world, jobs, held, counts=False)
        await again(world, jobs, await claimed_one(world, jobs), after_s=5, counts=False)
        assert await port_of(world, jobs).claim(1) == []
        world.clock.advance(seconds=5)
        assert (await claimed_one(world, jobs)).attempt == 1

    @story(jobs)
    async def test_messages_of_one_claim_are_settled_each_on_its_own(self, world: Any) -> None:
        await jobs.send_many([Job(1), Job(2), Job(3)])
        first, second, third = sorted(await claimed(world, jobs, 3), key=lambda one: job(one).no)
        await port_of(world, jobs).settle([Done(first.receipt), Retry(second.receipt, 0)])
        (held,) = await all_of(world, jobs)
        assert (job(held).no, held.attempt) == (2, 2)
        world.clock.advance(seconds=LEASE_S)
        found = sorted((job(one).no, one.attempt) for one in await all_of(world, jobs))
        assert found == [(2, 3), (3, 2)]
        assert third.attempt == 1
