"""Where there is no match, the host leads on; nobody else does, and no way ends at a wall."""

from __future__ import annotations

import asyncio

import pytest

from skylift import now
from skylift.testing import World, running
from trinity import endings
from trinity.model import Choice, Rules
from trinity.rooms import Told, change
from trinity.stalemate import settle_runoff
from trinity.tests.scene import Scene, app, assert_counted, laid

# Nobody agrees: t00 is liked by two of three, t01 by one, t02 by none.
SAID: list[dict[str, Choice]] = [
    {"t00": "like", "t01": "nope", "t02": "nope"},
    {"t00": "like", "t01": "like", "t02": "nope"},
    {"t00": "nope", "t01": "nope", "t02": "nope"},
]


async def stuck(world: World, rules: Rules = Rules()) -> Scene:
    scene = await laid(world, 3, 3, rules=rules)
    for who, said in zip(scene.members, SAID, strict=True):
        for title, choice in said.items():
            await scene.vote(who, title, choice)
    assert (await scene.room()).status == "no_consensus"
    return scene


async def shortlist(world: World) -> Scene:
    scene = await laid(world, 2, 3, rules=Rules(wanted=2))
    for who in scene.members:
        for title in ("t02", "t01"):
            await scene.vote(who, title)
    assert (await scene.room()).matches == ["t02", "t01"]
    return scene


@pytest.mark.parametrize("method", ["approval", "irv", "borda"])
async def test_s4_a_runoff_of_the_best_gives_a_winner(method: str) -> None:
    async with running(app, contention=0.2) as world:
        scene = await stuck(world)
        ann = scene.members[0]
        opened = await scene.post(ann, "runoff", {"method": method, "count": 3})
        assert (opened.status, opened.json["status"]) == (200, "runoff")
        poll = opened.json["poll"]
        asked = (await scene.get(ann, f"polls/{poll}")).json
        assert [one["id"] for one in asked["options"]] == ["t00", "t01", "t02"]
        for who in scene.members:
            ballot = {"options": ["t01"] if method == "approval" else ["t01", "t00", "t02"]}
            path = f"/rooms/{scene.id}/polls/{poll}/ballot"
            assert (await scene.as_(who).put(path, json=ballot)).status < 300
        await world.settle()
        room = await scene.room()
        assert (room.status, room.match, room.poll) == ("matched", "t01", None)
        assert [one.title_id for one in await scene.told("decided")] == ["t01"]
        assert len(await scene.told("no_consensus")) == 1
        assert (await scene.vote(ann, "t02")).json["match"] == "t01"


async def test_a_runoff_is_decided_once_however_often_that_is_told() -> None:
    async with running(app, contention=0.2) as world:
        scene = await stuck(world)
        await change(
            scene.id, lambda room: endings.asked(room, room.host, "p1", now()), Told("runoff")
        )
        winners = ["t00", "t01", None]
        await asyncio.gather(*(settle_runoff(scene.id, "p1", one) for one in winners))
        await settle_runoff(scene.id, "another", "t02")
        assert len([one for one in await scene.told() if one.kind in ("decided", "undecided")]) == 1


async def test_a_runoff_that_nobody_answers_leaves_everything_open() -> None:
    async with running(app) as world:
        scene = await stuck(world)
        ann = scene.members[0]
        poll = (await scene.post(ann, "runoff", {"minutes": 5})).json["poll"]
        await world.clock.advance(minutes=6)
        await world.settle()
        room = await scene.room()
        assert (room.status, room.match, room.poll) == ("no_consensus", None, None)
        assert [one.poll_id for one in await scene.told("undecided")] == [poll]
        assert (await scene.post(ann, "runoff", {})).json["status"] == "runoff"


async def test_what_a_leaving_made_a_match_meanwhile_is_found_after_the_runoff() -> None:
    async with running(app) as world:
        scene = await stuck(world)
        ann, _, cem = scene.members
        await scene.post(ann, "runoff", {"minutes": 5})
        await scene.leave(cem)
        assert (await scene.room()).status == "runoff"
        await world.clock.advance(minutes=6)
        await world.settle()
        assert (await scene.room()).matches == ["t00"]


async def test_a_shortlist_can_be_run_off_and_keeps_what_was_not_chosen() -> None:
    async with running(app) as world:
        scene = await shortlist(world)
        ann = scene.members[0]
        poll = (await scene.post(ann, "runoff", {})).json["poll"]
        assert (await scene.vote(ann, "t00")).json["code"] == "ROOM_RUNOFF"
        await settle_runoff(scene.id, poll, "t01")
        room = await scene.room()
        assert (room.status, room.matches) == ("completed", ["t01", "t02"])


