"""What is published arrives where somebody asked for its type, as it was published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import json

from ....invocation import invocation
from ...story import story
from .stock import (
    ALL,
    Owner,
    RoomClosed,
    RoomOpened,
    arrived,
    closed_rooms,
    events,
    ids,
    invite,
    mark,
    opened_rooms,
    tidy,
    told,
    unheard,
    welcome,
)


class RoutingContract:
    @story(*ALL)
    async def test_an_event_arrives_at_each_function_and_queue_that_asked_for_its_type(
        self, world: Any
    ) -> None:
        sent = RoomOpened("a", "naïve 🚀", 3.5, True, Owner("Ann", 1990), ["x"], [Owner("Bob")])
        await events.publish(sent)
        for source in (welcome, opened_rooms):
            (held,) = await arrived(world, source, 1)
            assert told(held) == sent
            assert held.attempt == 1
        for source in (tidy, closed_rooms, invite):
            assert await arrived(world, source) == []

    @story(*ALL)
    async def test_types_do_not_mix(self, world: Any) -> None:
        await events.publish(RoomClosed("a"))
        await events.publish(RoomOpened("b"))
        assert await ids(world, tidy, 1) == await ids(world, closed_rooms, 1) == ["a"]
        assert await ids(world, welcome, 1) == await ids(world, opened_rooms, 1) == ["b"]

    @story(*ALL)
    async def test_what_one_has_taken_the_others_still_have(self, world: Any) -> None:
        await events.publish(RoomOpened("a"))
        assert await ids(world, welcome, 1) == ["a"]
        await events.publish(RoomOpened("b"))
        assert await ids(world, welcome, 1) == ["b"]
        assert await ids(world, opened_rooms, 2) == ["a", "b"]

    @story(*ALL)
    async def test_many_arrive_each_once(self, world: Any) -> None:
        numbers = [f"{no:02}" for no in range(40)]
        for no in numbers:
            await events.publish(RoomOpened(no))
        for source in (welcome, opened_rooms):
            assert await ids(world, source, len(numbers)) == numbers

    @story(*ALL)
    async def test_an_event_nobody_asked_for_is_published_all_the_same(self, world: Any) -> None:
        class RoomRenamed(RoomClosed):
            """Another type, though all of it is inherited."""

        await events.publish(RoomRenamed("a"))
        for source in (tidy, closed_rooms, welcome):
            assert await arrived(world, source) == []

    @story(*ALL, unheard)
    async def test_buses_do_not_share_events(self, world: Any) -> None:
        await unheard.publish(RoomOpened("a"))
        await events.publish(RoomOpened("b"))
        assert await ids(world, opened_rooms, 1) == ["b"]

    @story(*ALL)
    async def test_what_travels_is_the_event_with_a_mark(self, world: Any) -> None:
        await events.publish(RoomClosed("two\nlines"))
        (held,) = await arrived(world, closed_rooms, 1)
        found = json.decode(held.body)
        said = found.pop("skylift")
        assert found == {"id": "two\nlines"}
        assert said.keys() == {"version", "id", "type", "sent_at", "trace"}
        assert (said["version"], said["type"]) == (1, "RoomClosed")
        assert said["trace"] == invocation().trace
        assert len(said["id"]) == 32
        assert datetime.fromisoformat(said["sent_at"]).tzinfo is not None

    @story(*ALL)
    async def test_everybody_is_told_the_same_id_and_each_event_has_its_own(
        self, world: Any
    ) -> None:
        await events.publish(RoomOpened("a"))
        await events.publish(RoomOpened("a"))
        heard = {mark(one).id for one in await arrived(world, welcome, 2)}
        fed = {mark(one).id for one in await arrived(world, opened_rooms, 2)}
        assert heard == fed
        assert len(heard) == 2

    @story(*ALL)
    async def test_letters_that_a_queue_refuses_travel_as_escapes(self, world: Any) -> None:
        text = "".join(map(chr, range(0x20))) + "\x7f\x85\u2028\ufdd0\ufffd\ufffe\uffff\U0010ffff"
        await events.publish(RoomOpened("a", text))
        for source in (welcome, opened_rooms):
            (held,) = await arrived(world, source, 1)
            assert told(held).topic == text
