"""What AWS would refuse is refused before it, with the limit; what just fits is taken."""

from __future__ import annotations

from typing import Any

import pytest

from ....errors import Invalid
from ....resources.topic import MESSAGE_BYTES_MAX
from ...story import story
from .stock import FIFO, STANDARD, News, arrived, copies, ids, news, print_it, steps, told, walk


async def refused(reason: str, **options: Any) -> None:
    topic = options.pop("topic", news)
    with pytest.raises(Invalid, match=reason):
        await topic.publish(options.pop("message", News("a")), **options)


class LimitsContract:
    @story(*STANDARD)
    async def test_a_message_of_the_limit_is_taken_and_one_byte_more_is_not(
        self, world: Any
    ) -> None:
        await news.publish(News("a", "x"))
        (small,) = await arrived(world, copies, 1)
        room = MESSAGE_BYTES_MAX - len(small.body) + 1
        await news.publish(News("a", "x" * room))
        (held,) = await arrived(world, copies, 1)
        assert len(held.body) == MESSAGE_BYTES_MAX
        assert told(held).about == "x" * room
        await refused("262,145 bytes, limit 262,144", message=News("a", "x" * (room + 1)))
        await refused("limit 262,144", message=News("a", "é" * (room // 2 + 1)))
        assert await arrived(world, copies) == []

    @story(*STANDARD)
    async def test_the_largest_with_every_letter_escaped_reaches_a_function(
        self, world: Any
    ) -> None:
        text = '"' * (MESSAGE_BYTES_MAX // 2 - 300)
        await news.publish(News("a", text))
        (held,) = await arrived(world, print_it, 1)
        assert told(held).about == text

    @story(*STANDARD)
    async def test_what_is_outside_its_type_is_refused(self, world: Any) -> None:
        await refused("lone surrogate", message=News("a", "torn \ud800"))
        await refused("size", message=News("a", size=float("nan")))
        assert await arrived(world, copies) == []

    @story(*STANDARD)
    async def test_group_and_dedup_need_fifo(self, world: Any) -> None:
        await refused("group= needs fifo=True", group="a")
        await refused("dedup= needs fifo=True", dedup="a")

    @story(*FIFO)
    async def test_fifo_needs_a_group(self, world: Any) -> None:
        await refused("fifo=True needs a group", topic=walk)
        for wrong in ("", "a b", "é", "x" * 129):
            await refused("is no id", topic=walk, group=wrong)
            await refused("is no id", topic=walk, group="a", dedup=wrong)
        await walk.publish(News("1"), group="!" * 128, dedup="~" * 128)
        assert await ids(world, steps, 1) == ["1"]
