"""What hangs on minutes: doubles are dropped for five of them, and old messages go."""

from __future__ import annotations

from typing import Any

from ....ports.delivery import Counts
from ...story import story
from .stock import (
    Job,
    again,
    all_of,
    buried,
    claimed_one,
    counted,
    done,
    facts,
    jobs,
    news,
    numbers,
    steps,
)

WINDOW_S = 300


class WindowsContract:
    @story(steps)
    async def test_a_double_is_accepted_and_dropped_for_five_minutes(self, world: Any) -> None:
        await steps.send(Job(1), group="a", dedup="x")
        await steps.send(Job(2), group="a", dedup="x")  # whatever it says
        await steps.send(Job(3), group="b", dedup="x")  # whatever its group
        await steps.send(Job(4), group="a", dedup="y")
        assert numbers(await all_of(world, steps)) == [1, 4]
        world.clock.advance(seconds=WINDOW_S - 10)
        await steps.send(Job(5), group="b", dedup="x")
        assert numbers([one for one in await all_of(world, steps) if one.group == "b"]) == []
        world.clock.advance(seconds=11)
        await steps.send(Job(6), group="b", dedup="x")
        assert numbers([one for one in await all_of(world, steps) if one.group == "b"]) == [6]

    @story(steps)
    async def test_a_double_is_dropped_though_the_first_is_done(self, world: Any) -> None:
        await steps.send(Job(1), group="a", dedup="x")
        await done(world, steps, await all_of(world, steps))
        await steps.send(Job(2), group="a", dedup="x")
        assert await all_of(world, steps) == []
        assert await counted(world, steps) == Counts(0, 0, 0, 0)

    @story(steps)
    async def test_a_double_that_was_dropped_begins_no_new_window(self, world: Any) -> None:
        await steps.send(Job(1), group="a", dedup="x")
        world.clock.advance(seconds=WINDOW_S - 20)
        await steps.send(Job(2), group="b", dedup="x")
        world.clock.advance(seconds=21)
        await steps.send(Job(3), group="b", dedup="x")
        assert sorted(numbers(await all_of(world, steps))) == [1, 3]

    @story(steps)
    async def test_messages_without_an_id_for_it_are_no_doubles(self, world: Any) -> None:
        for _ in range(3):
            await steps.send(Job(1), group="a")
        await steps.send_many([Job(1), Job(1)], group="a")
        found: list[int] = []
        while held := await all_of(world, steps):
            found += numbers(held)
            await done(world, steps, held)
        assert found == [1] * 5

    @story(facts)
    async def test_the_content_is_the_id_where_the_queue_says_so(self, world: Any) -> None:
        await facts.send_many([Job(1), Job(2), Job(1)], group="a")
        await facts.send(Job(2), group="b")
        await facts.send(Job(3), group="a", dedup="x")
        await facts.send(Job(4), group="a", dedup="x")
        await facts.send(Job(3), group="a")  # its content was not sent as an id before
        assert sorted(numbers(await all_of(world, facts))) == [1, 2, 3, 3]

    @story(news)
    async def test_a_message_is_kept_for_as_long_as_its_queue_says(self, world: Any) -> None:
        await news.send(Job(1))
        await again(world, news, await claimed_one(world, news), after_s=5)
        world.clock.advance(seconds=50)
        await news.send(Job(2))
        await news.send(Job(3), delay_s=30)
        world.clock.advance(seconds=11)
        held = await all_of(world, news)
        assert numbers(held) == [2]
        await again(world, news, held[0])
        world.clock.advance(seconds=50)
        assert await all_of(world, news) == []

    @story(jobs)
    async def test_a_message_is_kept_for_four_days_where_its_queue_says_nothing(
        self, world: Any
    ) -> None:
        await jobs.send_many([Job(1), Job(2)])
        world.clock.advance(days=3, hours=23)
        held = await claimed_one(world, jobs)
        await buried(world, jobs, held)
        world.clock.advance(hours=2)
        assert await all_of(world, jobs) == []
        assert (await counted(world, jobs)).dead == 1
