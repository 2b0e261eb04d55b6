"""Channels in a world: who hears what, without a socket; and what becomes of tokens that expire."""

from __future__ import annotations

import pytest

from skylift import Caller, Forbidden, Unauthorized
from skylift.testing import running
from tests.apps.hall import hall
from tests.apps.hall.app import app

ANN, EVE = Caller("ann", "Ann"), Caller("eve", "Eve", ("guest",))
ROOM = hall.Room("r1", ["ann"])


async def say(text: str, epoch: str = "1") -> None:
    await hall.live.publish(hall.Said("r1", 1, text), id="r1", epoch=epoch)


async def test_who_is_let_in_hears_what_is_published_while_the_block_runs() -> None:
    async with running(app) as world:
        await hall.rooms.create(ROOM)
        live = world.channel(hall.live)
        await say("before")
        async with (
            live.subscribe(as_=ANN, id="r1", epoch="1") as received,
            live.subscribe(as_=ANN, id="r1", epoch="1") as also,
        ):
            await say("a")
            await say("elsewhere", "2")
            await say("b")
            assert [one.text for one in received] == ["a", "b"]
        await say("after")
        assert received == also == [hall.Said("r1", 1, "a"), hall.Said("r1", 1, "b")]


async def test_who_is_not_let_in_is_told_the_same_whatever_the_reason() -> None:
    async with running(app) as world:
        await hall.rooms.create(ROOM)
        live = world.channel(hall.live)
        for as_, id, epoch in (
            (EVE, "r1", "1"),
            (ANN, "r2", "1"),
            (ANN, "r1", "2"),
            (None, "r1", "1"),
        ):
            with pytest.raises(Forbidden, match="not authorized"):
                async with live.subscribe(as_=as_, id=id, epoch=epoch):
                    raise AssertionError


async def test_a_guard_that_fails_or_does_not_answer_lets_nobody_in_and_is_told_of() -> None:
    async with running(app) as world:
        for channel in (hall.broken, hall.slow, hall.silent):
            with pytest.raises(Forbidden):
                async with world.channel(channel).subscribe(as_=ANN, id="a"):
                    raise AssertionError
        told = {one.function: one.text for one in world.failures}
        assert told.keys() == {"hall.fails", "hall.sleeps"}
        assert "ValueError: Ann asked for a" in told["hall.fails"]
        assert "did not finish within 0.3 s" in told["hall.sleeps"]
        spans = [branch.span for trace in world.traces for branch in trace.branches]
        asked = [one for one in spans if one.function == "hall.fails"]
        assert [(one.cause, one.source) for one in asked] == [("guard", "broken")]


async def test_a_guard_may_ask_who_brings_no_token() -> None:
    async with running(app) as world, world.channel(hall.news).subscribe() as received:
        await hall.news.publish(hall.Said("", 1, "x"))
        assert [one.text for one in received] == ["x"]


async def test_an_expired_token_ends_no_subscription_and_begins_none() -> None:
    async with running(app) as world:
        tokens = await hall.members.guest("Ann")
        await hall.rooms.create(hall.Room("r1", [tokens.id]))
        guards, path = world._parts.backend.guards, "/live/rooms/r1/1"  # pyright: ignore[reportPrivateUsage]
        assert await guards.subscribing(path, tokens.access) == "live"
        assert await guards.subscribing(path, f"Bearer {tokens.access}") == "live"
        ann = Caller(tokens.id, "Ann")
        async with world.channel(hall.live).subscribe(as_=ann, id="r1", epoch="1") as received:
            await world.clock.advance(minutes=16)
            with pytest.raises(Unauthorized):
                await guards.subscribing(path, tokens.access)
            with pytest.raises(Unauthorized):
                await guards.connecting(tokens.access)
            await say("still")
            assert [one.text for one in received] == ["still"]


async def test_what_is_asked_of_a_channel_that_is_not_there_is_a_mistake_of_the_test() -> None:
    other = hall.Channel("other", "a", hall.Said, guard=None)
    async with running(app) as world:
        with pytest.raises(LookupError, match="hall has no channel 'other'"):
            world.channel(other)
