"""What every TimerPort must do, alone and in a StorePort. Bind it with a fixture `open_world` whose
worlds have a `clock` to be moved and an `inbox` for each function; nothing in it is skipped or
changed for one of them. Margins are of seconds, for the time of some worlds goes on by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from msgspec import Struct

from ...codec.envelope import opened
from ...errors import Conflict, Invalid
from ...invocation import now
from ...ports import QueuePort
from ...ports.delivery import Done, Held
from ...resources.table import Table
from ...resources.timer import MESSAGE_BYTES_MAX, Timer
from ...resources.transaction import Transaction, transaction
from ..story import story

LATE_S_MAX = 60
ASKED_MAX = 5  # times in a row without a message
CLAIM_MAX = 10
IDS = (
    *("a", "A", "a.b_c-D", ".", "..", "...", "a/b", "?x=1&y=2#z", "%2e", "a+b", "'\"\\<>"),
    *("x" * 63, "x" * 64, "x" * 65, "~" * 128),
)


class Close(Struct):
    room: str
    text: str = ""


class Room(Struct):
    id: str


closing = Timer("closing", Close)
opening = Timer("opening", Close)
rooms = Table("rooms", Room, key="id")


@closing.on_due
async def close(due: Close) -> None:
    """Its inbox is looked into; nothing runs in a contract."""


@opening.on_due(once=True)
async def reopen(due: Close) -> None:
    """The same."""


def after(seconds: float) -> datetime:
    return now() + timedelta(seconds=seconds)


async def all_that(tx: Transaction) -> None:
    """What stands or falls together."""
    async with tx:
        await closing.set("1", after(300), Close("a"), tx=tx)
        await closing.cancel("2", tx=tx)
        await rooms.create(Room("a"), tx=tx)


async def held_of(world: Any, function: Any = close) -> list[Held]:
    """All that has come, done with."""
    port: QueuePort = world.inbox(function)
    held, asked = list[Held](), 0
    while asked < ASKED_MAX:
        await world.settle()
        found = await port.claim(CLAIM_MAX)
        await port.settle([Done(one.receipt) for one in found])
        held += found
        asked = 0 if found else asked + 1
    return held


async def come(world: Any, function: Any = close) -> list[str]:
    """Of all that has come: which rooms."""
    codec = closing.codec
    held = await held_of(world, function)
    return sorted(codec.decode(opened(one.body)).room for one in held)


class DueContract:
    """What comes, and when."""

    @story(closing, close)
    async def test_a_message_comes_when_it_is_due_and_not_before(self, world: Any) -> None:
        await closing.set("1", after(600), Close("a"))
        assert await come(world) == []
        world.clock.advance(seconds=570)
        assert await come(world) == []
        world.clock.advance(seconds=30 + LATE_S_MAX)
        assert await come(world) == ["a"]
        world.clock.advance(hours=1)
        assert await come(world) == []  # and once

    @story(closing, close)
    async def test_it_does_not_come_within_its_minute_before_it_is_due(self, world: Any) -> None:
        at = after(600).replace(second=50, microsecond=123_456)
        await closing.set("1", at, Close("a"))
        world.clock.advance(seconds=(at - now()).total_seconds() - 10)
        assert await come(world) == []
        world.clock.advance(seconds=11)
        assert await come(world) == ["a"]

    @story(closing, close)
    async def test_what_is_nearly_due_comes_in_time(self, world: Any) -> None:
        for at in (15, 40, 65, 90, 119):
            await closing.set(str(at), after(at), Close(f"{at:03}"))
        assert await come(world) == []
        world.clock.advance(seconds=50)
        assert await come(world) == ["015", "040"]
        world.clock.advance(seconds=70 + LATE_S_MAX)
        assert await come(world) == ["065", "090", "119"]

    @story(closing, close)
    async def test_what_is_due_already_comes_at_once(self, world: Any) -> None:
        await closing.set("1", after(0), Close("now"))
        await closing.set("2", after(-86_400), Close("long ago"))
        await closing.set("3", datetime(1970, 1, 1, tzinfo=now().tzinfo), Close("never"))
        assert await come(world) == ["long ago", "never", "now"]

    @story(closing, close)
    async def test_a_time_may_be_far_away(self, world: Any) -> None:
        await closing.set("1", datetime(2199, 12, 31, 23, 59, 59, tzinfo=now().tzinfo), Close("a"))
        world.clock.advance(days=40)
        assert await come(world) == []

    @story(closing, close)
    async def test_set_replaces(self, world: Any) -> None:
        await closing.set("1", after(300), Close("sooner"))
        await closing.set("1", after(900), Close("later"))
        await closing.set("2", after(900), Close("late"))
        await closing.set("2", after(300), Close("soon"))
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["soon"]
        world.clock.advance(seconds=600)
        assert await come(world) == ["later"]

    @story(closing, close)
    async def test_what_replaces_may_be_due_already(self, world: Any) -> None:
        await closing.set("1", after(900), Close("later"))
        await closing.set("1", after(0), Close("now"))
        assert await come(world) == ["now"]
        world.clock.advance(seconds=1000)
        assert await come(world) == []

    @story(closing, close)
    async def test_the_same_twice_is_once(self, world: Any) -> None:
        at = after(300)
        for _ in range(3):
            await closing.set("1", at, Close("a"))
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["a"]

    @story(closing, close)
    async def test_what_is_cancelled_does_not_come(self, world: Any) -> None:
        await closing.set("1", after(300), Close("a"))
        await closing.set("2", after(300), Close("b"))
        await closing.cancel("1")
        await closing.cancel("1")
        await closing.cancel("never-set")
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["b"]

    @story(closing, close)
    async def test_what_was_cancelled_or_came_may_be_set_again(self, world: Any) -> None:
        await closing.set("1", after(300), Close("a"))
        await closing.cancel("1")
        await closing.set("1", after(300), Close("b"))
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["b"]
        await closing.set("1", after(300), Close("c"))
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["c"]

    @story(closing, close)
    async def test_ids_are_told_apart_whatever_they_are(self, world: Any) -> None:
        for at, id in enumerate(IDS):
            await closing.set(id, after(300), Close(f"{at:02}"))
        await closing.cancel(IDS[3])
        await closing.cancel("unknown/")
        world.clock.advance(seconds=300 + LATE_S_MAX)
        expected = [f"{at:02}" for at in range(len(IDS)) if at != 3]
        assert await come(world) == expected

    @story(closing, close, opening, reopen)
    async def test_timers_do_not_know_each_others_ids(self, world: Any) -> None:
        await closing.set("1", after(300), Close("a"))
        await opening.set("1", after(300), Close("b"))
        await opening.set("2", after(300), Close("c"))
        await closing.cancel("2")
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["a"]
        assert await come(world, reopen) == ["b", "c"]

    @story(closing, close)
    async def test_many_may_be_due_at_once(self, world: Any) -> None:
        at = after(300)
        for number in range(60):
            await closing.set(f"{number}", at, Close(f"{number:02}"))
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == [f"{number:02}" for number in range(60)]

    @story(closing, close)
    async def test_a_message_arrives_as_it_was_set(self, world: Any) -> None:
        texts = ("é日本\U0001f600\ufffe", "<aws.scheduler.execution-id>", '"\\{}', "x" * 200_000)
        for at, text in enumerate(texts):
            await closing.set(f"far {at}".replace(" ", "-"), after(300), Close(f"{at}", text))
            await closing.set(f"near-{at}", after(0), Close(f"{at}", text))
        for seconds in (0, 300 + LATE_S_MAX):
            world.clock.advance(seconds=seconds)
            found = [closing.codec.decode(opened(one.body)) for one in await held_of(world)]
            told = {one.room: one.text for one in found}
            assert told == {f"{at}": text for at, text in enumerate(texts)}

    @story(closing, close)
    async def test_what_came_is_on_its_first_attempt(self, world: Any) -> None:
        await closing.set("1", after(300).replace(second=45), Close("a"))
        await closing.set("2", after(0), Close("b"))
        world.clock.advance(seconds=300)
        found = await held_of(world)
        world.clock.advance(seconds=LATE_S_MAX)
        found += await held_of(world)
        assert [one.attempt for one in found] == [1, 1]
        assert {opened(one.body).type for one in found} == {"Close"}


class TogetherContract:
    """Orders of transactions."""

    @story(closing, close, rooms)
    async def test_a_timer_is_set_with_its_transaction(self, world: Any) -> None:
        await closing.set("2", after(300), Close("b"))
        async with transaction() as tx:
            await rooms.create(Room("a"), tx=tx)
            await closing.set("1", after(300), Close("a"), tx=tx)
            await closing.cancel("2", tx=tx)
            await closing.set("3", after(0), Close("c"), tx=tx)
        assert await come(world) == ["c"]
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["a"]

    @story(closing, close, rooms)
    async def test_a_transaction_that_fails_sets_and_cancels_nothing(self, world: Any) -> None:
        await rooms.create(Room("a"))
        await closing.set("2", after(300), Close("b"))
        with pytest.raises(Conflict):
            await all_that(transaction())
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["b"]

    @story(closing, close)
    async def test_the_last_order_of_an_id_counts(self, world: Any) -> None:
        await closing.set("3", after(300), Close("old"))
        async with transaction() as tx:
            await closing.set("1", after(300), Close("a"), tx=tx)
            await closing.cancel("1", tx=tx)
            await closing.cancel("2", tx=tx)
            await closing.set("2", after(300), Close("b"), tx=tx)
            await closing.set("3", after(600), Close("later"), tx=tx)
            await closing.set("3", after(300), Close("c"), tx=tx)
            await closing.set("4", after(0), Close("d"), tx=tx)
            await closing.cancel("4", tx=tx)
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["b", "c"]
        world.clock.advance(seconds=300)
        assert await come(world) == []


class RefusalContract:
    """What is not even tried."""

    @story(closing, close)
    async def test_a_time_without_a_zone_is_refused(self, world: Any) -> None:
        naive = datetime(2061, 7, 28)
        with pytest.raises(Invalid, match="has no zone"):
            await closing.set("1", naive, Close("a"))

    @story(closing, close)
    async def test_a_time_beyond_schedulers_years_is_refused(self, world: Any) -> None:
        for year in (1, 1969, 2200, 9999):
            with pytest.raises(Invalid, match="years 1970 to 2199"):
                await closing.set("1", datetime(year, 1, 1, tzinfo=now().tzinfo), Close("a"))

    @story(closing, close)
    async def test_what_is_no_datetime_is_refused(self, world: Any) -> None:
        for at in ("tomorrow", timedelta(hours=1), 5, None):
            with pytest.raises(Invalid, match="is no datetime"):
                await closing.set("1", cast(datetime, at), Close("a"))

    @story(closing, close)
    async def test_an_id_is_visible_ascii(self, world: Any) -> None:
        for id in ("", " ", "a b", "é", "x" * 129, "a\n", cast(str, 5), cast(str, None)):
            with pytest.raises(Invalid, match="is no id"):
                await closing.set(id, after(300), Close("a"))
            with pytest.raises(Invalid, match="is no id"):
                await closing.cancel(id)

    @story(closing, close)
    async def test_a_message_has_256_kb_at_most(self, world: Any) -> None:
        await closing.set("1", after(300), Close("a"))
        held = len('{"due":"2061-07-28T12:05:00.000000Z","skylift":1}') + 250
        await closing.set("1", after(300), Close("fits", "x" * (MESSAGE_BYTES_MAX - held - 50)))
        with pytest.raises(Invalid, match="limit 262,144"):
            await closing.set("1", after(300), Close("a", "x" * MESSAGE_BYTES_MAX))
        with pytest.raises(Invalid, match="limit 262,144"):
            async with transaction() as tx:
                await closing.set("1", after(300), Close("a", "é" * 131_072), tx=tx)
        world.clock.advance(seconds=300 + LATE_S_MAX)
        assert await come(world) == ["fits"]


class TimerContract(DueContract, TogetherContract, RefusalContract):
    """All of it."""
