"""When a room has its match: one for all, by the rule it was made with, whoever comes and goes."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from skylift.testing import running
from trinity.model import Choice, Rules
from trinity.rooms import rooms
from trinity.tests.scene import Scene, app, assert_counted, laid

MATCH_FOUND, RECORDED, IGNORED = "MATCH_FOUND", "VOTE_RECORDED", "VOTE_IGNORED_MATCH_FOUND"


async def test_s1_of_three_who_like_the_same_at_once_one_has_found_the_match() -> None:
    """S1. Who was answered before the last of them knows of none; asked again, he does."""
    said = Counter[str]()
    async with running(app, contention=0.2) as world:
        for _ in range(40):
            scene = await laid(world, titles=2)
            answers = await asyncio.gather(*(scene.vote(who, "t01") for who in scene.members))
            words = [answer.json["response_type"] for answer in answers]
            assert words.count(MATCH_FOUND) == 1
            told = {(a.json["response_type"], a.json["match"]) for a in answers}
            assert told <= {(MATCH_FOUND, "t01"), (IGNORED, "t01"), (RECORDED, None)}
            again = [await scene.vote(who, "t00") for who in scene.members]
            assert {(a.json["response_type"], a.json["match"]) for a in again} == {(IGNORED, "t01")}
            await world.settle()
            assert [event.title_id for event in await scene.told("match")] == ["t01"]
            await assert_counted(scene)
            said.update(words)
    assert said[IGNORED] > 0  # some were told the match that another had found


async def test_who_votes_after_the_match_is_told_it_and_his_vote_is_not_counted() -> None:
    async with running(app) as world:
        scene = await laid(world)
        for who in scene.members:
            await scene.vote(who, "t02")
        late = await scene.vote(scene.members[0], "t03")
        assert (late.status, late.json["response_type"]) == (200, IGNORED)
        assert (late.json["status"], late.json["match"]) == ("matched", "t02")
        assert (await scene.tally("t03")).likers == set()
        assert (await scene.undo(scene.members[0])).json["code"] == "NOTHING_TO_UNDO"


async def test_s3_who_leaves_takes_his_missing_like_with_him() -> None:
    """S3."""
    async with running(app, contention=0.2) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        await scene.vote(ann, "t01")
        await scene.vote(bob, "t01")
        assert (await scene.room()).status == "voting"
        assert (await scene.leave(cem)).status == 204
        room = await scene.room()
        assert (room.status, room.matches, room.voters) == ("matched", ["t01"], {ann, bob})
        assert [event.kind for event in await scene.told()] == ["left", "match"]


async def test_s3_the_match_is_found_too_when_it_crashed_between_the_leaving_and_the_look() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        await scene.vote(ann, "t01")
        await scene.vote(bob, "t01")
        await rooms.update(scene.id, set={"voters": {ann, bob}})  # and nobody looks
        await world.settle()
        assert (await scene.room()).matches == ["t01"]


async def test_a_like_is_undone_before_the_match_or_stands_in_it() -> None:
    """Everybody wavers at once; what was a match for an instant is one for good."""
    matched = 0
    async with running(app, contention=0.2) as world:
        for _ in range(30):
            scene = await laid(world, titles=2)
            await asyncio.gather(*(wavering(scene, who) for who in scene.members))
            await world.settle()
            likers = (await scene.tally("t00")).likers
            assert (await scene.room()).matches == (["t00"] if likers else [])
            assert likers in (set[str](), set(scene.members))
            matched += bool(likers)
    assert matched > 0


async def wavering(scene: Scene, who: str) -> None:
    for _ in range(4):
        await scene.vote(who, "t00")
        await scene.undo(who)


async def test_a_like_of_one_who_has_left_makes_no_match() -> None:
    async with running(app) as world:
        scene = await laid(world, rules=Rules(strategy="first"))
        ann, bob, cem = scene.members
        await scene.vote(ann, "t01")
        await scene.leave(ann)
        await scene.vote(bob, "t01")
        assert (await scene.room()).matches == []
        await scene.vote(cem, "t01")
        assert (await scene.room()).matches == ["t01"]


async def test_one_alone_is_no_group() -> None:
    async with running(app) as world:
        scene = await laid(world, 2, 2)
        ann, bob = scene.members
        await scene.vote(ann, "t00")
        await scene.leave(bob)
        await world.settle()
        assert (await scene.room()).status == "voting"
        await scene.vote(ann, "t01")
        assert (await scene.room()).status == "no_consensus"  # and the host decides


async def test_a_room_with_empty_seats_matches_who_is_there() -> None:
    """The rule counts those who vote, not the seats."""
    async with running(app) as world:
        scene = await laid(world, 3)
        await rooms.update(scene.id, set={"capacity": 4})
        for who in scene.members:
            await scene.vote(who, "t00")
        assert (await scene.room()).match == "t00"


STRATEGIES = [
    (Rules(), 5, 5),
    (Rules(), 2, 2),
    (Rules(strategy="majority"), 5, 3),
    (Rules(strategy="majority"), 4, 3),
    (Rules(strategy="majority"), 2, 2),
    (Rules(strategy="super_majority"), 5, 4),
    (Rules(strategy="super_majority"), 4, 3),
    (Rules(strategy="share", share=60), 5, 3),
    (Rules(strategy="share", share=61), 5, 4),
    (Rules(strategy="share", share=100), 5, 5),
    (Rules(strategy="share", share=1), 5, 2),
    (Rules(strategy="count", count=3), 5, 3),
    (Rules(strategy="count", count=9), 5, 5),
    (Rules(strategy="first"), 5, 2),
]


@pytest.mark.parametrize(
    ("rules", "voters", "likes"),
    STRATEGIES,
    ids=[f"{rules.strategy}-{likes}of{voters}" for rules, voters, likes in STRATEGIES],
)
async def test_each_strategy_matches_at_its_likes_and_not_before(
    rules: Rules, voters: int, likes: int
) -> None:
    async with running(app) as world:
        scene = await laid(world, voters, rules=rules)
        for who in scene.members[: likes - 1]:
            assert (await scene.vote(who, "t01")).json["response_type"] == RECORDED
        assert (await scene.room()).match is None
        last = await scene.vote(scene.members[likes - 1], "t01")
        assert (last.json["response_type"], last.json["match"]) == (MATCH_FOUND, "t01")


async def test_a_veto_takes_a_title_out_and_without_it_the_title_is_a_match() -> None:
    async with running(app) as world:
        scene = await laid(world, rules=Rules(strategy="first", vetoes=1))
        ann, bob, cem = scene.members
        await scene.vote(cem, "t01", "veto")
        await scene.vote(ann, "t01")
        assert (await scene.vote(bob, "t01")).json["response_type"] == RECORDED
        assert (await scene.undo(cem)).status == 200
        assert (await scene.room()).matches == ["t01"]


async def test_the_veto_of_one_who_leaves_goes_with_him() -> None:
    async with running(app) as world:
        scene = await laid(world, rules=Rules(strategy="first", vetoes=1))
        ann, bob, cem = scene.members
        said: dict[str, Choice] = {cem: "veto", ann: "like", bob: "like"}
        for who, choice in said.items():
            await scene.vote(who, "t01", choice)
        await scene.leave(cem)
        assert (await scene.room()).matches == ["t01"]


async def test_of_two_titles_that_become_matches_together_the_warmer_one_is_it() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        for who in (ann, bob):
            await scene.vote(who, "t00")
        said: dict[str, Choice] = {ann: "like", bob: "super"}
        for who, choice in said.items():
            await scene.vote(who, "t01", choice)
        await scene.leave(cem)  # both have all their likes now
        assert (await scene.room()).matches == ["t01"]


async def test_several_matches_are_collected_until_there_are_enough() -> None:
    async with running(app, contention=0.2) as world:
        scene = await laid(world, 2, 5, rules=Rules(wanted=3))
        for title in ("t04", "t02"):
            answers = [await scene.vote(who, title) for who in scene.members]
            assert [one.json["response_type"] for one in answers] == [RECORDED, MATCH_FOUND]
            assert answers[1].json["status"] == "voting"
        ann, bob = scene.members
        assert (await scene.undo(ann)).json["code"] == "NOTHING_TO_UNDO"  # it is decided
        await asyncio.gather(*(scene.vote(who, "t00") for who in (ann, bob)))
        await world.settle()
        room = await scene.room()
        assert (room.status, room.matches) == ("matched", ["t04", "t02", "t00"])
        assert [event.title_id for event in await scene.told("match")] == room.matches
        await assert_counted(scene)


async def test_a_shortlist_that_stays_short_is_one_all_the_same() -> None:
    async with running(app) as world:
        scene = await laid(world, 2, 3, rules=Rules(wanted=3))
        await all_say(scene, {"t00": "like", "t01": "like", "t02": "nope"})
        room = await scene.room()
        assert (room.status, room.matches) == ("matched", ["t00", "t01"])
        assert [one.kind for one in await scene.told()][-1] == "shortlist"
        assert await scene.told("no_consensus") == []


async def test_all_titles_that_a_leaving_makes_matches_are_found() -> None:
    async with running(app) as world:
        scene = await laid(world, 3, rules=Rules(wanted=3))
        ann, bob, cem = scene.members
        for who in (ann, bob):
            for title in ("t00", "t01"):
                await scene.vote(who, title)
        await scene.leave(cem)
        assert (await scene.room()).matches == ["t00", "t01"]


async def test_s4_when_all_have_voted_without_a_match_that_is_said_once() -> None:
    """S4, A13.15. The runoff is in `test_stalemate`."""
    async with running(app, contention=0.2) as world:
        scene = await laid(world, 5, 2)
        for who in scene.members:
            await scene.vote(who, "t00", "nope")
        answers = await asyncio.gather(*(scene.vote(who, "t01", "nope") for who in scene.members))
        assert {answer.status for answer in answers} == {200}
        assert "no_consensus" in {answer.json["status"] for answer in answers}
        await world.settle()
        assert (await scene.room()).status == "no_consensus"
        assert len(await scene.told("no_consensus")) == 1
        seqs = [event.seq for event in await scene.told()]
        assert seqs == [*range(1, len(seqs) + 1)]
        await assert_counted(scene)


async def test_the_last_who_has_not_finished_may_leave_and_it_is_over() -> None:
    async with running(app) as world:
        scene = await laid(world, 3, 1)
        ann, bob, cem = scene.members
        await scene.vote(ann, "t00", "nope")
        await scene.vote(bob, "t00", "nope")
        await scene.leave(cem)
        assert (await scene.room()).status == "no_consensus"


async def test_a_match_is_found_when_the_missing_one_leaves_after_all_have_voted() -> None:
    async with running(app) as world:
        scene = await laid(world, 3, 1)
        ann, bob, cem = scene.members
        said: dict[str, Choice] = {ann: "like", bob: "like", cem: "nope"}
        for who, choice in said.items():
            await scene.vote(who, "t00", choice)
        assert (await scene.room()).status == "no_consensus"
        await scene.leave(cem)
        assert (await scene.room()).matches == ["t00"]


async def test_what_became_a_match_while_the_room_paused_is_one_when_it_goes_on() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        await scene.vote(ann, "t00")
        await scene.vote(bob, "t00")
        await scene.post(ann, "pause")
        await scene.leave(cem)
        assert (await scene.room()).match is None
        await scene.post(ann, "resume")
        await world.settle()
        assert (await scene.room()).match == "t00"


async def all_say(scene: Scene, said: dict[str, Choice]) -> None:
    for who in scene.members:
        for title, choice in said.items():
            await scene.vote(who, title, choice)