async def test_chance_takes_one_of_the_best_that_nobody_has_vetoed() -> None:
    picked: set[str | None] = set()
    for seed in range(12):
        async with running(app, seed=seed) as world:
            scene = await laid(world, 2, 3, rules=Rules(vetoes=1))
            ann, bob = scene.members
            for title in ("t00", "t01"):
                await scene.vote(ann, title, "like")
                await scene.vote(bob, title, "nope")
            await scene.vote(ann, "t02", "nope")
            await scene.vote(bob, "t02", "veto")
            assert (await scene.post(ann, "random")).json["status"] == "matched"
            picked.add((await scene.room()).match)
    assert picked == {"t00", "t01"}


async def test_chance_takes_one_of_a_shortlist_and_then_it_is_over() -> None:
    async with running(app) as world:
        scene = await shortlist(world)
        ann = scene.members[0]
        assert (await scene.post(ann, "random")).json["status"] == "completed"
        assert sorted((await scene.room()).matches) == ["t01", "t02"]
        assert (await scene.post(ann, "random")).json["code"] == "ROOM_COMPLETED"


async def test_the_host_decides_of_what_is_there_and_was_not_vetoed() -> None:
    async with running(app) as world:
        scene = await stuck(world)
        ann = scene.members[0]
        assert (await scene.post(ann, "decide", {"title_id": "t99"})).json["code"] == "NO_TITLE"
        decided = await scene.post(ann, "decide", {"title_id": "t02"})
        assert (decided.json["status"], decided.json["match"]["id"]) == ("matched", "t02")
        assert [one.title_id for one in await scene.told("decided")] == ["t02"]


async def test_a_veto_binds_the_host_and_a_shortlist_too() -> None:
    async with running(app) as world:
        scene = await laid(world, 2, 2, rules=Rules(vetoes=1))
        ann, bob = scene.members
        await scene.vote(ann, "t00", "like")
        await scene.vote(ann, "t01", "nope")
        await scene.vote(bob, "t00", "veto")
        await scene.vote(bob, "t01", "nope")
        assert (await scene.post(ann, "decide", {"title_id": "t00"})).json["code"] == "NO_CHOICE"
        short = await shortlist(world)
        refused = await short.post(short.members[0], "decide", {"title_id": "t00"})
        assert refused.json["code"] == "NO_CHOICE"


async def test_where_all_is_vetoed_nothing_is() -> None:
    async with running(app) as world:
        scene = await laid(world, 2, 1, rules=Rules(vetoes=1))
        for who in scene.members:
            await scene.vote(who, "t00", "veto")
        ann = scene.members[0]
        assert (await scene.post(ann, "runoff", {})).json["code"] == "NO_CHOICE"
        assert (await scene.post(ann, "random")).json["status"] == "matched"


async def test_fewer_likes_are_enough_when_the_host_says_so_and_all_are_told() -> None:
    async with running(app, contention=0.2) as world:
        scene = await stuck(world)
        ann = scene.members[0]
        same = await scene.post(ann, "lower", {"strategy": "unanimous"})
        assert (same.status, same.json["code"]) == (409, "NOT_LOWER")
        lower = await scene.post(ann, "lower", {"strategy": "majority"})
        assert (lower.json["status"], lower.json["match"]["id"]) == ("matched", "t00")
        assert [(one.kind, one.text) for one in (await scene.told())[-2:]] == [
            ("rules", "majority"),
            ("match", None),
        ]


async def test_less_may_still_be_too_much_and_then_everything_stays_open() -> None:
    async with running(app) as world:
        scene = await laid(world, 4, 1)
        for who in scene.members:
            await scene.vote(who, "t00", "like" if who == scene.members[0] else "nope")
        lower = await scene.post(scene.members[0], "lower", {"strategy": "majority"})
        assert (lower.json["status"], lower.json["required"]) == ("no_consensus", 3)
        assert len(await scene.told("no_consensus")) == 1


async def test_with_more_titles_everybody_votes_on_and_old_votes_stand() -> None:
    async with running(app) as world:
        scene = await stuck(world)
        more = await change(
            scene.id, lambda room: endings.extended(room, room.host, 2, now()), Told("extended")
        )
        assert (more.status, more.size, more.finished, more.ended_at) == ("voting", 5, set(), None)
        assert (await scene.get(scene.members[0], "progress")).json["percent"] == 60
        assert (await scene.get(scene.members[0], "results")).json["titles"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("runoff", {}),
        ("random", None),
        ("decide", {"title_id": "t00"}),
        ("lower", {"strategy": "first"}),
    ],
)
async def test_only_the_host_leads_on_and_only_where_it_is_needed(path: str, body: object) -> None:
    async with running(app) as world:
        scene = await stuck(world)
        assert (await scene.post("stranger", path, body)).json["code"] == "NO_ROOM"
        refused = await scene.post(scene.members[1], path, body)
        assert (refused.status, refused.json["code"]) == (403, "NOT_HOST")
        waiting = await laid(world, status="waiting")
        early = await waiting.post(waiting.members[0], path, body)
        assert (early.status, early.json["code"]) == (409, "ROOM_WAITING")
        await assert_counted(scene)
