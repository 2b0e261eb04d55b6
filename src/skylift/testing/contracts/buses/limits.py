"""What AWS would refuse is refused before it, with the limit; what just fits is taken."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from ....errors import Invalid
from ....resources.bus import EVENT_BYTES_MAX
from ...story import story
from .stock import ALL, RoomOpened, arrived, events, opened_rooms, told


class Unmarkable(Struct):
    skylift: str = ""


class LongName(Struct):
    id: str


LongName.__name__ = "L" * 129


async def refused(reason: str, event: object) -> None:
    with pytest.raises(Invalid, match=reason):
        await events.publish(event)


class LimitsContract:
    @story(*ALL)
    async def test_an_event_of_the_limit_is_taken_and_one_byte_more_is_not(
        self, world: Any
    ) -> None:
        await events.publish(RoomOpened("a", "x"))
        (small,) = await arrived(world, opened_rooms, 1)
        text = small.body.replace('": ', '":').replace(', "', ',"')  # as it was published
        room = EVENT_BYTES_MAX - len(text) + 1
        await events.publish(RoomOpened("a", "x" * room))
        (held,) = await arrived(world, opened_rooms, 1)
        assert told(held).topic == "x" * room
        await refused("1,000,001 bytes, limit 1,000,000", RoomOpened("a", "x" * (room + 1)))
        await refused("limit 1,000,000", RoomOpened("a", "é" * (room // 2 + 1)))
        await refused("limit 1,000,000. hint: put it in a table", RoomOpened("a", "x" * 2_000_000))
        assert await arrived(world, opened_rooms) == []

    @story(*ALL)
    async def test_what_is_outside_its_type_is_refused(self, world: Any) -> None:
        await refused("lone surrogate", RoomOpened("a", "torn \ud800"))
        await refused("size", RoomOpened("a", size=float("nan")))
        assert await arrived(world, opened_rooms) == []

    @story(*ALL)
    async def test_what_is_no_event_is_refused(self, world: Any) -> None:
        await refused("a dict is no event", {"id": "a"})
        await refused("a str is no event", "a")
        await refused("the class RoomOpened is no event", RoomOpened)
        await refused("a field that is 'skylift' in JSON", Unmarkable())
        await refused("more than 128 letters", LongName("a"))
