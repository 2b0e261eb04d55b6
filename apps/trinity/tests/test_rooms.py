"""A room from its opening to its end: who sees it, who is in it, and that it outlives who goes."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skylift import now
from skylift.testing import World, running
from skylift.testing.http import Http
from trinity.decks import Title, lay, titles_of
from trinity.idle import QUIET, Due, closing
from trinity.judging import tallies
from trinity.people import people
from trinity.rooms import LIFE, rooms, seats

from .party import Party, app, caller, member, party, wanted


async def test_who_opens_a_room_is_in_it_and_leads_it():
    async with running(app) as world:
        room = await party(world, "ann")
        seen = (await room.get("ann")).json
        assert (seen["status"], seen["host"], seen["is_host"]) == ("waiting", "ann", True)
        assert [one["name"] for one in seen["members"]] == ["Ann"]
        assert (seen["size"], seen["required"], seen["capacity"]) == (3, 2, 10)
        assert [title.name for title in await titles_of(room.id)] == ["pizza", "ramen", "tacos"]
        assert len([one async for one in tallies.query(room.id)]) == 3


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"name": " "}, "/name"),
        ({"name": "x" * 81}, "/name"),
        ({"capacity": 1}, "/capacity"),
        ({"capacity": 51}, "/capacity"),
        ({"titles": 101}, "/titles"),
        ({"genres": ["a", "b", "c"]}, "/genres"),
        ({"kind": "podcast"}, "/kind"),
        ({"rules": {"strategy": "coin"}}, "/rules/strategy"),
        ({"rules": {"share": 101}}, "/rules/share"),
        ({"rules": {"minutes": 0}}, "/rules/minutes"),
        ({"rules": {"count": 1}}, "/rules/count"),
        ({"host": "eve"}, "/host"),
    ],
)
async def test_what_a_room_cannot_be_is_said_by_its_place(said: dict[str, object], where: str):
    async with running(app) as world:
        answer = await (await member(world, "ann")).post("/rooms", json=wanted(**said))
        assert answer.status == 422
        assert where in [error["pointer"] for error in answer.json["errors"]]
        assert [room async for room in rooms.scan()] == []


async def test_a_request_that_comes_again_opens_no_second_room():
    async with running(app) as world:
        ann, headers = await member(world, "ann"), {"idempotency-key": "k1"}
        opened = [await ann.post("/rooms", json=wanted(), headers=headers) for _ in range(2)]
        assert opened[0].json["id"] == opened[1].json["id"]
        assert len([room async for room in rooms.scan()]) == 1


async def test_a_deck_whose_room_never_came_to_be_troubles_nobody():
    """What a crash between the two leaves: it is judged by nobody, and expires."""
    async with running(app) as world:
        await lay("r0", [Title(id="o1", name="pizza")], now() + timedelta(days=1))
        await world.settle()
        assert world.failures == []
        await world.clock.advance(days=1)
        assert await titles_of("r0") == []
        assert await tallies.get("r0", "o1") is None


async def test_rooms_are_listed_for_who_is_in_them_the_last_first():
    async with running(app) as world:
        mine = [await _later(world, "ann", f"Room {n}") for n in range(5)]
        await party(world, "bob")
        await world.settle()
        ann = caller(world, "ann")
        first = (await ann.get("/rooms", query={"limit": "2"})).json
        assert [card["name"] for card in first["items"]] == ["Room 4", "Room 3"]
        rest = (await ann.get("/rooms", query={"cursor": first["cursor"]})).json
        assert [card["name"] for card in rest["items"]] == ["Room 2", "Room 1", "Room 0"]
        await caller(world, "ann").post(f"/rooms/{mine[1]}/cancel")
        await world.settle()
        found = await ann.get("/rooms", query={"status": "cancelled"})
        assert [card["id"] for card in found.json["items"]] == [mine[1]]
        assert (await ann.get("/rooms", query={"limit": "101"})).status == 422
        assert (
            await caller(world, "bob").get("/rooms", query={"cursor": first["cursor"]})
        ).status == 400


async def test_pages_of_one_status_are_full_and_the_last_one_has_no_cursor():
    """Though most of what one was in is left or over."""
    async with running(app) as world:
        mine = [await _later(world, "ann", f"Room {n}") for n in range(40)]
        ann, over, gone = caller(world, "ann"), mine[1::6], mine[::3]
        for id in over:
            assert (await ann.post(f"/rooms/{id}/cancel")).status == 200
        for id in gone:
            assert (await ann.delete(f"/rooms/{id}/leave")).status == 204
        await world.settle()
        for limit, lengths in ((1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (8, [7])):
            listed = await pages(ann, limit, status="cancelled")
            assert [len(page) for page in listed] == lengths
            assert [card["id"] for page in listed for card in page] == over[::-1]
        every = [card["id"] for page in await pages(ann, 10) for card in page]
        assert every == [id for id in mine[::-1] if id not in gone]


async def test_a_room_that_one_has_left_is_not_in_the_list():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await room.leave("bob")
        await world.settle()
        assert (await caller(world, "bob").get("/rooms")).json["items"] == []
        assert (await room.get("bob")).status == 404


async def test_a_room_with_a_match_shows_its_title():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await room.post("ann", "start")
        await room.like("ann", "o2")
        await room.like("bob", "o2")
        assert (await room.get("bob")).json["match"]["name"] == "ramen"
        await world.settle()
        card = (await caller(world, "ann").get("/rooms")).json["items"][0]
        assert (card["status"], card["match"]["name"]) == ("matched", "ramen")


async def test_three_in_a_room_for_four_agree():
    """A13.4. The original asked for as many likes as there were seats."""
    async with running(app) as world:
        room = await party(world, "ann", "bob", "cid", capacity=4)
        await room.post("ann", "start")
        for who in ("ann", "bob", "cid"):
            answer = await room.like(who)
        assert answer.json["response_type"] == "MATCH_FOUND"  # pyright: ignore[reportPossiblyUnboundVariable]


# -- somebody goes


@pytest.mark.parametrize("how", ["leave", "kick", "ban"])
async def test_s3_when_one_goes_the_likes_of_the_others_are_a_match_at_once(how: str):
    async with running(app) as world:
        room = await party(world, "ann", "bob", "cid")
        await room.post("ann", "start")
        await room.nope("cid", "o1", "o2")
        for who in ("ann", "bob"):
            await room.nope(who, "o1")
            await room.like(who, "o2")
        await (room.leave("cid") if how == "leave" else room.post("ann", f"members/cid/{how}"))
        seen = (await room.get("bob")).json
        assert (seen["status"], seen["match"]["id"]) == ("matched", "o2")
        assert [event.kind for event in await room.events()].count("match") == 1


async def test_when_the_only_one_who_has_not_finished_goes_it_is_over():
    async with running(app) as world:
        room = await party(world, "ann", "bob", "cid")
        await room.post("ann", "start")
        for who in ("ann", "bob"):
            await room.nope(who, "o1", "o2", "o3")
        await room.leave("cid")
        assert (await room.get("ann")).json["status"] == "no_consensus"


async def test_who_leaves_while_it_is_paused_is_missed_when_it_goes_on():
    async with running(app) as world:
        room = await party(world, "ann", "bob", "cid")
        await room.post("ann", "start")
        for who in ("ann", "bob"):
            await room.like(who)
        await room.post("ann", "pause")
        await room.leave("cid")
        assert (await room.get("ann")).json["status"] == "paused"
        assert (await room.post("ann", "resume")).json["status"] == "matched"


async def test_a_room_goes_on_when_its_host_goes():
    """A13.9."""
    async with running(app) as world:
        room = await party(world, "ann", "bob", "cid")
        await room.leave("ann")
        seen = (await room.get("cid")).json
        assert (seen["host"], seen["status"], len(seen["members"])) == ("bob", "waiting", 2)
        event = (await room.events())[-1]
        assert (event.kind, event.who, event.host) == ("left", "ann", "bob")
        assert (await room.post("bob", "start")).status == 200


async def test_a_room_that_the_last_one_leaves_is_over():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await room.leave("ann")
        await room.leave("bob")
        assert (await rooms.require(room.id)).status == "cancelled"
        assert (await world.http.get(f"/invites/{room.code}")).status == 410


@pytest.mark.parametrize("seed", range(6))
async def test_of_a_crowd_that_comes_and_goes_at_once_every_step_is_numbered(seed: int):
    async with running(app, seed=seed, contention=0.1) as world:
        names = [f"p{n}" for n in range(8)]
        room = await party(world, "ann", capacity=5)
        for name in names:
            await member(world, name)

        async def come_and_go(name: str) -> None:
            await room.join(name)
            await room.like(name)
            await room.leave(name)

        await asyncio.gather(
            *(come_and_go(name) for name in names),
            room.join("late"),
            room.post("ann", "start"),
            room.post("ann", "pause"),
            room.post("ann", "members/p3/kick"),
        )
        held, told = await rooms.require(room.id), await room.events()
        assert [event.seq for event in told] == list(range(1, held.seq + 1))
        assert held.host in held.roster
        assert len(held.roster) <= held.capacity
        here = {seat.id async for seat in seats.query(room.id) if seat.is_here}
        assert here == {*held.roster}
        came = [event.kind for event in told].count("joined")
        went = sum(event.kind in ("left", "kicked") for event in told)
        assert len(held.roster) == 1 + came - went


@pytest.mark.parametrize("seed", range(10))
async def test_who_joins_while_it_starts_either_counts_or_is_not_there(seed: int):
    async with running(app, seed=seed, contention=0.2) as world:
        room = await party(world, "ann", "bob")
        await member(world, "cid")
        joined, begun = await asyncio.gather(room.join("cid"), room.post("ann", "start"))
        held = await rooms.require(room.id)
        assert begun.status == 200
        assert held.voters == {*held.roster}
        assert ("cid" in held.roster) == (joined.status == 200)
        if joined.status != 200:
            assert joined.json["code"] == "ROOM_CLOSED"


@pytest.mark.parametrize("seed", range(10))
async def test_host_and_heir_who_go_at_once_leave_the_room_to_a_third(seed: int):
    async with running(app, seed=seed, contention=0.2) as world:
        room = await party(world, "ann", "bob", "cid")
        await asyncio.gather(
            room.leave("ann"), room.leave("bob"), room.post("ann", "members/bob/host")
        )
        held = await rooms.require(room.id)
        assert (held.roster, held.host, held.status) == (["cid"], "cid", "waiting")


# -- what ends by itself


async def test_a_room_in_which_nobody_does_anything_is_over_after_a_day():
    """A13.16. What cleans up does."""
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await world.clock.advance(QUIET - timedelta(minutes=1))
        await room.post("ann", "code")
        await world.clock.advance(QUIET - timedelta(minutes=1))
        assert (await rooms.require(room.id)).status == "waiting"
        await world.clock.advance(minutes=1)
        assert (await rooms.require(room.id)).status == "cancelled"
        assert [event.kind for event in await room.events()][-1] == "cancelled"


async def test_votes_keep_a_room_open():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await room.post("ann", "start")
        await world.clock.advance(hours=20)
        await room.like("bob")
        await world.clock.advance(hours=20)
        assert (await rooms.require(room.id)).status == "voting"
        await world.clock.advance(hours=4)
        assert (await rooms.require(room.id)).status == "cancelled"


async def test_no_room_goes_on_for_ever():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        for _ in range(LIFE.days * 2 - 1):
            await world.clock.advance(hours=12)
            await room.post("ann", "presence")
        assert (await rooms.require(room.id)).status == "waiting"
        await world.clock.advance(hours=12)
        assert (await rooms.require(room.id)).status == "cancelled"


async def test_a_vote_ends_when_its_minutes_are_over_whoever_began_it():
    async with running(app) as world:
        for starts in ("host", "first_vote", "full"):
            rules = {"minutes": 5, "starts": starts, "supers": 0}
            room = await party(world, "ann", "bob", capacity=2, rules=rules)
            if starts == "host":
                await room.post("ann", "start")
            await room.like("ann")
            await world.clock.advance(minutes=4, seconds=59)
            assert (await rooms.require(room.id)).status == "voting"
            await world.clock.advance(seconds=1)
            assert (await rooms.require(room.id)).status == "no_consensus", starts
            told = [event.kind for event in await room.events()]
            assert told.count("no_consensus") == 1


async def test_time_stands_still_while_a_room_is_paused():
    async with running(app) as world:
        room = await party(world, "ann", "bob", rules={"minutes": 5})
        assert (await room.get("ann")).json["closes_at"] is None
        began = now()
        await room.post("ann", "start")
        assert await closes_at(room) == began + timedelta(minutes=5)
        await world.clock.advance(minutes=2)
        assert (await room.post("ann", "pause")).json["closes_at"] is None
        await world.clock.advance(minutes=30)
        assert (await rooms.require(room.id)).status == "paused"
        await room.post("ann", "resume")
        assert await closes_at(room) == now() + timedelta(minutes=3)
        await world.clock.advance(minutes=1)
        await room.post("ann", "pause")
        await world.clock.advance(minutes=7)
        await room.post("ann", "resume")
        await world.clock.advance(seconds=119)
        assert (await rooms.require(room.id)).status == "voting"
        await world.clock.advance(seconds=1)
        assert (await rooms.require(room.id)).status == "no_consensus"
        assert await closes_at(room) is None


async def test_more_titles_come_with_time_for_them_and_what_is_decided_has_no_end():
    async with running(app) as world:
        room = await party(world, "ann", "bob", rules={"minutes": 5})
        await room.post("ann", "start")
        await world.clock.advance(minutes=5)
        assert (await rooms.require(room.id)).status == "no_consensus"
        await room.post("ann", "extend", {"options": ["curry"]})
        assert await closes_at(room) == now() + timedelta(minutes=5)
        await world.clock.advance(minutes=5)
        assert (await rooms.require(room.id)).status == "no_consensus"
        await room.post("ann", "extend", {"options": ["soup"]})
        await world.clock.advance(minutes=4)
        await room.like("ann")
        await room.like("bob")
        assert await closes_at(room) is None
        await world.clock.advance(minutes=1)
        assert (await rooms.require(room.id)).status == "matched"
        assert world.failures == []


async def test_what_was_found_when_the_time_is_over_is_a_shortlist():
    async with running(app) as world:
        room = await party(world, "ann", "bob", rules={"minutes": 5, "wanted": 3})
        await room.post("ann", "start")
        await room.like("ann")
        await room.like("bob")
        await world.clock.advance(minutes=5)
        assert (await rooms.require(room.id)).status == "matched"
        assert [event.kind for event in await room.events()][-2:] == ["match", "shortlist"]
        inbox = (await caller(world, "bob").get("/notifications")).json["items"]
        assert [notice["kind"] for notice in inbox][:2] == ["shortlist", "match"]


async def test_of_an_end_that_was_put_off_meanwhile_nothing_comes():
    """The timer was due as the room paused, and rings all the same."""
    async with running(app) as world:
        room = await party(world, "ann", "bob", rules={"minutes": 5})
        await room.post("ann", "start")
        await world.clock.advance(minutes=4)
        await room.post("ann", "pause")
        await closing.set(room.id, now(), Due(room.id))
        await world.settle()
        assert (await rooms.require(room.id)).status == "paused"
        await room.post("ann", "resume")
        await closing.set(room.id, now(), Due(room.id))
        await world.settle()
        assert (await rooms.require(room.id)).status == "voting"


async def closes_at(room: Party) -> datetime | None:
    said = (await room.get("bob")).json["closes_at"]
    return said and datetime.fromisoformat(said)


async def test_what_is_to_come_and_what_was_done_outlast_the_process(tmp_path: Path):
    """A13.11. Its timers, and which requests were answered."""
    key = {"idempotency-key": "k1"}
    async with running(app, path=tmp_path) as world:
        room = await party(world, "ann", "bob", rules={"minutes": 5})
        await room.post("ann", "start")
        answer = await caller(world, "ann").post("/rooms", json=wanted(), headers=key)
    async with running(app, path=tmp_path) as world:
        again = await caller(world, "ann").post("/rooms", json=wanted(), headers=key)
        assert again.json["id"] == answer.json["id"]
        await world.clock.advance(minutes=6)
        assert (await rooms.require(room.id)).status == "no_consensus"


async def test_what_is_over_is_forgotten_after_a_while():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await world.clock.advance(days=62)
        assert await rooms.get(room.id) is None
        assert [seat async for seat in seats.query(room.id)] == []
        assert [one async for one in tallies.query(room.id)] == []
        assert await people.get("ann") is not None


async def pages(who: Http, limit: int, **query: str) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await who.get("/rooms", query=query | cursor | {"limit": str(limit)})
        found.append(answer.json["items"])
        if answer.json["cursor"] is None:
            return found
        cursor = {"cursor": answer.json["cursor"]}


async def _later(world: World, who: str, name: str) -> str:
    await world.clock.advance(minutes=1)
    return (await party(world, who, name=name)).id
