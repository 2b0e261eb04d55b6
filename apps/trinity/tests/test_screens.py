"""A presenter's screen: it reads what is going on, and whatever it is made to ask on whatever route
there is, nothing in the room has changed. The routes are read from the app's own description.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from skylift.testing import World, running
from trinity.events import RoomEvent
from trinity.judging import tallies
from trinity.model import Room, Tally
from trinity.poll_model import Answer, Poll
from trinity.polls import answers, polls
from trinity.rooms import Member, rooms, seats

from .party import Party, app, party
from .test_strangers import BODIES, TELLING, filled, keys_of, routes_of_a_room

MAY = {("POST", "/rooms/{id}/presence"), ("DELETE", "/rooms/{id}/leave")}  # its own business
READS = {"", "/deck", "/events", "/live", "/progress", "/results", "/polls", "/polls/{poll}"}
State = tuple[Room, list[RoomEvent], list[Member], list[Tally], list[Poll], list[Answer]]


async def waiting(room: Party) -> str:
    return "waiting"


async def voting(room: Party) -> str:
    await room.post("ann", "start")
    await room.like("ann")
    return "voting"


async def stuck(room: Party) -> str:
    await room.post("ann", "start")
    await room.like("ann")
    await room.nope("ann", "o2", "o3")
    await room.nope("bob", "o1", "o2", "o3")
    return "no_consensus"


async def matched(room: Party) -> str:
    await voting(room)
    await room.like("bob")
    return "matched"


async def state_of(room: Party, poll: str) -> State:
    return (
        await rooms.require(room.id),
        await room.events(),
        [one async for one in seats.query(room.id)],
        [one async for one in tallies.query(room.id)],
        [one async for one in polls.query(room.id)],
        [one async for one in answers.query(poll)],
    )


async def asked(room: Party) -> str:
    new = {"question": "When?", "options": ["now", "later"], "visible": "live"}
    return (await room.post("ann", "polls", new)).json["id"]


async def screen_in(world: World, room: Party) -> str:
    return (await room.post("ann", "presenter")).json["session"]["access"]


@pytest.mark.parametrize("come", [waiting, voting, stuck, matched])
async def test_a_screen_does_nothing_on_any_route(come: Callable[[Party], Awaitable[str]]) -> None:
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        screen = world.http.as_(await screen_in(world, room))
        poll, status = await asked(room), await come(room)
        await world.settle()
        before = await state_of(room, poll)
        assert before[0].status == status
        tried = 0
        for method, path, _ in await routes_of_a_room(world):
            if method == "GET" or (method, path) in MAY:
                continue
            at = filled(path, room).replace("/polls/1", f"/polls/{poll}")
            answer = await screen.request(method, at, json=BODIES.get(path))
            is_told = answer.json.get("response_type") == "VOTE_IGNORED_MATCH_FOUND"
            assert is_told or answer.status in (403, 409), (method, path, answer.text)
            tried += 1
        await world.settle()
        assert tried > 15
        assert await state_of(room, poll) == before


@pytest.mark.parametrize("come", [voting, stuck, matched])
async def test_a_screen_reads_what_goes_on_and_nobodys_likes(
    come: Callable[[Party], Awaitable[str]],
) -> None:
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        screen = world.http.as_(await screen_in(world, room))
        poll, status = await asked(room), await come(room)
        for path in sorted(READS):
            answer = await screen.get(f"/rooms/{room.id}" + path.format(poll=poll))
            assert answer.status == 200, (path, answer.text)
            assert status != "voting" or not TELLING & keys_of(answer.json), path
        seen = (await screen.get(f"/rooms/{room.id}")).json
        assert (seen["status"], len(seen["members"]), seen["code"]) == (status, 2, room.code)


async def test_a_screen_opens_no_room_of_its_own() -> None:
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        screen = world.http.as_(await screen_in(world, room))
        wanted = {"name": "Mine", "kind": "list", "options": ["a", "b", "c"]}
        refused = await screen.post("/rooms", json=wanted)
        assert (refused.status, refused.json["code"]) == (409, "GUEST_HAS_A_ROOM")
