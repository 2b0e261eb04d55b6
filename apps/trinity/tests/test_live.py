"""What is heard of a room, and by whom: all of it, in its order and once, by who is in it; nothing
by who was turned out, whatever goes on while that happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from skylift import Caller, Change, Forbidden, Invalid, now
from skylift.testing import World, running
from skylift.testing.http import HttpAnswer
from trinity.events import feed
from trinity.live import LiveEvent, Personal, live, me, tell
from trinity.model import Room, Rules
from trinity.rooms import Told, change, rooms
from trinity.tests.scene import Scene, app, laid


def caller(who: str) -> Caller:
    return Caller(who, f"{who}@example.com")


class Page:
    """One that follows a room by its rules: what has a number comes in its order and once."""

    def __init__(self, scene: Scene, who: str) -> None:
        self.scene, self.who = scene, who
        self.shown: list[LiveEvent] = []

    @property
    def seq(self) -> int:
        return self.shown[-1].seq or 0 if self.shown else 0

    async def hear(self, received: list[LiveEvent]) -> None:
        for event in sorted((one for one in received if one.seq), key=lambda one: one.seq or 0):
            if (event.seq or 0) > self.seq + 1:
                await self.resume()
            if event.seq == self.seq + 1:
                self.shown.append(event)

    async def resume(self) -> None:
        while True:
            path = f"events?after={self.seq}&limit=3"
            missed = (await self.scene.get(self.who, path)).json
            self.shown += [LiveEvent(**one) for one in missed["events"]]
            if self.seq == missed["seq"]:
                return


async def epoch_of(scene: Scene) -> str:
    return (await scene.room()).epoch


# -- who hears


async def test_everybody_in_the_room_hears_of_the_match_once_and_asks_for_nothing() -> None:
    """A13.17."""
    async with running(app, contention=0.2) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        channel = world.channel(live)
        async with (
            channel.subscribe(as_=caller(ann), id=scene.id, epoch="e1") as one,
            channel.subscribe(as_=caller(bob), id=scene.id, epoch="e1") as two,
            channel.subscribe(as_=caller(cem), id=scene.id, epoch="e1") as three,
        ):
            await asyncio.gather(*(scene.vote(who, "t01") for who in scene.members))
            await world.settle()
            for heard in (one, two, three):
                assert [(e.title_id, e.status) for e in heard if e.kind == "match"] == [
                    ("t01", "matched")
                ]


async def test_who_votes_is_heard_but_not_for_what() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        async with world.channel(live).subscribe(as_=caller(bob), id=scene.id, epoch="e1") as heard:
            await scene.vote(ann, "t01", "like")
            await scene.vote(ann, "t02", "nope")
            await world.settle()
        assert [(e.kind, e.who, e.voted, e.size) for e in heard] == [
            ("progress", ann, 1, 4),
            ("progress", ann, 2, 4),
        ]
        said = str(to_builtins(heard))
        assert not [word for word in ("t01", "t02", "like", "nope") if word in said]


async def test_nobody_listens_who_is_not_in_the_room() -> None:
    """A13.6."""
    async with running(app) as world:
        scene, other = await laid(world), await laid(world)
        ann = scene.members[0]
        for who, id, epoch in (
            (other.members[0], scene.id, "e1"),
            (ann, other.id, "e1"),
            (ann, scene.id, "e0"),
            (ann, "none", "e1"),
        ):
            with pytest.raises(Forbidden):
                async with world.channel(live).subscribe(as_=caller(who), id=id, epoch=epoch):
                    pass
        for who in (None, caller(other.members[0])):
            with pytest.raises((Forbidden, Invalid)):
                async with world.channel(me).subscribe(as_=who, id=ann):
                    pass
        async with world.channel(me).subscribe(as_=caller(ann), id=ann):
            assert (await scene.get(other.members[0], "live")).json["code"] == "NO_ROOM"
            assert (await scene.get(other.members[0], "events")).json["code"] == "NO_ROOM"


async def test_a_page_is_told_where_to_listen_and_what_it_is_told_is_let_in() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        place = (await scene.get(ann, "live")).json
        assert place == {
            "channel": f"/live/rooms/{scene.id}/e1",
            "epoch": "e1",
            "seq": 0,
            "me_channel": f"/me/people/{ann}",
        }
        assert live.matched(place["channel"]) == {"id": scene.id, "epoch": "e1"}
        assert me.matched(place["me_channel"]) == {"id": ann}


# -- who was away


async def test_s5_who_was_away_for_two_minutes_has_every_event_once_and_the_room_as_it_is() -> None:
    """S5."""
    async with running(app) as world:
        scene = await laid(world, size=4, titles=3)
        ann, bob, cem, dan = scene.members
        page, channel = Page(scene, bob), world.channel(live)
        async with channel.subscribe(as_=caller(bob), id=scene.id, epoch="e1") as heard:
            await scene.post(ann, "pause")
            await scene.post(ann, "resume")
            await world.settle()
            await page.hear(heard)
        assert [one.kind for one in page.shown] == ["paused", "resumed"]
        await world.clock.advance(minutes=1)
        await scene.leave(dan)
        for title in scene.titles:
            await scene.vote(cem, title, "nope")
        await scene.post(ann, "pause")
        await world.clock.advance(minutes=1)
        place = (await scene.get(bob, "live")).json
        async with channel.subscribe(as_=caller(bob), id=scene.id, epoch=place["epoch"]) as heard:
            await scene.post(ann, "resume")  # before the page has asked for what it missed
            await world.settle()
            await page.hear(heard)
            await page.hear(heard)  # as a channel may, twice
        kinds = ["paused", "resumed", "left", "finished", "paused", "resumed"]
        assert [one.kind for one in page.shown] == kinds
        assert [one.seq for one in page.shown] == [1, 2, 3, 4, 5, 6]
        state = (await scene.get(bob, "")).json
        assert (state["seq"], state["status"], state["me"]["voted"]) == (6, "voting", 0)
        assert [one["id"] for one in state["members"] if one["is_finished"]] == [cem]


@pytest.mark.parametrize("seed", range(8))
async def test_s5_a_page_that_comes_and_goes_while_all_vote_misses_and_repeats_nothing(
    seed: int,
) -> None:
    async with running(app, contention=0.2, seed=seed) as world:
        scene = await laid(world, size=6, titles=5)
        page, votes = Page(scene, scene.members[0]), asyncio.gather(*_all_votes(scene))
        while not votes.done():
            async with world.channel(live).subscribe(
                as_=caller(page.who), id=scene.id, epoch="e1"
            ) as heard:
                await pause(20 + seed)
                await page.hear(heard)
            await pause(20)  # away
        await world.settle()
        await page.resume()
        told = await scene.told()
        assert [one.seq for one in page.shown] == [*range(1, len(told) + 1)]
        assert [one.kind for one in page.shown] == [one.kind for one in told]
        assert told[-1].kind == "no_consensus"


async def test_the_feed_of_a_room_is_asked_for_in_parts_and_from_nowhere_before_it() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        for _ in range(3):
            await scene.post(ann, "pause")
            await scene.post(ann, "resume")
        part = (await scene.get(ann, "events?after=2&limit=2")).json
        assert ([one["seq"] for one in part["events"]], part["seq"]) == ([3, 4], 6)
        assert (await scene.get(ann, "events?after=6")).json == {"events": [], "seq": 6}
        assert {(await scene.get(ann, f"events?{wrong}")).status for wrong in (
            "after=-1", "limit=0", "limit=201", "after=x"
        )} == {422}  # fmt: skip


# -- what a crash leaves


async def test_an_event_is_heard_although_the_process_died_before_it_was_published(
    tmp_path: Path,
) -> None:
    async with running(app, path=tmp_path) as world:
        scene = await laid(world)
        ann = scene.members[0]
        async with world.channel(live).subscribe(as_=caller(ann), id=scene.id, epoch="e1") as heard:
            await change(scene.id, rest, Told("paused"))
            assert heard == []  # it is committed, and nobody was told yet
    async with (
        running(app, path=tmp_path) as world,
        world.channel(live).subscribe(as_=caller(ann), id=scene.id, epoch="e1") as heard,
    ):
        await world.settle()
        assert [(one.kind, one.seq) for one in heard] == [("paused", 1)]


async def test_an_event_that_is_published_twice_is_shown_once() -> None:
    async with running(app) as world:
        scene = await laid(world)
        page = Page(scene, scene.members[0])
        async with world.channel(live).subscribe(
            as_=caller(page.who), id=scene.id, epoch="e1"
        ) as heard:
            await scene.post(page.who, "pause")
            await world.settle()
            (event,) = [one async for one in feed.query(scene.id)]
            await tell(Change("created", None, event))  # and the process died before it said so
            assert [one.seq for one in heard] == [1, 1]
            await page.hear(heard)
        assert [one.kind for one in page.shown] == ["paused"]


# -- who is turned out


async def test_s8_who_is_kicked_hears_nothing_from_the_commit_on_and_is_not_let_in_again() -> None:
    """S8."""
    async with running(app) as world:
        scene = await laid(world, size=4)
        ann, bob, _, eve = scene.members
        async with (
            world.channel(live).subscribe(as_=caller(eve), id=scene.id, epoch="e1") as heard,
            world.channel(me).subscribe(as_=caller(eve), id=eve) as mine,
            world.channel(me).subscribe(as_=caller(bob), id=bob) as bobs,
        ):
            await scene.vote(bob, "t00")
            await world.settle()
            assert [one.kind for one in heard] == ["progress"]
            assert (await scene.post(ann, f"members/{eve}/kick")).status == 200
            await scene.vote(bob, "t01")
            await scene.post(ann, "pause")
            await world.settle()
            assert len(heard) == 1
            out = [(one.kind, one.about) for one in mine if one.kind != "notice"]
            assert out == [("out", "kicked")]
            (moved,) = [one for one in bobs if one.kind == "moved"]
        assert (moved.epoch, moved.room_id) == (await epoch_of(scene), scene.id)
        for epoch in ("e1", await epoch_of(scene)):
            with pytest.raises(Forbidden):
                async with world.channel(live).subscribe(as_=caller(eve), id=scene.id, epoch=epoch):
                    pass
        assert {(await scene.get(eve, path)).status for path in ("live", "events", "")} == {404}
        await _hears_on(world, scene, bob, moved)


async def test_s8_what_happened_before_the_kick_and_is_published_after_it_does_not_reach_him() -> (
    None
):
    async with running(app) as world:
        scene = await laid(world)
        ann, _, eve = scene.members
        async with world.channel(live).subscribe(as_=caller(eve), id=scene.id, epoch="e1") as heard:
            await scene.post(ann, "pause")
            await world.settle()
            assert [one.kind for one in heard] == ["paused"]
            await scene.post(ann, f"members/{eve}/kick")
            (paused,) = await scene.told("paused")
            await tell(Change("created", None, paused))  # it is told once more
            await world.settle()
            assert len(heard) == 1


@pytest.mark.parametrize("turned_out", ["kick", "ban", "leave"])
@pytest.mark.parametrize("seed", range(12))
async def test_s8_also_while_all_are_voting(seed: int, turned_out: str) -> None:
    async with running(app, contention=0.2, seed=seed) as world:
        scene = await laid(world, size=6, titles=4, rules=Rules(strategy="unanimous"))
        ann, eve = scene.members[0], scene.members[-1]
        async with world.channel(live).subscribe(as_=caller(eve), id=scene.id, epoch="e1") as heard:
            votes = asyncio.gather(*_all_votes(scene))
            watched = asyncio.create_task(_heard_at_the_commit(scene, heard))
            await pause(5 * seed)  # another moment for each seed
            if turned_out == "leave":
                assert (await scene.leave(eve)).status == 204
            else:
                assert (await scene.post(ann, f"members/{eve}/{turned_out}")).status == 200
            await votes
            await world.settle()
            assert len(heard) == await watched
        (gone,) = [one for one in await scene.told() if one.who == eve and one.epoch != "e1"]
        assert all(one.epoch == "e1" and (one.seq or 0) < gone.seq for one in heard)


async def test_who_leaves_hears_no_more_and_the_others_do() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        async with (
            world.channel(live).subscribe(as_=caller(cem), id=scene.id, epoch="e1") as heard,
            world.channel(me).subscribe(as_=caller(bob), id=bob) as bobs,
        ):
            await scene.leave(cem)
            await scene.post(ann, "pause")
            await world.settle()
        assert heard == []
        await _hears_on(world, scene, bob, next(one for one in bobs if one.kind == "moved"))


# -- what stands in for others


async def pause(turns: int) -> None:
    """Others have so many turns."""
    for _ in range(turns):
        await asyncio.sleep(0)


def rest(room: Room) -> Room:
    return replace(room, status="paused", touched_at=now())


def _all_votes(scene: Scene) -> list[Coroutine[Any, Any, HttpAnswer]]:
    return [scene.vote(who, title, "nope") for title in scene.titles for who in scene.members]


async def _heard_at_the_commit(scene: Scene, heard: list[LiveEvent]) -> int:
    while (await rooms.require(scene.id)).epoch == "e1":
        await asyncio.sleep(0)
    return len(heard)


async def _hears_on(world: World, scene: Scene, who: str, moved: Personal) -> None:
    async with world.channel(live).subscribe(
        as_=caller(who), id=scene.id, epoch=moved.epoch
    ) as heard:
        seq = (await scene.room()).seq
        await scene.post(scene.members[0], "resume")
        await world.settle()
    assert [(one.kind, one.seq) for one in heard if one.seq] == [("resumed", seq + 1)]
