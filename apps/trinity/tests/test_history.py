"""What remains of a room, and its figures: from the votes that were cast, for those who were
there.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from skylift import Caller
from skylift.testing import World, running
from trinity.app import app
from trinity.decks import titles_of
from trinity.events import feed
from trinity.history import remember, there_at
from trinity.model import Choice, Rules
from trinity.rooms import rooms

from .accounts import guest_in, registered, room_of
from .scene import Scene, laid


async def asked(world: World, who: str, path: str, **query: str) -> dict[str, Any]:
    await world.settle()
    answer = await world.http.as_(Caller(who, f"{who}@example.com")).get(path, query=query)
    assert answer.status == 200, answer.json
    return answer.json


async def vote_all(scene: Scene, title: str, choice: Choice = "like") -> None:
    for who in scene.members:
        assert (await scene.vote(who, title, choice)).status == 200


async def stuck(world: World, titles: int = 2) -> Scene:
    """Everybody has refused everything."""
    scene = await laid(world, titles=titles)
    for title in scene.titles:
        await vote_all(scene, title, "nope")
    return scene


@pytest.mark.parametrize("seed", range(5))
async def test_the_figures_of_a_room_are_those_of_its_votes(seed: int):
    """A13.7."""
    async with running(app, seed=seed) as world:
        chance, scene = Random(seed), await laid(world, size=4, titles=5, rules=Rules(wanted=10))
        said: dict[tuple[str, str], Choice] = {}
        for title in scene.titles:
            for who in scene.members:
                said[who, title] = "like" if chance.random() < 0.5 else "nope"
                assert (await scene.vote(who, title, said[who, title])).status == 200
        stats = await asked(world, scene.members[0], f"/rooms/{scene.id}/stats")
        assert stats["sums"]["votes"] == len(said)
        assert stats["sums"]["likes"] == [*said.values()].count("like")
        for one in stats["titles"]:
            assert one["likes"] == sum(
                choice == "like" for (_, title), choice in said.items() if title == one["title_id"]
            )
        for pair in stats["agreement"]:
            alike = sum(said[pair["a"], t] == said[pair["b"], t] for t in scene.titles)
            assert (pair["both"], pair["share"]) == (5, round(100 * alike / 5))
        assert [one["voted"] for one in stats["members"]] == [5] * 4


async def test_the_time_to_the_match_is_that_which_has_passed():
    async with running(app) as world:
        scene = await laid(world, status="waiting")
        await world.clock.advance(seconds=30)  # until all have come, which does not count
        assert (await scene.post(scene.members[0], "start")).status == 200
        await world.clock.advance(seconds=95)
        await vote_all(scene, "t01")
        await world.clock.advance(minutes=10)
        stats = await asked(world, scene.members[1], f"/rooms/{scene.id}/stats")
        assert (stats["time_to_match_s"], stats["time_voted_s"]) == (95, 95)
        assert stats["names"]["t01"]["name"] == "t01"


async def test_without_a_match_there_is_no_time_to_it():
    async with running(app) as world:
        scene = await stuck(world)
        stats = await asked(world, scene.members[0], f"/rooms/{scene.id}/stats")
        assert (stats["status"], stats["time_to_match_s"]) == ("no_consensus", None)


async def test_figures_are_told_when_it_is_over_and_to_those_in_the_room_only():
    async with running(app) as world:
        scene = await laid(world)
        early = await scene.get(scene.members[0], "stats")
        assert (early.status, early.json["code"]) == (409, "ROOM_VOTING")
        await vote_all(scene, "t01")
        for id in (scene.id, "no-such-room"):
            answer = await world.http.as_(Caller("eve", "eve@example.com")).get(
                f"/rooms/{id}/stats"
            )
            assert (answer.status, answer.json["code"]) == (404, "NO_ROOM")


async def test_no_figure_says_who_liked_what():
    async with running(app) as world:
        scene = await stuck(world)
        await world.settle()
        stats = (await scene.get(scene.members[0], "stats")).json
        for told in (stats["titles"], stats["sums"]):
            assert not any(who in str(told) for who in scene.members)


async def test_a_match_is_in_everybodys_library_and_the_room_in_his_history():
    async with running(app) as world:
        scene = await laid(world)
        await vote_all(scene, "t01")
        for who in scene.members:
            (found,) = (await asked(world, who, "/matches"))["items"]
            assert (found["title"]["id"], found["room_id"]) == ("t01", scene.id)
            assert (found["room_name"], found["is_decided"]) == ("Friday", False)
            assert found["members"] == scene.members
            (past,) = (await asked(world, who, "/history"))["items"]
            assert (past["room_id"], past["status"]) == (scene.id, "matched")
            assert [one["id"] for one in past["matches"]] == ["t01"]


async def test_both_outlast_the_room_and_who_left_after_the_match_has_them_too():
    async with running(app) as world:
        ann = await registered(world, "ann@example.com", "Ann")
        id = await watched_with_a_guest(world, ann, "Bob")
        assert (await world.http.as_(ann["access"]).delete(f"/rooms/{id}/leave")).status == 204
        await world.clock.advance(days=61)
        assert await rooms.get(id) is None
        for path in ("/history", "/matches"):
            (kept,) = (await asked(world, ann["id"], path))["items"]
            assert (kept["room_id"], kept["members"]) == (id, ["Ann", "Bob"])


async def test_who_was_there_follows_from_what_came_after():
    async with running(app) as world:
        scene = await laid(world, rules=Rules(late=True, wanted=3))
        first, second, third = scene.members
        assert (await scene.post(first, "pause")).status == 200
        (paused,) = await scene.told("paused")
        assert (await scene.leave(second)).status == 204
        assert (await scene.post(first, f"members/{third}/kick")).status == 200
        assert await there_at(paused, await scene.room()) == [first, third, second]
        (left,) = await scene.told("left")
        assert await there_at(left, await scene.room()) == [first, third]
        joined = replace(left, seq=left.seq + 2, kind="joined", who="late")
        await feed.create(joined)
        room = replace(await scene.room(), roster=[first, "late"])
        assert await there_at(left, room) == [first, third]


async def test_who_left_before_the_match_learns_nothing_of_it():
    async with running(app) as world:
        scene = await laid(world)
        gone = scene.members[2]
        assert (await scene.leave(gone)).status == 204
        for who in scene.members[:2]:
            await scene.vote(who, "t01")
        assert len((await asked(world, scene.members[0], "/matches"))["items"]) == 1
        for path in ("/history", "/matches"):
            assert (await asked(world, gone, path))["items"] == []


async def test_a_room_without_agreement_is_remembered_and_then_with_what_was_decided():
    async with running(app) as world:
        scene = await stuck(world)
        host = scene.members[0]
        (past,) = (await asked(world, host, "/history"))["items"]
        assert (past["status"], past["matches"]) == ("no_consensus", [])
        chosen = await scene.post(host, "decide", {"title_id": "t01"})
        assert chosen.status == 200, chosen.json
        for who in scene.members:
            (past,) = (await asked(world, who, "/history"))["items"]
            assert [one["id"] for one in past["matches"]] == ["t01"]
            (found,) = (await asked(world, who, "/matches"))["items"]
            assert found["is_decided"] is True


async def test_a_title_of_a_shortlist_that_was_then_taken_is_in_the_library_once():
    async with running(app) as world:
        scene = await laid(world, titles=3, rules=Rules(wanted=2))
        for title in scene.titles[:2]:
            await vote_all(scene, title)
        host = scene.members[0]
        assert await in_library(world, host) == {"t00": False, "t01": False}
        assert (await scene.post(host, "decide", {"title_id": "t01"})).status == 200
        for who in scene.members:
            assert await in_library(world, who) == {"t00": False, "t01": True}
        for event in await scene.told("match"):
            await remember(event, await scene.room())  # told once more, and late
        assert await in_library(world, host) == {"t00": False, "t01": True}


async def in_library(world: World, who: str) -> dict[str, bool]:
    """Its titles, and whether they were decided."""
    items = (await asked(world, who, "/matches"))["items"]
    found = {one["title"]["id"]: one["is_decided"] for one in items}
    assert len(found) == len(items)
    return found


async def test_what_is_told_late_does_not_undo_what_is_remembered():
    async with running(app) as world:
        scene = await stuck(world)
        old = await scene.room()
        await scene.post(scene.members[0], "decide", {"title_id": "t01"})
        await asked(world, scene.members[0], "/history")
        (event,) = await scene.told("no_consensus")
        await remember(event, old)  # by who was slow, and has read the room long ago
        (past,) = (await asked(world, scene.members[0], "/history"))["items"]
        assert len(past["matches"]) == 1


async def test_a_room_that_never_voted_is_not_remembered():
    async with running(app) as world:
        scene = await laid(world, status="waiting")
        assert (await scene.post(scene.members[0], "cancel")).status == 200
        assert (await asked(world, scene.members[1], "/history"))["items"] == []


async def test_pages_go_on_where_they_ended_the_last_room_first():
    async with running(app) as world:
        ann = await registered(world, "ann@example.com", "Ann")
        seen: list[str] = []
        for number in range(3):
            seen.insert(0, await watched_with_a_guest(world, ann, f"guest {number}"))
            await world.clock.advance(seconds=1)
        for path in ("/history", "/matches"):
            client = world.http.as_(ann["access"])
            first = (await client.get(path, query={"limit": "2"})).json
            query = {"limit": "2", "cursor": first["cursor"]}
            rest = (await client.get(path, query=query)).json
            assert [one["room_id"] for one in first["items"] + rest["items"]] == seen


async def watched_with_a_guest(world: World, host: dict[str, Any], name: str) -> str:
    """The id of a room that has found something."""
    room = await room_of(world, host)
    guest = await guest_in(world, room["code"], name)
    id, title = room["id"], (await titles_of(room["id"]))[0].id
    assert (await world.http.as_(host["access"]).post(f"/rooms/{id}/start")).status == 200
    for session in (host, guest):
        vote = {"title_id": title, "choice": "like"}
        answer = await world.http.as_(session["access"]).post(f"/rooms/{id}/votes", json=vote)
    assert answer.json["response_type"] == "MATCH_FOUND"
    await world.settle()
    return id


@pytest.mark.parametrize("path", ["/history", "/matches", "/notifications"])
async def test_a_page_of_nonsense_is_refused_and_so_is_nobody(path: str):
    async with running(app) as world:
        ann = world.http.as_(Caller("ann", "ann@example.com"))
        for limit in ("0", "101", "x"):
            assert (await ann.get(path, query={"limit": limit})).status == 422
        assert (await ann.get(path, query={"cursor": "rubbish"})).status == 400
        assert (await world.http.get(path)).status == 401
