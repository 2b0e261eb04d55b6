"""A swipe: what is counted, what is refused, and what comes twice."""

from __future__ import annotations

import asyncio

import pytest

from skylift import Caller
from skylift.testing import running
from trinity.model import Choice, Rules, Status
from trinity.rooms import rooms, seats
from trinity.tests.scene import app, assert_counted, laid


async def test_a_vote_is_answered_with_ones_own_progress_and_counted_once() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, _, _ = scene.members
        answer = await scene.vote(ann, "t00")
        assert (answer.status, answer.json["response_type"]) == (200, "VOTE_RECORDED")
        assert answer.json["progress"] == {"voted": 1, "size": 4, "is_finished": False}
        assert (await scene.tally("t00")).likers == {ann}
        await assert_counted(scene)


async def test_s2_a_vote_that_is_sent_again_adds_nothing_with_its_key_or_without() -> None:
    """S2, A13.2."""
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        first = await scene.vote(ann, "t00", key="k1")
        again = await scene.vote(ann, "t00", key="k1")
        without = await scene.vote(ann, "t00")
        assert first.json == again.json == without.json
        assert again.headers["idempotency-replayed"] == "true"
        assert (await scene.tally("t00")).version == 1
        await assert_counted(scene)


async def test_the_same_vote_many_times_at_once_is_one() -> None:
    async with running(app, contention=0.2) as world:
        scene = await laid(world)
        ann = scene.members[0]
        answers = await asyncio.gather(*(scene.vote(ann, "t00") for _ in range(10)))
        assert {answer.status for answer in answers} == {200}
        assert (await scene.tally("t00")).version == 1
        await assert_counted(scene)


async def test_votes_of_one_member_on_several_titles_at_once_all_count() -> None:
    async with running(app, contention=0.2) as world:
        scene = await laid(world, titles=8)
        ann = scene.members[0]
        answers = await asyncio.gather(*(scene.vote(ann, title) for title in scene.titles))
        assert sorted(answer.json["progress"]["voted"] for answer in answers) == [*range(1, 9)]
        assert (await scene.room()).finished == {ann}
        await assert_counted(scene)


async def test_another_mind_needs_an_undo_first() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        await scene.vote(ann, "t00", "nope")
        refused = await scene.vote(ann, "t00", "like")
        assert (refused.status, refused.json["code"]) == (409, "ALREADY_VOTED")
        assert (await scene.undo(ann)).json == {"voted": 0, "size": 4, "is_finished": False}
        assert (await scene.vote(ann, "t00", "like")).status == 200
        assert (await scene.tally("t00")).nopes == set()
        await assert_counted(scene)


async def test_only_the_last_vote_can_be_undone_and_only_once() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        await scene.vote(ann, "t00")
        await scene.vote(ann, "t01")
        assert (await scene.undo(ann, "k")).status == 200
        assert (await scene.undo(ann, "k")).status == 200  # its own repeat
        refused = await scene.undo(ann)
        assert (refused.status, refused.json["code"]) == (409, "NOTHING_TO_UNDO")
        assert [vote.title_id for vote in await scene.votes_of(ann)] == ["t00"]
        await assert_counted(scene)


async def test_of_many_undos_at_once_one_undoes() -> None:
    async with running(app, contention=0.2) as world:
        scene = await laid(world)
        ann = scene.members[0]
        await scene.vote(ann, "t00")
        await scene.vote(ann, "t01")
        answers = await asyncio.gather(*(scene.undo(ann) for _ in range(5)))
        assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409]
        await assert_counted(scene)


async def test_who_undoes_his_last_title_is_not_finished_any_more() -> None:
    async with running(app) as world:
        scene = await laid(world, titles=1)
        ann, bob, cem = scene.members
        await scene.vote(ann, "t00", "nope")
        await scene.vote(bob, "t00", "nope")
        assert (await scene.undo(ann)).status == 200
        await scene.vote(cem, "t00", "nope")
        assert (await scene.room()).status == "voting"  # ann has something to say yet
        kinds = [event.kind for event in await scene.told()]
        assert kinds == ["finished", "finished", "unfinished", "finished"]
        await assert_counted(scene)


async def test_a_skip_comes_back_once_and_the_second_one_is_for_good() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        assert (await scene.vote(ann, "t00", "skip")).json["progress"]["voted"] == 0
        assert (await scene.tally("t00")).skips == set()
        final = await scene.vote(ann, "t00", "skip", again=True)
        assert final.json["progress"]["voted"] == 1
        assert (await scene.tally("t00")).skips == {ann}
        refused = await scene.vote(ann, "t00", "like")
        assert refused.json["code"] == "ALREADY_VOTED"
        await assert_counted(scene)


async def test_a_skip_that_is_sent_again_is_the_same_skip():
    """Without its key, by a second tap or in another tab: he was not shown it as put off."""
    async with running(app, contention=0.2) as world:
        scene = await laid(world)
        ann = scene.members[0]
        answers = await asyncio.gather(*(scene.vote(ann, "t00", "skip") for _ in range(5)))
        assert {answer.json["progress"]["voted"] for answer in answers} == {0}
        assert [vote.is_final for vote in await scene.votes_of(ann)] == [False]
        final = [await scene.vote(ann, "t00", "skip", again=True) for _ in range(2)]
        late = await scene.vote(ann, "t00", "skip")
        assert [one.json["progress"]["voted"] for one in (*final, late)] == [1, 1, 1]
        await assert_counted(scene)


async def test_what_one_undoes_after_a_skip_that_came_twice_is_what_he_said_last():
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        await scene.vote(ann, "t00", "skip")
        await scene.vote(ann, "t01")
        await scene.vote(ann, "t00", "skip")  # it was long on its way
        assert (await scene.undo(ann)).json["voted"] == 0
        assert [vote.title_id for vote in await scene.votes_of(ann)] == ["t00"]
        await assert_counted(scene)


