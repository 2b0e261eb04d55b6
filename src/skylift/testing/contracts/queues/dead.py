"""Dead letters: what was given up is kept with its story, and can be sent back or deleted."""

from __future__ import annotations

from typing import Any

import pytest

from ....codec.envelope import opened
from ....errors import Invalid
from ....ports import Outgoing
from ....ports.delivery import Bury, Counts, Held
from ...story import story
from .stock import (
    LEASE_S,
    Job,
    all_of,
    burial,
    buried,
    claimed,
    claimed_one,
    counted,
    job,
    jobs,
    numbers,
    others,
    port_of,
    steps,
    walk,
    work,
)


async def buried_jobs(world: Any, *all_: int) -> list[Held]:
    """In this order, one after another."""
    found: list[Held] = []
    for no in all_:
        await jobs.send(Job(no))
        held = await claimed_one(world, jobs)
        await buried(world, jobs, held, f"error {no}")
        world.clock.advance(seconds=1)
        found.append(held)
    return found


class DeadContract:
    @story(jobs, work.dead)
    async def test_a_letter_says_what_became_of_a_message(self, world: Any) -> None:
        (held,) = await buried_jobs(world, 7)
        said = opened(held.body)
        assert await counted(world, jobs) == Counts(ready=0, in_flight=0, delayed=0, dead=1)
        (letter,) = await work.dead.peek()
        assert (letter.message, letter.body) == (Job(7), held.body)
        assert (letter.reason, letter.error, letter.attempts) == ("failed", "error 7", 1)
        assert (letter.id, letter.trace) == (said.id, said.trace)
        assert letter.first_sent.timestamp() == pytest.approx(held.sent_at, abs=5)
        world.clock.advance(seconds=2 * LEASE_S)
        assert await all_of(world, jobs) == []

    @story(jobs, work.dead)
    async def test_a_letter_that_cannot_be_read_says_its_text(self, world: Any) -> None:
        await port_of(world, jobs).send([Outgoing("no json")])
        held = await claimed_one(world, jobs)
        bury = Bury(held.receipt, held.id, "undecodable", "it is no JSON", 1)
        await port_of(world, jobs).settle([bury])
        (letter,) = await work.dead.peek()
        assert (letter.message, letter.body, letter.id) == (None, "no json", held.id)
        assert (letter.reason, letter.error) == ("undecodable", "it is no JSON")

    @story(jobs, work.dead)
    async def test_the_oldest_letters_are_seen_first_and_stay(self, world: Any) -> None:
        await buried_jobs(world, 3, 1, 2)
        for _ in range(2):
            assert [letter.message for letter in await work.dead.peek()] == [Job(3), Job(1), Job(2)]
        assert [letter.message for letter in await work.dead.peek(limit=2)] == [Job(3), Job(1)]
        for limit in (0, -1, 101):
            with pytest.raises(Invalid, match="allowed are 1 to 100"):
                await work.dead.peek(limit=limit)

    @story(jobs, work.dead)
    async def test_letters_are_sent_back_as_if_never_tried(self, world: Any) -> None:
        sent = await buried_jobs(world, 3, 1, 2)
        assert await work.dead.redrive() == 3
        assert await counted(world, jobs) == Counts(ready=3, in_flight=0, delayed=0, dead=0)
        held = await all_of(world, jobs)
        assert [one.attempt for one in held] == [1, 1, 1]
        assert sorted(one.body for one in held) == sorted(one.body for one in sent)  # ids too
        assert await work.dead.peek() == []
        assert await work.dead.redrive() == 0

    @story(jobs, work.dead)
    async def test_the_oldest_letters_are_sent_back_first(self, world: Any) -> None:
        await buried_jobs(world, 3, 1, 2)
        assert await work.dead.redrive(limit=2) == 2
        assert sorted(numbers(await all_of(world, jobs))) == [1, 3]
        assert [letter.message for letter in await work.dead.peek()] == [Job(2)]
        with pytest.raises(Invalid, match="allowed are 1 and more"):
            await work.dead.redrive(limit=0)

    @story(jobs, work.dead)
    async def test_a_message_may_die_and_come_back_again_and_again(self, world: Any) -> None:
        await jobs.send(Job(1))
        for _ in range(4):
            await buried(world, jobs, await claimed_one(world, jobs))
            assert len(await work.dead.peek()) == 1
            assert await work.dead.redrive() == 1
        held = await claimed_one(world, jobs)
        assert (job(held).no, held.attempt) == (1, 1)

    @story(steps, walk.dead)
    async def test_letters_of_a_group_go_back_into_it_in_their_order(self, world: Any) -> None:
        for no in range(3):
            await steps.send(Job(no), group="a")
        for _ in range(3):  # soon after another: nothing is taken for a double
            for no in range(3):
                held = await claimed_one(world, steps)
                assert (job(held).no, held.group, held.attempt) == (no, "a", 1)
                await buried(world, steps, held)
            assert await walk.dead.redrive() == 3
        assert job(await claimed_one(world, steps)).no == 0

    @story(jobs, work.dead)
    async def test_letters_are_purged(self, world: Any) -> None:
        await buried_jobs(world, 1, 2)
        await jobs.send(Job(3))
        assert await work.dead.purge() == 2
        assert (await work.dead.peek(), await work.dead.purge()) == ([], 0)
        assert numbers(await all_of(world, jobs)) == [3]

    @story(jobs, others, work.dead)
    async def test_letters_are_those_of_one_queue(self, world: Any) -> None:
        await others.send(Job(1))
        await buried(world, others, await claimed_one(world, others))
        assert await work.dead.peek() == []
        assert (await work.dead.redrive(), await work.dead.purge()) == (0, 0)
        assert (await counted(world, others)).dead == 1

    @story(jobs, work.dead)
    async def test_many_letters_are_sent_back(self, world: Any) -> None:
        await jobs.send_many([Job(no) for no in range(600)])
        held = await claimed(world, jobs, 600)
        await port_of(world, jobs).settle([burial(one) for one in held])
        assert (await counted(world, jobs)).dead == 600
        assert await work.dead.redrive(limit=350) == 350
        assert await work.dead.redrive() == 250
        assert sorted(numbers(await all_of(world, jobs))) == [*range(600)]
