"""Polls: who answers, what is counted and of how many, who sees it when, and how they end."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from skylift import Caller
from skylift.testing import World, running
from skylift.testing.http import HttpAnswer
from trinity.asking import OPEN_MAX
from trinity.live import live
from trinity.polls import answers, polls
from trinity.rooms import rooms
from trinity.tests.scene import Scene, app, laid

THREE = ["Friday", "Saturday", "Sunday"]


async def asked(scene: Scene, **said: object) -> str:
    """The id of a poll that the host has opened."""
    new = {"question": "When?", "options": THREE} | said
    answer = await scene.post(scene.members[0], "polls", new)
    assert answer.status == 201, answer.json
    return answer.json["id"]


async def answered(scene: Scene, poll: str, who: str, *options: str, **ratings: int) -> HttpAnswer:
    ballot = {"ratings": {id[1:]: stars for id, stars in ratings.items()}} if ratings else {}
    http = scene.world.http.as_(Caller(who, who))
    path = f"/rooms/{scene.id}/polls/{poll}/ballot"
    return await http.put(path, json=ballot or {"options": list(options)})


async def seen(scene: Scene, poll: str, who: str) -> dict[str, Any]:
    return (await scene.get(who, f"polls/{poll}")).json


async def closed(scene: Scene, poll: str, who: str | None = None) -> HttpAnswer:
    return await scene.post(who or scene.members[0], f"polls/{poll}/close")


def votes(result: dict[str, Any]) -> dict[str, int]:
    return {one["id"]: one["votes"] for one in result["options"]}


# -- what is counted


async def test_one_choice_is_counted_of_those_who_answered_and_they_of_all_who_might() -> None:
    async with running(app) as world:
        scene = await laid(world, size=5)
        poll = await asked(scene)
        for who, option in zip(scene.members, ("1", "1", "2"), strict=False):
            assert (await answered(scene, poll, who, option)).status == 200
        result = (await closed(scene, poll)).json["result"]
        assert votes(result) == {"1": 2, "2": 1, "3": 0}
        assert [one["share"] for one in result["options"]] == [67, 33, 0]
        assert (result["voters"], result["answered"], result["participation"]) == (5, 3, 60)
        assert (result["winners"], result["order"]) == (["1"], ["1", "2", "3"])


async def test_all_that_are_level_at_the_top_have_won_and_nobody_where_nobody_answered() -> None:
    async with running(app) as world:
        scene = await laid(world)
        poll, silent = await asked(scene, kind="multiple"), await asked(scene)
        await answered(scene, poll, scene.members[0], "2", "3")
        await answered(scene, poll, scene.members[1], "3", "2")
        assert (await closed(scene, poll)).json["result"]["winners"] == ["2", "3"]
        result = (await closed(scene, silent)).json["result"]
        assert (result["winners"], result["answered"], result["participation"]) == ([], 0, 0)


async def test_what_is_ranked_is_an_instant_runoff_or_points() -> None:
    async with running(app) as world:
        scene = await laid(world, size=7)
        wishes = ["132", "132", "132", "231", "231", "231", "312"]
        orders: dict[str, list[str]] = {}
        for method in ("irv", "borda"):
            poll = await asked(scene, kind="ranked", method=method)
            for who, wish in zip(scene.members, wishes, strict=True):
                await answered(scene, poll, who, *wish)
            result = (await closed(scene, poll)).json["result"]
            orders[method] = result["order"]
            assert votes(result) == {"1": 3, "2": 3, "3": 1}
            assert [one["score"] for one in result["options"]] == [7, 6, 8]
            assert result["winners"] == result["order"][:1]
        assert orders == {"irv": ["1", "2", "3"], "borda": ["3", "1", "2"]}


async def test_stars_have_a_mean_and_a_count() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        poll = await asked(scene, kind="rating")
        await answered(scene, poll, ann, _1=5, _2=2)
        await answered(scene, poll, bob, _2=5)
        result = (await closed(scene, poll)).json["result"]
        assert votes(result) == {"1": 1, "2": 2, "3": 0}
        assert [one["score"] for one in result["options"]] == [5, 3.5, 0]
        assert (result["winners"], result["order"]) == (["1"], ["1", "2", "3"])


@pytest.mark.parametrize(
    ("kind", "ballot"),
    [
        ("single", {"options": []}),
        ("single", {"options": ["1", "2"]}),
        ("single", {"options": ["4"]}),
        ("single", {"ratings": {"1": 5}}),
        ("multiple", {"options": ["1", "2", "3"]}),  # two at most
        ("multiple", {"options": ["1", "1"]}),
        ("ranked", {"options": []}),
        ("ranked", {"options": ["3", "2", "1", "1"]}),
        ("rating", {"ratings": {}}),
        ("rating", {"ratings": {"1": 6}}),
        ("rating", {"ratings": {"1": 0}}),
        ("rating", {"ratings": {"9": 3}}),
        ("rating", {"options": ["1"], "ratings": {"1": 3}}),
    ],
)
async def test_what_is_no_answer_is_refused_and_counted_nowhere(
    kind: str, ballot: dict[str, Any]
) -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        poll = await asked(scene, kind=kind, max=2, visible="live")
        http = world.http.as_(Caller(ann, ann))
        refused = await http.put(f"/rooms/{scene.id}/polls/{poll}/ballot", json=ballot)
        assert (refused.status, refused.json["code"]) == (422, "WRONG_BALLOT")
        state = await seen(scene, poll, ann)
        assert (state["answered"], state["mine"], state["result"]["answered"]) == (0, None, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": ["One"]},
        {"options": [str(number) for number in range(21)]},
        {"options": ["Yes", "  "]},
        {"question": " "},
        {"minutes": 0},
        {"kind": "other"},
        {"secret": True},
    ],
)
async def test_a_poll_that_asks_nothing_is_not_opened(wrong: dict[str, Any]) -> None:
    async with running(app) as world:
        scene = await laid(world)
        new = {"question": "When?", "options": THREE} | wrong
        assert (await scene.post(scene.members[0], "polls", new)).status == 422
        same = {"question": "When?", "options": ["Friday", " Friday "]}
        assert (await scene.post(scene.members[0], "polls", same)).json["code"] == "SAME_OPTIONS"
        assert (await scene.get(scene.members[0], "polls")).json["items"] == []


# -- who answers, and again


async def test_another_answer_is_instead_of_the_one_before() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, _ = scene.members
        poll = await asked(scene, visible="live")
        await answered(scene, poll, ann, "1")
        await answered(scene, poll, bob, "1")
        again = await answered(scene, poll, ann, "2")
        assert votes(again.json["result"]) == {"1": 1, "2": 1, "3": 0}
        assert (again.json["answered"], again.json["mine"]["options"]) == (2, ["2"])
        same = await answered(scene, poll, ann, "2")
        assert same.json == again.json
        assert (await answers.require(poll, ann)).version == 2


async def test_where_what_was_said_stands_only_its_repeat_is_taken() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        poll = await asked(scene, may_change=False)
        assert (await answered(scene, poll, ann, "1")).status == 200
        assert (await answered(scene, poll, ann, "1")).status == 200
        refused = await answered(scene, poll, ann, "2")
        assert (refused.status, refused.json["code"]) == (409, "ALREADY_VOTED")
        assert votes((await closed(scene, poll)).json["result"])["1"] == 1


async def test_strangers_see_no_poll_and_screens_see_and_do_not_answer() -> None:
    async with running(app) as world:
        scene, other = await laid(world), await laid(world)
        await rooms.update(scene.id, set={"screens": {"screen"}})
        poll, stranger = await asked(scene, visible="live"), other.members[0]
        assert (await seen(scene, poll, stranger))["code"] == "NO_ROOM"
        assert (await answered(scene, poll, stranger, "1")).json["code"] == "NO_ROOM"
        assert (await scene.get(scene.members[0], "polls/none")).json["code"] == "NO_POLL"
        screen = await seen(scene, poll, "screen")
        assert (screen["may_answer"], screen["may_close"]) == (False, False)
        assert screen["result"]["answered"] == 0
        assert (await answered(scene, poll, "screen", "1")).json["code"] == "WATCHING"
        assert (await closed(scene, poll, "screen")).json["code"] == "NOT_HOST"
        new = {"question": "May I?", "options": THREE}
        assert (await scene.post("screen", "polls", new)).json["code"] == "WATCHING"


async def test_who_has_left_is_not_counted_and_is_again_when_he_comes_back() -> None:
    async with running(app) as world:
        scene = await laid(world, status="waiting")
        ann, bob, cem = scene.members
        poll = await asked(scene, visible="live")
        for who in scene.members:
            await answered(scene, poll, who, "3")
        await scene.leave(cem)
        state = await seen(scene, poll, ann)
        assert (state["voters"], state["answered"], votes(state["result"])["3"]) == (2, 2, 2)
        await rooms.update(scene.id, set={"roster": [ann, bob, cem]})
        assert votes((await closed(scene, poll)).json["result"])["3"] == 3


# -- who sees it when


@pytest.mark.parametrize(
    ("visible", "before", "after_vote", "at_the_end", "by_the_host"),
    [
        ("live", True, True, True, True),
        ("after_vote", False, True, True, False),
        ("closed", False, False, True, False),
        ("host", False, False, False, True),
    ],
)
async def test_a_result_is_seen_when_it_was_agreed(
    visible: str, before: bool, after_vote: bool, at_the_end: bool, by_the_host: bool
) -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        poll = await asked(scene, visible=visible)
        await answered(scene, poll, cem, "2")

        async def sees(who: str) -> bool:
            listed = (await scene.get(who, "polls")).json["items"][0]
            assert listed == await seen(scene, poll, who)
            return listed["result"] is not None

        assert await sees(bob) is before
        assert await sees(ann) is by_the_host
        assert ((await answered(scene, poll, bob, "1")).json["result"] is not None) is after_vote
        assert await sees(bob) is after_vote
        await closed(scene, poll)
        assert await sees(bob) is at_the_end
        assert await sees(ann)


@pytest.mark.parametrize("kind", ["single", "multiple", "ranked", "rating"])
async def test_an_anonymous_answer_names_nobody_to_nobody_an_open_one_does(kind: str) -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        for is_anonymous in (True, False):
            poll = await asked(scene, kind=kind, visible="live", is_anonymous=is_anonymous)
            async with world.channel(live).subscribe(
                as_=Caller(ann, ann), id=scene.id, epoch="e1"
            ) as heard:
                await (
                    answered(scene, poll, bob, _2=4)
                    if kind == "rating"
                    else answered(scene, poll, bob, "2")
                )
                await world.settle()
            assert not [one for one in heard if one.who == bob]
            during = (await scene.get(ann, f"polls/{poll}")).text
            at_the_end = (await closed(scene, poll)).text
            listed = (await scene.get(cem, "polls")).text
            assert [bob in text for text in (during, at_the_end)] == [not is_anonymous] * 2
            assert (bob in listed) is not is_anonymous
            kept = await polls.require(scene.id, poll)
            assert kept.result is not None
            named = [one.who for one in kept.result.options]
            assert named == ([None] * 3 if is_anonymous else [[], [bob], []])


# -- how they end


async def test_a_poll_ends_at_its_time_though_nobody_looks() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        poll = await asked(scene, minutes=5)
        await answered(scene, poll, ann, "1")
        await world.clock.advance(minutes=4, seconds=59)
        assert (await seen(scene, poll, ann))["status"] == "open"
        await world.clock.advance(seconds=1)
        late = await answered(scene, poll, scene.members[1], "2")
        assert (late.status, late.json["code"]) == (409, "POLL_CLOSED")
        state = await seen(scene, poll, ann)
        assert (state["status"], votes(state["result"])) == ("closed", {"1": 1, "2": 0, "3": 0})
        assert [one.text for one in await scene.told("poll")] == ["open", "closed"]


async def test_its_time_comes_though_the_process_was_away(tmp_path: Path) -> None:
    async with running(app, path=tmp_path) as world:
        scene = await laid(world)
        poll = await asked(scene, minutes=5)
    async with running(app, path=tmp_path) as world:
        await world.clock.advance(minutes=6)
        again = Scene(world, scene.id, scene.members, scene.titles)
        assert (await seen(again, poll, scene.members[0]))["status"] == "closed"


async def test_who_asked_closes_it_and_so_does_the_host_and_nobody_else_and_once() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        new = {"question": "When?", "options": THREE, "minutes": 5}
        by_bob = [(await scene.post(bob, "polls", new)).json["id"] for _ in range(2)]
        refused = await closed(scene, by_bob[0], cem)
        assert (refused.status, refused.json["code"]) == (403, "NOT_HOST")
        for poll, who in zip(by_bob, (ann, bob), strict=True):
            assert (await closed(scene, poll, who)).json["status"] == "closed"
            assert (await closed(scene, poll, who)).status == 200
            assert (await answered(scene, poll, cem, "1")).json["code"] == "POLL_CLOSED"
        await world.clock.advance(minutes=6)
        assert [one.text for one in await scene.told("poll")] == [
            "open",
            "open",
            "closed",
            "closed",
        ]


async def test_the_last_answer_ends_it_where_that_was_agreed() -> None:
    async with running(app) as world:
        scene = await laid(world)
        poll, patient = await asked(scene, ends_when_all=True), await asked(scene)
        *first, last = scene.members
        for who in scene.members:
            await answered(scene, patient, who, "2")
        for who in first:
            assert (await answered(scene, poll, who, "2")).json["status"] == "open"
        ended = (await answered(scene, poll, last, "2")).json
        assert (ended["status"], ended["result"]["winners"]) == ("closed", ["2"])
        assert (await seen(scene, patient, scene.members[0]))["status"] == "open"


async def test_the_last_to_wait_for_may_also_leave() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        poll = await asked(scene, ends_when_all=True)
        await answered(scene, poll, ann, "1")
        await answered(scene, poll, bob, "1")
        await scene.leave(cem)
        await world.settle()
        state = await seen(scene, poll, ann)
        assert (state["status"], state["result"]["participation"]) == ("closed", 100)


async def test_it_ends_too_when_it_crashed_between_the_last_answer_and_the_look() -> None:
    async with running(app) as world:
        scene = await laid(world)
        poll = await asked(scene, ends_when_all=True)
        await polls.update(scene.id, poll, add={"given": {*scene.members}, "version": 1})
        await world.settle()
        assert (await polls.require(scene.id, poll)).status == "closed"


async def test_a_room_that_is_over_asks_nothing_more() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann = scene.members[0]
        poll = await asked(scene)
        await answered(scene, poll, ann, "1")
        await scene.post(ann, "cancel")
        await world.settle()
        assert (await seen(scene, poll, ann))["status"] == "closed"
        refused = await scene.post(ann, "polls", {"question": "And now?", "options": THREE})
        assert (refused.status, refused.json["code"]) == (409, "ROOM_CANCELLED")


async def test_a_room_has_so_many_open_polls_and_knows_how_they_went() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        for number in range(20):
            who = scene.members[number % 3]
            new = {"question": f"{number}?", "options": THREE}
            assert (await scene.post(who, "polls", new)).status == 201
            await world.clock.advance(seconds=1)
        one_more = {"question": "More?", "options": THREE}
        assert (await scene.post(ann, "polls", one_more)).json["code"] == "TOO_MANY_POLLS"
        listed = (await scene.get(ann, "polls")).json
        assert [one["question"] for one in listed["items"]][:2] == ["19?", "18?"]
        for who in (ann, bob, cem):
            await answered(scene, listed["items"][0]["id"], who, "1")
        await closed(scene, listed["items"][0]["id"])
        await closed(scene, listed["items"][1]["id"])
        stats = (await scene.get(ann, "polls")).json["stats"]
        assert stats == {
            "open": 18,
            "closed": 2,
            "answers": 3,
            "participation": 50,
            "duration_s": 2,  # 1 s and 2 s: to the even one
        }


@pytest.mark.parametrize("seed", range(4))
async def test_who_ask_at_once_open_no_more_polls_than_a_room_has(seed: int) -> None:
    async with running(app, seed=seed, contention=0.2) as world:
        scene = await laid(world)
        for number in range(OPEN_MAX - 2):
            who = scene.members[number % 3]
            await scene.post(who, "polls", {"question": f"{number}?", "options": THREE})
        more = {"question": "More?", "options": THREE}
        told = await asyncio.gather(*(scene.post(who, "polls", more) for who in scene.members * 2))
        assert sorted(one.status for one in told) == [201] * 2 + [409] * 4
        assert {one.json["code"] for one in told if one.status == 409} == {"TOO_MANY_POLLS"}
        found = [one.id async for one in polls.query(scene.id)]
        assert len(found) == OPEN_MAX
        await closed(scene, found[0])
        assert (await scene.post(scene.members[0], "polls", more)).status == 201


async def test_polls_are_read_a_page_at_a_time_with_what_the_caller_has_answered() -> None:
    async with running(app) as world:
        scene = await laid(world)
        bob = scene.members[1]
        ids: list[str] = []
        for _ in range(5):
            ids.insert(0, await asked(scene, visible="live"))
            await world.clock.advance(seconds=1)
        await answered(scene, ids[1], bob, "2")
        http = scene.as_(bob)
        first = (await http.get(f"/rooms/{scene.id}/polls", query={"limit": "2"})).json
        assert [one["id"] for one in first["items"]] == ids[:2]
        assert [one["mine"] and one["mine"]["options"] for one in first["items"]] == [None, ["2"]]
        assert [one["result"]["answered"] for one in first["items"]] == [0, 1]
        query = {"limit": "50", "cursor": first["cursor"]}
        rest = (await http.get(f"/rooms/{scene.id}/polls", query=query)).json
        assert ([one["id"] for one in rest["items"]], rest["cursor"]) == (ids[2:], None)
        assert (await http.get(f"/rooms/{scene.id}/polls", query={"limit": "51"})).status == 422


async def test_of_what_was_asked_no_page_is_promised_where_only_a_runoff_is_left() -> None:
    async with running(app) as world:
        scene = await laid(world, size=2, titles=2)
        ann, bob = scene.members
        for who, title in ((ann, "t00"), (bob, "t00"), (ann, "t01"), (bob, "t01")):
            await scene.vote(who, title, "nope")
        assert (await scene.post(ann, "runoff", {})).status == 200
        await world.clock.advance(seconds=1)
        poll = await asked(scene)
        http, path = scene.as_(bob), f"/rooms/{scene.id}/polls"
        both = (await http.get(path, query={"limit": "1"})).json
        assert ([one["id"] for one in both["items"]], both["cursor"] is None) == ([poll], False)
        query = {"limit": "1", "purpose": "asked"}
        only = (await http.get(path, query=query)).json
        assert ([one["id"] for one in only["items"]], only["cursor"]) == ([poll], None)
        runoffs = (await http.get(path, query={"purpose": "runoff"})).json["items"]
        assert [one["purpose"] for one in runoffs] == ["runoff"]
        assert (await http.get(path, query={"purpose": "both"})).status == 422


# -- what is heard


async def test_a_poll_is_announced_and_so_is_how_many_have_answered() -> None:
    async with running(app) as world:
        scene = await laid(world)
        ann, bob, cem = scene.members
        async with world.channel(live).subscribe(
            as_=Caller(cem, cem), id=scene.id, epoch="e1"
        ) as heard:
            poll = await asked(scene, ends_when_all=True, is_anonymous=True)
            await world.settle()
            for who in (ann, bob, cem):
                await answered(scene, poll, who, "1")
                await world.settle()
        assert {one.poll_id for one in heard} == {poll}
        assert [(one.text, one.seq) for one in heard if one.kind == "poll"] == [
            ("open", 1),
            ("closed", 2),
        ]
        counts = [(one.voted, one.size) for one in heard if one.kind == "poll_progress"]
        assert counts == [(0, 3), (1, 3), (2, 3), (3, 3)]


# -- races


async def test_of_two_first_answers_at_once_one_stands_where_none_may_be_changed() -> None:
    async with running(app, contention=0.2) as world:
        scene = await laid(world)
        ann = scene.members[0]
        for _ in range(8):
            poll = await asked(scene, may_change=False, visible="live")
            both = await asyncio.gather(*(answered(scene, poll, ann, one) for one in "12"))
            assert sorted(one.status for one in both) == [200, 409]
            (taken,) = [one.json for one in both if one.status == 200]
            (refused,) = [one.json for one in both if one.status == 409]
            assert refused["code"] == "ALREADY_VOTED"
            state = await seen(scene, poll, ann)
            assert state["mine"] == taken["mine"]
            assert sum(votes(state["result"]).values()) == 1
            await closed(scene, poll)
            await world.clock.advance(minutes=1)


@pytest.mark.parametrize("seed", range(10))
async def test_a_result_is_that_of_the_answers_whoever_answers_leaves_and_closes_at_once(
    seed: int,
) -> None:
    async with running(app, contention=0.2, seed=seed) as world:
        scene = await laid(world, size=8)
        others = scene.members[1:]
        poll = await asked(scene, ends_when_all=seed % 2 == 0)

        async def restless(who: str) -> list[tuple[str, int]]:
            said = [str(1 + (len(who) + turn + int(who[1])) % 3) for turn in range(4)]
            return [(one, (await answered(scene, poll, who, one)).status) for one in said]

        everybody = asyncio.gather(*(restless(who) for who in others))
        for _ in range(8 * seed):
            await asyncio.sleep(0)
        await asyncio.gather(scene.leave(others[-1]), *(closed(scene, poll) for _ in range(3)))
        said = dict(zip(others, await everybody, strict=True))
        await world.settle()
        await _assert_counted(world, scene, poll, said)


async def _assert_counted(
    world: World, scene: Scene, poll: str, said: dict[str, list[tuple[str, int]]]
) -> None:
    kept = {one.member: one.options[0] async for one in answers.query(poll)}
    result = (await seen(scene, poll, scene.members[0]))["result"]
    order = [one.kind for one in await scene.told() if one.text != "open"]
    is_gone = order.index("left") < order.index("poll")  # before it was counted
    asked = scene.members[:-1] if is_gone else scene.members
    counted = Counter(option for who, option in kept.items() if who in asked)
    assert votes(result) == {option: counted[option] for option in ("1", "2", "3")}
    assert result["answered"] == counted.total()
    assert result["voters"] == len(asked)
    for who, tried in said.items():
        taken = [option for option, status in tried if status == 200]
        assert {status for _, status in tried} <= {200, 404, 409}
        assert kept.get(who) == (taken[-1] if taken else None)
    assert [one.text for one in await scene.told("poll")] == ["open", "closed"]
    assert world.failures == []
