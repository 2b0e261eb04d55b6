"""Messages in a transaction: sent when everything else of it is written, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from ....errors import Conflict
from ....ports.delivery import Counts
from ....resources.transaction import transaction
from ...story import story
from .stock import (
    Job,
    Note,
    all_of,
    claimed_one,
    counted,
    done,
    job,
    jobs,
    notes,
    numbers,
    port_of,
    steps,
)


class TogetherContract:
    @story(jobs, steps, notes)
    async def test_messages_are_sent_when_the_block_ends(self, world: Any) -> None:
        async with transaction() as tx:
            await notes.create(Note("a"), tx=tx)
            await jobs.send(Job(1), tx=tx)
            await steps.send(Job(2), group="a", tx=tx)
            await world.settle()
            assert await port_of(world, jobs).claim(1) == []
            assert await port_of(world, steps).claim(1) == []
        assert await notes.get("a") == Note("a")
        assert job(await claimed_one(world, jobs)) == Job(1)
        assert job(await claimed_one(world, steps)) == Job(2)

    @story(jobs, steps, notes)
    async def test_nothing_is_sent_when_something_cannot_be_written(self, world: Any) -> None:
        await notes.create(Note("taken"))

        async def attempt() -> None:
            async with transaction() as tx:
                await jobs.send(Job(1), tx=tx)
                await steps.send(Job(2), group="a", dedup="x", tx=tx)
                await notes.create(Note("taken"), tx=tx)

        with pytest.raises(Conflict):
            await attempt()
        assert await counted(world, jobs) == Counts(0, 0, 0, 0)
        assert await all_of(world, steps) == []
        await steps.send(Job(3), group="a", dedup="x")  # the one before was never sent
        assert numbers(await all_of(world, steps)) == [3]

    @story(jobs, notes)
    async def test_nothing_is_sent_when_the_block_raises(self, world: Any) -> None:
        async def attempt() -> None:
            async with transaction() as tx:
                await notes.create(Note("a"), tx=tx)
                await jobs.send(Job(1), tx=tx)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await attempt()
        assert await all_of(world, jobs) == []
        assert await notes.get("a") is None

    @story(jobs)
    async def test_a_transaction_may_hold_nothing_but_messages(self, world: Any) -> None:
        async with transaction() as tx:
            for no in range(150):
                await jobs.send(Job(no), tx=tx)
        assert sorted(numbers(await all_of(world, jobs))) == [*range(150)]

    @story(steps)
    async def test_the_messages_of_a_transaction_keep_their_order(self, world: Any) -> None:
        await steps.send(Job(0), group="a")
        async with transaction() as tx:
            for no in range(1, 30):
                await steps.send(Job(no), group="a", tx=tx)
        await world.settle()  # a relay may come later than the answer
        await steps.send(Job(30), group="a")
        found: list[int] = []
        while held := await all_of(world, steps):
            found += numbers(held)
            await done(world, steps, held)
        assert found == [*range(31)]

    @story(steps)
    async def test_a_double_in_a_transaction_is_dropped(self, world: Any) -> None:
        await steps.send(Job(1), group="a", dedup="x")
        async with transaction() as tx:
            await steps.send(Job(2), group="a", dedup="x", tx=tx)
            await steps.send(Job(3), group="a", dedup="y", tx=tx)
            await steps.send(Job(4), group="a", dedup="y", tx=tx)
        assert numbers(await all_of(world, steps)) == [1, 3]

    @story(jobs)
    async def test_a_delay_in_a_transaction_begins_at_its_end(self, world: Any) -> None:
        async with transaction() as tx:
            await jobs.send(Job(1), delay_s=60, tx=tx)
        assert await port_of(world, jobs).claim(1) == []
        world.clock.advance(seconds=61)
        assert job(await claimed_one(world, jobs)) == Job(1)
