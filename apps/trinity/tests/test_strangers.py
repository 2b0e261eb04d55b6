"""Whoever is not in a room: whatever he tries, on whatever route there is, for him there is none.
The routes are read from the app's own description, so a new one is asked too.
"""

from __future__ import annotations

from typing import Any, cast

import pytest

from skylift.testing import World, running
from skylift.testing.http import Http

from .party import Party, app, caller, member, party

BODIES: dict[str, object] = {
    "/rooms/{id}/votes": {"title_id": "o1", "choice": "like"},
    "/rooms/{id}/extend": {"count": 10},
    "/rooms/{id}/runoff": {"method": "approval", "count": 3},
    "/rooms/{id}/decide": {"title_id": "o1"},
    "/rooms/{id}/lower": {"strategy": "majority"},
    "/rooms/{id}/polls": {"question": "When?", "kind": "single", "options": ["now", "later"]},
    "/rooms/{id}/polls/{poll}/ballot": {"options": ["1"]},
}
TELLING = {"likers", "likes", "supers", "nopes", "vetoers", "skips", "finders", "last"}
JOINS = "/rooms/{id}/join"  # asks for a code: tests of its own


async def routes_of_a_room(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    paths = (await world.http.get("/_skylift/openapi.json")).json["paths"]
    return [
        (method.upper(), path, says)
        for path, methods in paths.items()
        for method, says in methods.items()
        if path.startswith("/rooms/{id}") and path != JOINS
    ]


async def lived_in(world: World) -> Party:
    """A room in which there is something to see: a vote, a poll, a match that is near."""
    room = await party(world, "ann", "bob", "cid", "dan", name="Secret plans")
    await room.post("ann", "start")
    await room.like("ann")
    await room.post("ann", "polls", BODIES["/rooms/{id}/polls"])
    return room


async def stranger(world: World, room: Party) -> Http:
    return await member(world, "eve")


async def guest_of_another(world: World, room: Party) -> Http:
    other = await party(world, "fay")
    return world.http.as_((await other.guest("Gus")).json["session"]["access"])


async def screen_of_another(world: World, room: Party) -> Http:
    other = await party(world, "fay")
    session = (await other.post("fay", "presenter")).json["session"]
    return world.http.as_(session["access"])


async def one_who_left(world: World, room: Party) -> Http:
    await room.leave("cid")
    return caller(world, "cid")


async def one_who_was_kicked(world: World, room: Party) -> Http:
    await room.post("ann", "members/cid/kick")
    return caller(world, "cid")


async def one_who_was_banned(world: World, room: Party) -> Http:
    await room.post("ann", "members/cid/ban")
    return caller(world, "cid")


OUTSIDERS = [
    stranger,
    guest_of_another,
    screen_of_another,
    one_who_left,
    one_who_was_kicked,
    one_who_was_banned,
]


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_there_is_no_room_for(who: Any):
    async with running(app) as world:
        room = await lived_in(world)
        outsider = await who(world, room)
        await world.settle()
        before = [event async for event in _all(room)]
        asked = await routes_of_a_room(world)
        assert len(asked) > 25
        for method, path, _ in asked:
            answer = await outsider.request(method, filled(path, room), json=BODIES.get(path))
            assert (answer.status, answer.json.get("code")) == (404, "NO_ROOM"), (method, path)
            assert "Secret" not in answer.text
        assert [event async for event in _all(room)] == before


async def test_nobody_comes_without_a_token():
    async with running(app) as world:
        room = await lived_in(world)
        for method, path, says in await routes_of_a_room(world):
            assert says["security"] == [{"members": []}], path
            answer = await world.http.request(method, filled(path, room), json=BODIES.get(path))
            assert answer.status == 401, (method, path)


async def test_of_a_room_that_never_was_one_is_told_the_same():
    async with running(app) as world:
        room = await lived_in(world)
        eve = await stranger(world, room)
        for method, path, _ in await routes_of_a_room(world):
            there = await eve.request(method, filled(path, room), json=BODIES.get(path))
            nowhere = filled(path, room).replace(room.id, "0" * 32)
            not_there = await eve.request(method, nowhere, json=BODIES.get(path))
            assert (there.status, there.json) == (not_there.status, not_there.json), path


async def test_what_members_see_before_the_end_tells_nobodys_likes():
    async with running(app) as world:
        room = await lived_in(world)
        await room.nope("bob", "o1")
        for who in ("bob", "cid"):
            for method, path, _ in await routes_of_a_room(world):
                if method != "GET" or "{poll}" in path:
                    continue
                answer = await room.get(who, path.removeprefix("/rooms/{id}"))
                assert answer.status in (200, 409), path  # 409: only when it is over
                assert not TELLING & keys_of(answer.json), path


def keys_of(value: Any) -> set[str]:
    """All names in an answer, but those of the room's rules."""
    if isinstance(value, list):
        return {name for one in cast("list[Any]", value) for name in keys_of(one)}
    if not isinstance(value, dict):
        return set()
    named = cast("dict[str, Any]", value)
    return {*named} | {name for key in named if key != "rules" for name in keys_of(named[key])}


def filled(path: str, room: Party) -> str:
    return path.format(id=room.id, member="bob", poll="1")


async def _all(room: Party):
    for event in await room.events():
        yield event
