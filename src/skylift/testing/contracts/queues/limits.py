"""The limits, each refused with its name before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from ....errors import Invalid
from ....resources.transaction import transaction
from ...story import story
from .stock import Job, all_of, claimed_one, facts, job, jobs, numbers, port_of, steps

MESSAGE_MAX = 1_048_576
TRANSACTION_MAX = 380_000


async def room(world: Any, total: int) -> int:
    """How long the text of a job may be so that its message has so many bytes."""
    await jobs.send(Job(1))
    return total - len((await claimed_one(world, jobs)).body)


class LimitsContract:
    @story(jobs)
    async def test_a_message_has_at_most_a_mebibyte_its_envelope_included(self, world: Any) -> None:
        most = await room(world, MESSAGE_MAX)
        await jobs.send(Job(1, "x" * most))
        held = await claimed_one(world, jobs)
        assert len(held.body) == MESSAGE_MAX
        assert job(held) == Job(1, "x" * most)
        for text in ("x" * (most + 1), "é" * (most // 2 + 1), "\x01" * (most // 6 + 1)):
            with pytest.raises(Invalid, match=r"queue 'jobs': the message has .* limit 1,048,576"):
                await jobs.send(Job(2, text))
        assert await all_of(world, jobs) == []

    @story(jobs)
    async def test_the_messages_of_a_transaction_have_at_most_380_kb(self, world: Any) -> None:
        most = await room(world, TRANSACTION_MAX // 2)

        async def attempt(*texts: str) -> None:
            async with transaction() as tx:
                for no, text in enumerate(texts):
                    await jobs.send(Job(no, text), tx=tx)

        await attempt("x" * most, "x" * most)
        assert sorted(numbers(await all_of(world, jobs))) == [0, 1]
        with pytest.raises(Invalid, match="380,001 bytes, limit 380,000"):
            await attempt("x" * most, "x" * (most + 1))
        assert await all_of(world, jobs) == []

    @story(jobs)
    async def test_a_delay_is_at_most_15_minutes(self, world: Any) -> None:
        for delay_s in (-1, 900.5, 901, float("nan"), float("inf")):
            with pytest.raises(Invalid, match=r"delay_s=.*, allowed are 0 to 900"):
                await jobs.send(Job(1), delay_s=delay_s)
        await jobs.send(Job(1), delay_s=900)
        await jobs.send(Job(2), delay_s=0)
        assert numbers(await all_of(world, jobs)) == [2]
        world.clock.advance(seconds=900)
        assert (1 in numbers(await all_of(world, jobs))) is True

    @story(jobs, steps)
    async def test_a_group_is_up_to_128_visible_letters(self, world: Any) -> None:
        for group in ("", "x" * 129, "a b", "é", "a\n", "\x7f", "🚀"):
            for queue in (jobs, steps):
                with pytest.raises(Invalid, match=r"group=.* is no id: 1 to 128 visible ASCII"):
                    await queue.send(Job(1), group=group)
                with pytest.raises(Exception, match="is no id"):
                    await queue.send_many([Job(1)], group=group)
        letters = "".join(map(chr, range(0x21, 0x7F)))
        for queue in (jobs, steps):
            await queue.send(Job(1), group=letters)
            await queue.send(Job(2), group="x" * 128)
            assert {one.group for one in await all_of(world, queue)} == {letters, "x" * 128}

    @story(steps)
    async def test_an_id_for_doubles_is_up_to_128_visible_letters(self, world: Any) -> None:
        for dedup in ("", "x" * 129, "a b", "é"):
            with pytest.raises(Invalid, match=r"dedup=.* is no id: 1 to 128 visible ASCII"):
                await steps.send(Job(1), group="a", dedup=dedup)
        await steps.send(Job(1), group="a", dedup="x" * 128)
        assert numbers(await all_of(world, steps)) == [1]

    @story(steps, facts)
    async def test_fifo_needs_a_group_and_has_no_delay(self, world: Any) -> None:
        for queue in (steps, facts):
            with pytest.raises(Invalid, match="fifo=True needs a group"):
                await queue.send(Job(1))
            with pytest.raises(Invalid, match="a FIFO queue has no delay_s"):
                await queue.send(Job(1), group="a", delay_s=1)
            with pytest.raises(Exception, match="fifo=True needs a group"):
                await queue.send_many([Job(1)])
            assert await port_of(world, queue).claim(1) == []

    @story(jobs)
    async def test_only_fifo_drops_doubles(self, world: Any) -> None:
        with pytest.raises(Invalid, match="dedup= needs fifo=True"):
            await jobs.send(Job(1), dedup="x")
        assert await port_of(world, jobs).claim(1) == []

    @story(jobs)
    async def test_a_message_outside_its_type_is_not_sent(self, world: Any) -> None:
        wrong: list[Any] = [Job("1"), Job(1, "\udcff"), Job(True), {"no": 1}, None]  # pyright: ignore[reportArgumentType]
        for message in wrong:
            with pytest.raises(Invalid):
                await jobs.send(message)
        assert await port_of(world, jobs).claim(1) == []
