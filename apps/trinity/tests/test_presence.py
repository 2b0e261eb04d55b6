"""Who is here: said by a heartbeat, seen by all, forgotten when the heart is not heard any more."""

from __future__ import annotations

from skylift import Caller
from skylift.testing import running
from trinity.live import live
from trinity.rooms import rooms, seats
from trinity.tests.scene import Scene, app, laid


async def here(scene: Scene, who: str) -> dict[str, bool]:
    """Who is here, as one of them sees it."""
    return {one["id"]: one["is_here"] for one in (await scene.get(who, "")).json["members"]}


async def test_who_is_not_heard_of_for_75_seconds_is_away_and_back_with_the_next_beat() -> None:
    async with running(app) as world:
        scene = await laid(world, size=2)
        ann, bob = scene.members
        await world.clock.advance(seconds=74)
        assert await here(scene, ann) == {ann: True, bob: True}
        await scene.post(ann, "presence")
        await world.clock.advance(seconds=1)
        assert await here(scene, ann) == {ann: True, bob: False}
        assert (await scene.post(bob, "presence")).status == 200
        assert await here(scene, ann) == {ann: True, bob: True}


async def test_a_vote_is_a_sign_of_life() -> None:
    async with running(app) as world:
        scene = await laid(world, size=2)
        ann, bob = scene.members
        await world.clock.advance(minutes=5)
        await scene.vote(bob, "t00")
        assert await here(scene, ann) == {ann: False, bob: True}


async def test_the_others_hear_a_beat_and_how_far_he_is() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        await scene.vote(ann, "t00")
        await world.clock.advance(seconds=30)
        async with world.channel(live).subscribe(
            as_=Caller(bob, bob), id=scene.id, epoch="e1"
        ) as heard:
            await scene.post(ann, "presence")
            await world.settle()
            await scene.post(ann, "presence")  # another tab, in the same moment
            await world.settle()
        assert [(e.kind, e.seq, e.who, e.voted, e.seen_at) for e in heard] == [
            ("progress", None, ann, 1, world.clock.now())
        ]


async def test_a_beat_is_answered_with_where_the_room_stands() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        assert (await scene.post(bob, "presence")).json["seq"] == 0
        await scene.post(ann, "pause")
        beat = (await scene.post(bob, "presence")).json
        assert beat == (await scene.get(bob, "live")).json
        assert (beat["seq"], beat["epoch"]) == (1, "e1")


async def test_who_is_in_no_room_is_present_nowhere() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, eve = scene.members[0], scene.members[2]
        await scene.post(ann, f"members/{eve}/kick")
        await world.clock.advance(minutes=1)
        before = await seats.require(scene.id, eve)
        for who in (eve, "nobody"):
            assert (await scene.post(who, "presence")).json["code"] == "NO_ROOM"
        assert await seats.require(scene.id, eve) == before
        assert await seats.get(scene.id, "nobody") is None


async def test_a_screen_is_told_where_the_room_stands_and_is_nobody_who_is_here() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        await rooms.update(scene.id, set={"screens": {"screen"}})
        async with world.channel(live).subscribe(
            as_=Caller("screen", "Screen"), id=scene.id, epoch="e1"
        ) as heard:
            assert (await scene.post("screen", "presence")).status == 200
            await world.settle()
        assert heard == []
        assert "screen" not in await here(scene, ann)
