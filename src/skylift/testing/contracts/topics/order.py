"""FIFO: each group in order into every queue, and the second with the same id is dropped."""

from __future__ import annotations

from typing import Any

from ...story import story
from .stock import FIFO, News, arrived, ids, loose, steps, told, urgent, walk


class OrderContract:
    @story(*FIFO)
    async def test_each_group_comes_in_the_order_it_was_published(self, world: Any) -> None:
        for no in range(12):
            for group in "abc":
                await walk.publish(News(str(no), urgent=no % 2 == 0), group=group)
        for queue, every in ((steps, 1), (urgent, 2)):
            found: dict[str, list[int]] = {}
            for one in await arrived(world, queue, 36 // every):
                found.setdefault(one.group, []).append(int(told(one).id))
            assert found == {group: [*range(0, 12, every)] for group in "abc"}

    @story(*FIFO)
    async def test_a_standard_queue_is_fed_too(self, world: Any) -> None:
        for no in range(12):
            await walk.publish(News(str(no)), group="a")
        assert sorted(map(int, await ids(world, loose, 12))) == [*range(12)]

    @story(*FIFO)
    async def test_a_double_is_dropped_whatever_its_group_and_what_it_says(
        self, world: Any
    ) -> None:
        await walk.publish(News("1"), group="a", dedup="x")
        await walk.publish(News("2"), group="a", dedup="x")
        await walk.publish(News("3"), group="b", dedup="x")
        await walk.publish(News("4"), group="a", dedup="y")
        assert await ids(world, steps, 2) == ["1", "4"]
        assert sorted(await ids(world, loose, 2)) == ["1", "4"]

    @story(*FIFO)
    async def test_without_an_id_nothing_is_a_double(self, world: Any) -> None:
        for _ in range(3):
            await walk.publish(News("1"), group="a")
        assert await ids(world, steps, 3) == ["1", "1", "1"]

    @story(*FIFO)
    async def test_a_double_is_known_for_five_minutes_and_no_longer(self, world: Any) -> None:
        await walk.publish(News("1"), group="a", dedup="x")
        world.clock.advance(seconds=290)
        await walk.publish(News("2"), group="a", dedup="x")
        assert await ids(world, steps, 1) == ["1"]
        world.clock.advance(seconds=20)
        await walk.publish(News("3"), group="a", dedup="x")
        assert await ids(world, steps, 1) == ["3"]

    @story(*FIFO)
    async def test_what_a_filter_kept_from_a_queue_is_known_all_the_same(self, world: Any) -> None:
        await walk.publish(News("1"), group="a", dedup="x")
        await walk.publish(News("2", urgent=True), group="a", dedup="x")
        assert await ids(world, urgent) == []
