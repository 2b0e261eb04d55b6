"""What comes between reading and writing. Each of these puts one deed of somebody else into the
moment in which another has looked and not yet written, and so needs no luck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar, copy_context
from types import ModuleType
from typing import Any

import pytest

from skylift import now
from skylift.testing import running
from trinity import judging, votes
from trinity.model import Choice, Rules
from trinity.tests.scene import app, assert_counted, laid
from trinity.votes import Vote, ballot_of

Deed = Callable[[], Awaitable[object]]


IS_DEED = ContextVar("is_deed", default=False)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[ModuleType, str, Deed], None]:
    """Does a deed once, before anybody else enters the function of that name."""

    def put(module: ModuleType, name: str, deed: Deed) -> None:
        enter, tasks = getattr(module, name), list[asyncio.Task[None]]()
        test = copy_context()  # not that of the request which is under way

        async def entered(*given: Any) -> Any:
            if not tasks:
                tasks.append(asyncio.create_task(done(deed), context=test))
            if not IS_DEED.get():
                await tasks[0]
            return await enter(*given)

        monkeypatch.setattr(module, name, entered)

    return put


async def done(deed: Deed) -> None:
    IS_DEED.set(True)
    await deed()


async def test_a_like_that_is_undone_as_its_match_is_written_makes_none(between: Any) -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        await scene.vote(ann, "t00")
        await scene.vote(bob, "t00")
        between(judging, "_match", lambda: scene.undo(bob))
        answer = await scene.vote(cem, "t00")
        assert answer.json["response_type"] == "VOTE_RECORDED"
        await world.settle()
        assert (await scene.room()).matches == []
        assert (await scene.tally("t00")).likers == {ann, cem}
        await assert_counted(scene)


async def test_a_vote_is_not_written_over_by_one_that_looked_before_it(between: Any) -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        first = Vote(ballot=ballot_of(scene.id, ann), title_id="t00", choice="nope", at=now())
        between(votes, "_write", lambda: votes.votes.put(first))
        answer = await scene.vote(ann, "t00")
        assert (answer.status, answer.json["code"]) == (409, "ALREADY_VOTED")
        assert [one.choice for one in await scene.votes_of(ann)] == ["nope"]


async def test_nobody_votes_in_a_room_that_paused_or_ended_as_he_did(between: Any) -> None:
    async with running(app) as world:
        for path in ("pause", "cancel"):
            scene = await laid(world)
            ann, bob, _ = scene.members
            between(votes, "_write", lambda: scene.post(ann, path))  # noqa: B023
            answer = await scene.vote(bob, "t00")
            assert (answer.status, answer.json["code"]) == (409, f"ROOM_{ENDS[path]}")
            assert await scene.votes_of(bob) == []
            await assert_counted(scene)


async def test_who_is_turned_out_as_he_votes_has_not_voted(between: Any) -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        between(votes, "_write", lambda: scene.post(ann, f"members/{bob}/kick"))
        assert (await scene.vote(bob, "t00")).json["code"] == "NO_ROOM"
        assert await scene.votes_of(bob) == []


async def test_a_like_that_became_a_match_as_it_was_undone_stands(between: Any) -> None:
    """By whom it became one leaves its tally as it is, and the room votes on."""
    async with running(app) as world:
        scene = await laid(world, 3, 4, rules=Rules(wanted=2))
        ann, bob, cem = scene.members
        await scene.vote(ann, "t00")
        await scene.vote(bob, "t01")
        await scene.vote(bob, "t00")
        between(votes, "_undone", lambda: scene.leave(cem))
        assert (await scene.undo(ann)).json["code"] == "NOTHING_TO_UNDO"
        assert (await scene.room()).matches == ["t00"]
        assert (await scene.tally("t00")).likers == {ann, bob}


async def test_what_others_say_of_a_title_as_one_undoes_his_vote_stands(between: Any) -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        await scene.vote(ann, "t00")
        between(votes, "_undone", lambda: scene.vote(bob, "t00"))
        assert (await scene.undo(ann)).status == 200
        assert (await scene.tally("t00")).likers == {bob}
        await assert_counted(scene)


@pytest.mark.parametrize(("choice", "code"), [("super", "NO_SUPERS"), ("veto", "NO_VETOES")])
async def test_a_token_that_is_spent_elsewhere_as_one_votes_is_spent_once(
    choice: Choice, code: str, between: Any
) -> None:
    """Even where he has as many votes as before: one was undone for it."""
    async with running(app) as world:
        scene = await laid(world, rules=Rules(supers=1, vetoes=1))
        ann = scene.members[0]
        await scene.vote(ann, "t03", "nope")

        async def spend() -> None:
            await scene.undo(ann)
            await scene.vote(ann, "t01", choice)

        between(votes, "_write", spend)
        assert (await scene.vote(ann, "t00", choice)).json["code"] == code
        await assert_counted(scene)


async def test_what_is_undone_is_the_last_vote_though_another_came_in_between(between: Any) -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        await scene.vote(ann, "t00")
        between(votes, "_undone", lambda: scene.vote(ann, "t01", "skip"))
        assert (await scene.undo(ann)).status == 200
        assert [one.title_id for one in await scene.votes_of(ann)] == ["t00"]
        await assert_counted(scene)


ENDS = {"pause": "PAUSED", "cancel": "CANCELLED"}
