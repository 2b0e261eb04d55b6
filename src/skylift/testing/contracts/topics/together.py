"""Messages in a transaction: published when everything else of it is written, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from ....errors import Conflict, Invalid
from ....resources.transaction import transaction
from ...story import story
from .stock import (
    FIFO,
    STANDARD,
    News,
    Note,
    copies,
    ids,
    large,
    mail_it,
    news,
    notes,
    print_it,
    steps,
    walk,
)


class TogetherContract:
    @story(*STANDARD, notes)
    async def test_messages_are_published_when_the_block_ends(self, world: Any) -> None:
        async with transaction() as tx:
            await notes.create(Note("a"), tx=tx)
            await news.publish(News("1"), tx=tx)
            await news.publish(News("2", size=200), tx=tx)
            await copies.send(News("3"), tx=tx)
            assert await ids(world, print_it) == []
        assert await notes.get("a") == Note("a")
        assert sorted(await ids(world, print_it, 2)) == ["1", "2"]
        assert sorted(await ids(world, mail_it, 2)) == ["1", "2"]
        assert sorted(await ids(world, copies, 3)) == ["1", "2", "3"]
        assert await ids(world, large, 1) == ["2"]

    @story(*STANDARD, *FIFO, notes)
    async def test_nothing_is_published_when_something_cannot_be_written(self, world: Any) -> None:
        await notes.create(Note("taken"))

        async def attempt() -> None:
            async with transaction() as tx:
                await news.publish(News("1"), tx=tx)
                await walk.publish(News("1"), group="a", dedup="x", tx=tx)
                await notes.create(Note("taken"), tx=tx)

        with pytest.raises(Conflict):
            await attempt()
        await walk.publish(News("2"), group="a", dedup="x")  # the one before never was
        assert await ids(world, steps, 1) == ["2"]
        assert await ids(world, print_it) == await ids(world, copies) == []

    @story(*STANDARD, notes)
    async def test_nothing_is_published_when_the_block_raises(self, world: Any) -> None:
        async def attempt() -> None:
            async with transaction() as tx:
                await notes.create(Note("a"), tx=tx)
                await news.publish(News("1"), tx=tx)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await attempt()
        assert await ids(world, copies) == []
        assert await notes.get("a") is None

    @story(*FIFO)
    async def test_the_messages_of_a_transaction_keep_their_order(self, world: Any) -> None:
        await walk.publish(News("0"), group="a")
        async with transaction() as tx:
            for no in range(1, 25):
                await walk.publish(News(str(no)), group="a", tx=tx)
        await world.settle()  # a relay may come later than the answer
        await walk.publish(News("25"), group="a")
        assert await ids(world, steps, 26) == [str(no) for no in range(26)]

    @story(*FIFO)
    async def test_a_double_in_a_transaction_is_dropped(self, world: Any) -> None:
        await walk.publish(News("1"), group="a", dedup="x")
        async with transaction() as tx:
            await walk.publish(News("2"), group="a", dedup="x", tx=tx)
            await walk.publish(News("3"), group="a", dedup="y", tx=tx)
            await walk.publish(News("4"), group="a", dedup="y", tx=tx)
        assert await ids(world, steps, 2) == ["1", "3"]

    @story(*STANDARD)
    async def test_a_transaction_takes_so_many_bytes_of_messages(self, world: Any) -> None:
        async def attempt() -> None:
            async with transaction() as tx:
                await news.publish(News("1", "x" * 200_000), tx=tx)
                await news.publish(News("2", "x" * 200_000), tx=tx)

        with pytest.raises(Invalid, match="limit 380,000"):
            await attempt()
        assert await ids(world, copies) == []
