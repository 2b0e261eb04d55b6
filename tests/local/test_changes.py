"""Functions that follow a table: each item's changes in order, nobody waiting for another's, and
what was given up with all it was about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from skylift import App, Change
from skylift.testing import running
from skylift.testing.world import World
from tests.apps.votes import polls

app = App("votes", polls)


def play(test: Callable[[World], Awaitable[None]]) -> None:
    async def playing() -> None:
        async with running(app) as world:
            await test(world)

    asyncio.run(playing())


async def vote(world: World, voter: str, choice: str, ends_in_s: float | None = None) -> None:
    wanted = {"choice": choice} | ({} if ends_in_s is None else {"ends_in_s": ends_in_s})
    assert (await world.http.put(f"/rooms/blue/votes/{voter}", json=wanted)).status == 204


async def told(world: World, voter: str) -> list[tuple[str, str | None, str | None]]:
    entries = (await world.http.get(f"/entries/{voter}")).json
    return [(one["kind"], one["before"], one["after"]) for one in entries]


async def total(world: World, choice: str) -> object:
    reply = await world.http.get(f"/totals/{choice}")
    return reply.json if reply.status == 200 else None


def test_a_change_that_fails_keeps_back_its_own_item_and_no_other() -> None:
    async def test(world: World) -> None:
        for voter, choice in [("a", "rum"), ("b", "poison"), ("c", "rum"), ("b", "rum")]:
            await vote(world, voter, choice)
        await world.clock.advance(seconds=0.001)
        assert await total(world, "rum") == 2  # of a and c: b's waits for poison
        await world.settle()
        assert await total(world, "rum") == 3
        assert await total(world, "poison") == -1
        (letter,) = (await world.http.get("/uncounted")).json
        assert (letter["voter"], letter["reason"], letter["attempts"]) == ("b", "failed", 2)
        assert (await world.counts(polls.tally)).dead == 1

    play(test)


def test_what_was_given_up_goes_through_once_redriven() -> None:
    async def test(world: World) -> None:
        await vote(world, "b", "poison")
        await world.settle()
        await world.http.put("/antidote")
        assert (await world.http.post("/uncounted/redrive")).json == 1
        await world.settle()
        assert await total(world, "poison") == 1
        assert (await world.http.get("/uncounted")).json == []

    play(test)


def test_what_expires_by_itself_is_told_when_it_is_removed() -> None:
    async def test(world: World) -> None:
        await vote(world, "ann", "tea", ends_in_s=60)
        await world.settle()
        assert await total(world, "tea") == 1
        await world.clock.advance(minutes=10)
        await world.settle()
        assert await told(world, "ann") == [("created", None, "tea"), ("expired", "tea", None)]
        assert await total(world, "tea") == 0

    play(test)


def test_the_tree_of_a_trace_holds_those_who_followed() -> None:
    async def test(world: World) -> None:
        await vote(world, "ann", "tea")
        await world.settle()
        (trace,) = world.traces
        names = [span.function.rpartition(".")[2] for span in trace.spans]
        assert (names[0], sorted(names[1:])) == ("vote", ["tally", "write_down"])
        (root,) = trace.roots
        assert root.unhandled == []

    play(test)


def test_who_follows_may_be_started_by_hand() -> None:
    async def test(world: World) -> None:
        vote = polls.Vote("blue", "zoe", "tea")
        await polls.write_down.start(Change("created", None, vote))
        await world.settle()
        assert await told(world, "zoe") == [("created", None, "tea")]

    play(test)


@pytest.mark.parametrize("choice", ["poison", "rum"])
def test_the_writer_never_waits_for_who_follows(choice: str) -> None:
    async def test(world: World) -> None:
        await vote(world, "ann", choice)
        counts = await world.counts(polls.tally)
        assert counts.ready + counts.in_flight + counts.delayed <= 1

    play(test)
