"""Events in a transaction: published when everything else of it is written, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from ....errors import Conflict, Invalid
from ....resources.transaction import transaction
from ...story import story
from .stock import (
    ALL,
    Note,
    RoomClosed,
    RoomOpened,
    events,
    ids,
    large_rooms,
    notes,
    opened_rooms,
    tidy,
    welcome,
)


class TogetherContract:
    @story(*ALL, notes)
    async def test_events_are_published_when_the_block_ends(self, world: Any) -> None:
        async with transaction() as tx:
            await notes.create(Note("a"), tx=tx)
            await events.publish(RoomOpened("1"), tx=tx)
            await events.publish(RoomOpened("2", size=200), tx=tx)
            await events.publish(RoomClosed("3"), tx=tx)
            await opened_rooms.send(RoomOpened("4"), tx=tx)
            assert await ids(world, welcome) == []
        assert await notes.get("a") == Note("a")
        assert await ids(world, welcome, 2) == ["1", "2"]
        assert await ids(world, tidy, 1) == ["3"]
        assert await ids(world, opened_rooms, 3) == ["1", "2", "4"]
        assert await ids(world, large_rooms, 1) == ["2"]

    @story(*ALL, notes)
    async def test_nothing_is_published_when_something_cannot_be_written(self, world: Any) -> None:
        await notes.create(Note("taken"))

        async def attempt() -> None:
            async with transaction() as tx:
                await events.publish(RoomOpened("1"), tx=tx)
                await notes.create(Note("taken"), tx=tx)

        with pytest.raises(Conflict):
            await attempt()
        assert await ids(world, welcome) == await ids(world, opened_rooms) == []

    @story(*ALL, notes)
    async def test_nothing_is_published_when_the_block_raises(self, world: Any) -> None:
        async def attempt() -> None:
            async with transaction() as tx:
                await notes.create(Note("a"), tx=tx)
                await events.publish(RoomOpened("1"), tx=tx)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await attempt()
        assert await ids(world, opened_rooms) == []
        assert await notes.get("a") is None

    @story(*ALL)
    async def test_a_transaction_takes_so_many_bytes_of_events(self, world: Any) -> None:
        async def attempt() -> None:
            async with transaction() as tx:
                await events.publish(RoomOpened("1", "x" * 200_000), tx=tx)
                await events.publish(RoomOpened("2", "x" * 200_000), tx=tx)

        with pytest.raises(Invalid, match="limit 380,000"):
            await attempt()
        assert await ids(world, opened_rooms) == []