async def test_one_who_was_shown_a_skip_that_he_undid_elsewhere_puts_it_off_once_more():
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        assert (await scene.vote(ann, "t00", "skip", again=True)).json["progress"]["voted"] == 0
        assert (await scene.tally("t00")).skips == set()


async def test_what_was_skipped_once_can_be_liked_and_both_skips_can_be_undone() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        await scene.vote(ann, "t00", "skip")
        assert (await scene.vote(ann, "t00", "like")).json["progress"]["voted"] == 1
        await scene.vote(ann, "t01", "skip")
        assert (await scene.undo(ann)).json["voted"] == 1
        await scene.vote(ann, "t01", "skip")
        await scene.vote(ann, "t01", "skip", again=True)
        assert (await scene.undo(ann)).json["voted"] == 1
        assert [vote.title_id for vote in await scene.votes_of(ann)] == ["t00"]
        await assert_counted(scene)


async def test_a_dislike_is_progress() -> None:
    """A13.13."""
    async with running(app) as world:
        scene = await laid(world, titles=2)
        ann = scene.members[0]
        await scene.vote(ann, "t00", "nope")
        answer = await scene.vote(ann, "t01", "nope")
        assert answer.json["progress"] == {"voted": 2, "size": 2, "is_finished": True}
        assert (await scene.room()).finished == {ann}


@pytest.mark.parametrize(("choice", "code"), [("super", "NO_SUPERS"), ("veto", "NO_VETOES")])
async def test_a_token_is_spent_once_and_comes_back_with_an_undo(choice: Choice, code: str) -> None:
    async with running(app, contention=0.2) as world:
        scene = await laid(world, rules=Rules(supers=1, vetoes=1))
        ann = scene.members[0]
        answers = await asyncio.gather(*(scene.vote(ann, t, choice) for t in scene.titles))
        assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
        assert {a.json["code"] for a in answers if a.status == 409} == {code}
        await assert_counted(scene)
        await scene.undo(ann)
        assert (await scene.vote(ann, "t03", choice)).status == 200
        await assert_counted(scene)


async def test_only_who_counts_votes_and_only_on_what_is_there() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, _, cem = scene.members
        assert (await scene.vote("stranger", "t00")).json["code"] == "NO_ROOM"
        assert (await scene.vote(ann, "t99")).json["code"] == "NO_TITLE"
        await rooms.update(scene.id, set={"voters": set(scene.members) - {cem}})
        refused = await scene.vote(cem, "t00")
        assert (refused.status, refused.json["code"]) == (409, "WATCHING")
        assert (await scene.undo(cem)).json["code"] == "NOTHING_TO_UNDO"
        body = {"title_id": "t00", "choice": "love"}
        assert (await scene.post(ann, "votes", body)).status == 422
        await assert_counted(scene)


@pytest.mark.parametrize("status", ["waiting", "paused", "runoff", "no_consensus", "cancelled"])
async def test_a_room_that_does_not_vote_says_what_it_does(status: Status) -> None:
    async with running(app) as world:
        scene = await laid(world, status=status)
        refused = await scene.vote(scene.members[0], "t00")
        assert (refused.status, refused.json["code"]) == (409, f"ROOM_{status.upper()}")
        assert await scene.votes_of(scene.members[0]) == []


async def test_a_pause_only_puts_off_what_is_taken_back() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        await scene.vote(bob, "t00")
        await scene.post(ann, "pause")
        refused = await scene.undo(bob, "k")
        assert (refused.status, refused.json["code"]) == (409, "ROOM_PAUSED")
        await scene.post(ann, "resume")
        assert (await scene.undo(bob, "k")).status == 200
        assert await scene.votes_of(bob) == []


async def test_the_first_vote_starts_a_room_that_waits_for_it_and_for_two() -> None:
    async with running(app, contention=0.2) as world:
        at_first = Rules(starts="first_vote")
        alone = await laid(world, 1, status="waiting", rules=at_first)
        refused = await alone.vote(alone.members[0], "t00")
        assert refused.json["code"] == "ROOM_WAITING"
        scene = await laid(world, status="waiting", rules=at_first)
        answers = await asyncio.gather(*(scene.vote(who, "t00") for who in scene.members))
        assert {answer.status for answer in answers} == {200}
        assert len(await scene.told("started")) == 1
        assert (await scene.room()).voters == set(scene.members)
        await assert_counted(scene)


async def test_a_member_may_swipe_two_a_second_and_no_faster() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        answers = [await scene.vote(ann, "t00", "nope") for _ in range(121)]
        assert [answer.status for answer in answers] == [200] * 120 + [429]


async def test_progress_is_read_from_seats_not_from_votes() -> None:
    """A13.8. What a member has voted stands in his seat, and who asks may not even read votes: so
    it costs nothing per vote.
    """
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        await scene.vote(ann, "t00")
        await scene.vote(ann, "t01", "nope")
        assert (await seats.require(scene.id, ann)).voted == 2
        await seats.update(scene.id, bob, set={"voted": 3})  # without votes
        for who, path in ((ann, "progress"), (bob, "results")):
            said = (await scene.get(who, path)).json
            members = said.get("progress", said)["members"]
            assert [one["voted"] for one in members] == [2, 3, 0]


async def test_nobody_votes_without_a_token() -> None:
    async with running(app) as world:
        scene = await laid(world)
        body = {"title_id": "t00", "choice": "like"}
        assert (await world.http.post(f"/rooms/{scene.id}/votes", json=body)).status == 401
        other = world.http.as_(Caller("m9", "m9@example.com"))
        assert (await other.post(f"/rooms/{scene.id}/votes", json=body)).status == 404
