"""What a host does with a room and with who is in it, and that nobody else does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from skylift import Caller, Forbidden
from skylift.testing import running
from trinity.codes import invites
from trinity.decks import titles_of
from trinity.live import live
from trinity.people import people
from trinity.rooms import rooms, seats
from trinity.roster import SCREENS_MAX

from .party import app, caller, member, party


async def test_a_room_goes_through_its_course():
    """A13.15. Each status is stored, and seen by all."""
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        for path, status in (
            ("start", "voting"),
            ("pause", "paused"),
            ("resume", "voting"),
        ):
            answer = await room.post("ann", path)
            assert (answer.status, answer.json["status"]) == (200, status)
        await room.like("ann")
        await room.like("bob")
        assert (await room.post("ann", "complete")).json["status"] == "completed"
        kinds = [event.kind for event in await room.events()]
        assert kinds == ["created", "joined", "started", "paused", "resumed", "match", "completed"]


async def test_a_move_at_the_wrong_time_is_a_conflict_that_says_how_the_room_stands():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        for path, code in (("pause", "ROOM_WAITING"), ("resume", "ROOM_WAITING")):
            answer = await room.post("ann", path)
            assert (answer.status, answer.json["code"]) == (409, code)
        await room.post("ann", "start")
        answer = await room.post("ann", "start")
        assert (answer.status, answer.json["code"]) == (409, "ROOM_VOTING")


async def test_one_alone_does_not_begin():
    async with running(app) as world:
        answer = await (await party(world, "ann")).post("ann", "start")
        assert (answer.status, answer.json["code"]) == (409, "TOO_FEW")


async def test_nobody_votes_while_it_is_paused():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await room.post("ann", "start")
        await room.post("ann", "pause")
        answer = await room.like("bob")
        assert (answer.status, answer.json["code"]) == (409, "ROOM_PAUSED")


async def test_filters_are_fixed_and_who_is_not_host_is_told_that_first():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        for who, status, code in (("bob", 403, "NOT_HOST"), ("ann", 409, "FILTERS_FIXED")):
            answer = await caller(world, who).patch(
                f"/rooms/{room.id}/filters", json={"genres": ["18"]}
            )
            assert (answer.status, answer.json["code"]) == (status, code)


@pytest.mark.parametrize(
    "path",
    [
        "start",
        "pause",
        "resume",
        "cancel",
        "complete",
        "code",
        "restart",
        "presenter",
        "members/cid/kick",
        "members/cid/ban",
        "members/cid/host",
        "members/bob/host",
        "members/nobody/kick",
    ],
)
async def test_what_is_the_hosts_is_refused_to_members_and_not_there_for_others(path: str):
    async with running(app) as world:
        room = await party(world, "ann", "bob", "cid")
        before = await rooms.require(room.id)
        users = [one async for one in people.scan()]
        answer = await room.post("bob", path)
        assert (answer.status, answer.json["code"]) == (403, "NOT_HOST")
        await member(world, "eve")
        answer = await room.post("eve", path)
        assert (answer.status, answer.json["code"]) == (404, "NO_ROOM")
        assert (await world.http.post(f"/rooms/{room.id}/{path}")).status == 401
        assert await rooms.require(room.id) == before
        assert [one async for one in people.scan() if one.id != "eve"] == users


# -- out


@pytest.mark.parametrize("how", ["kick", "ban"])
async def test_who_is_turned_out_sees_does_and_counts_nothing_more(how: str):
    async with running(app) as world:
        room = await party(world, "ann", "bob", "cid")
        await room.post("ann", "start")
        old = await rooms.require(room.id)
        await room.post("ann", f"members/bob/{how}")
        held = await rooms.require(room.id)
        assert "bob" not in held.roster
        assert "bob" not in held.voters
        assert held.epoch != old.epoch
        for answer in (
            await room.get("bob"),
            await room.get("bob", "/deck"),
            await room.get("bob", "/results"),
            await room.get("bob", "/events"),
            await room.get("bob", "/live"),
            await room.like("bob"),
            await room.leave("bob"),
            await room.post("bob", "presence"),
        ):
            assert (answer.status, answer.json["code"]) == (404, "NO_ROOM")
        with pytest.raises(Forbidden):
            async with world.channel(live).subscribe(
                as_=Caller("bob", "bob@example.com"), id=room.id, epoch=held.epoch
            ):
                pass


async def test_who_was_kicked_may_come_back_and_who_was_banned_may_not():
    async with running(app) as world:
        room = await party(world, "ann", "bob", "cid")
        await room.post("ann", "members/bob/kick")
        await room.post("ann", "members/cid/ban")
        assert (await room.join("bob")).status == 200
        answer = await room.join("cid")
        assert (answer.status, answer.json["code"]) == (403, "BANNED")
        await room.post("ann", "code")
        new = (await rooms.require(room.id)).code
        assert (await room.join("cid", code=new)).json["code"] == "BANNED"


async def test_who_left_before_he_was_banned_stays_out_too():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await room.leave("bob")
        assert (await room.post("ann", "members/bob/ban")).status == 200
        assert (await room.join("bob")).json["code"] == "BANNED"
        seq = (await rooms.require(room.id)).seq
        await room.post("ann", "members/bob/ban")
        assert (await rooms.require(room.id)).seq == seq


async def test_the_host_is_turned_out_by_nobody():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        for how in ("kick", "ban"):
            answer = await room.post("ann", f"members/ann/{how}")
            assert (answer.status, answer.json["code"]) == (409, "HOST_STAYS")
        answer = await room.post("ann", "members/nobody/kick")
        assert (answer.status, answer.json["code"]) == (404, "NOT_MEMBER")


@pytest.mark.parametrize("seed", range(10))
async def test_who_is_banned_while_he_joins_is_out_whoever_was_first(seed: int):
    async with running(app, seed=seed, contention=0.2) as world:
        room = await party(world, "ann", "bob")
        await room.leave("bob")
        await asyncio.gather(
            room.join("bob"), room.post("ann", "members/bob/ban"), room.join("bob")
        )
        held = await rooms.require(room.id)
        assert "bob" in held.banned
        assert "bob" not in held.roster
        assert not (await seats.require(room.id, "bob")).is_here


@pytest.mark.parametrize("seed", range(10))
async def test_a_vote_that_comes_with_the_kick_counts_for_nothing_after_it(seed: int):
    async with running(app, seed=seed, contention=0.2) as world:
        room = await party(world, "ann", "bob", "cid")
        await room.post("ann", "start")
        await room.like("ann")
        await asyncio.gather(room.like("cid"), room.post("ann", "members/cid/kick"))
        assert (await rooms.require(room.id)).status == "voting"
        assert (await room.like("bob")).json["response_type"] == "MATCH_FOUND"


# -- who leads


async def test_the_host_hands_the_room_over():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        assert not (await room.post("ann", "members/bob/host")).json["is_host"]
        assert (await room.post("ann", "start")).status == 403
        assert (await room.post("bob", "start")).status == 200
        event = (await room.events())[2]
        assert (event.kind, event.who, event.name, event.host) == ("host", "bob", "Bob", "bob")


async def test_another_leads_when_the_host_has_gone_without_a_word():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        answer = await room.post("bob", "members/bob/host")
        assert (answer.status, answer.json["code"]) == (403, "NOT_HOST")
        await world.clock.advance(timedelta(minutes=5))
        await room.post("ann", "presence")
        assert (await room.post("bob", "members/bob/host")).status == 403
        await world.clock.advance(timedelta(minutes=5))
        assert (await room.post("bob", "members/bob/host")).json["is_host"]
        assert (await room.post("ann", "members/ann/host")).json["code"] == "NOT_HOST"
        assert (await room.get("ann")).json["host"] == "bob"


@pytest.mark.parametrize("seed", range(6))
async def test_of_two_who_take_over_at_once_one_is_host(seed: int):
    async with running(app, seed=seed, contention=0.2) as world:
        room = await party(world, "ann", "bob", "cid")
        await world.clock.advance(minutes=6)
        answers = await asyncio.gather(
            *(room.post(who, f"members/{who}/host") for who in ("bob", "cid"))
        )
        held = await rooms.require(room.id)
        assert held.host in ("bob", "cid")
        assert sorted(answer.status for answer in answers) == [200, 403]


# -- once more


async def test_the_same_people_go_on_in_another_room():
    async with running(app) as world:
        room = await party(world, "ann", "bob", "cid", rules={"strategy": "majority"})
        await room.post("ann", "members/cid/ban")
        await room.post("ann", "start")
        await room.like("ann")
        await room.like("bob")
        answer = await room.post("ann", "restart")
        assert answer.status == 201
        new = answer.json
        assert (new["status"], new["seq"], new["matches"]) == ("waiting", 1, [])
        assert [one["id"] for one in new["members"]] == ["ann", "bob"]
        assert new["rules"]["strategy"] == "majority"
        assert new["code"] != room.code
        assert {one.name for one in await titles_of(new["id"])} == {"pizza", "ramen", "tacos"}
        old = (await room.get("bob")).json
        assert (old["next"], old["status"]) == (new["id"], "matched")
        assert (await caller(world, "bob").get(f"/rooms/{new['id']}")).json["me"]["voted"] == 0
        banned = await caller(world, "cid").post("/rooms/join-by-code", json={"code": new["code"]})
        assert banned.json["code"] == "BANNED"
        event = (await room.events())[-1]
        assert (event.kind, event.text) == ("restarted", new["id"])


@pytest.mark.parametrize("seed", range(4))
async def test_a_room_leads_to_one_next_room_however_often_it_is_asked(seed: int):
    async with running(app, seed=seed, contention=0.2) as world:
        room = await party(world, "ann", "bob")
        await room.post("ann", "cancel")
        answers = await asyncio.gather(*(room.post("ann", "restart") for _ in range(3)))
        assert len({answer.json["id"] for answer in answers}) == 1
        assert len([one async for one in rooms.scan()]) == 2


async def test_who_was_turned_out_of_the_next_room_is_told_nothing_of_it_by_the_old_one():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await room.post("ann", "cancel")
        new = (await room.post("ann", "restart")).json
        assert (await room.post("ann", "restart")).json["code"] == new["code"]
        ann, bob = caller(world, "ann"), caller(world, "bob")
        assert (await ann.post(f"/rooms/{new['id']}/members/bob/host")).status == 200
        assert (await bob.post(f"/rooms/{new['id']}/members/ann/kick")).status == 200
        answer = await room.post("ann", "restart")
        assert (answer.status, answer.json["code"]) == (404, "NO_ROOM")
        assert new["id"] not in answer.text


@pytest.mark.parametrize("is_full", [True, False])
async def test_a_next_room_that_begins_when_it_is_full_does_so(is_full: bool):
    async with running(app) as world:
        rules = {"starts": "full", "minutes": 5}
        room = await party(world, "ann", "bob", capacity=2, rules=rules)
        await room.post("ann", "cancel")
        if not is_full:
            await room.leave("bob")
        next_id = (await room.post("ann", "restart")).json["id"]
        held = await rooms.require(next_id)
        if not is_full:
            assert (held.status, held.voters) == ("waiting", set())
            return
        assert (held.status, held.voters) == ("voting", {"ann", "bob"})
        vote = {"title_id": "o1", "choice": "like"}
        answer = await caller(world, "bob").post(f"/rooms/{next_id}/votes", json=vote)
        assert answer.json["response_type"] == "VOTE_RECORDED"
        await world.clock.advance(minutes=6)
        assert (await rooms.require(next_id)).status == "no_consensus"  # its time was kept


async def test_a_room_that_goes_on_is_not_restarted():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        answer = await room.post("ann", "restart")
        assert (answer.status, answer.json["code"]) == (409, "ROOM_WAITING")


async def test_fifty_people_go_on_together():
    async with running(app) as world:
        names = [f"p{n:02}" for n in range(50)]
        room = await party(world, *names, capacity=50)
        for _ in range(SCREENS_MAX):
            assert (await room.post("p00", "presenter")).status == 201
        await room.post("p00", "cancel")
        answer = await room.post("p00", "restart")
        assert answer.status == 201
        assert len(answer.json["members"]) == 50
        assert len([one async for one in seats.query(answer.json["id"])]) == 50 + SCREENS_MAX


async def test_another_deck_is_another_rooms_and_without_what_was_found():
    """Whoever still looks at the old one sees what he has voted on."""
    async with running(app) as world:
        room = await party(world, "ann", "bob", kind="movie", titles=20, options=[])
        await room.post("ann", "start")
        deck = [one.id for one in await titles_of(room.id)]
        first = deck[0]
        await room.like("ann", first)
        await room.like("bob", first)
        next_id = (await room.post("ann", "restart")).json["id"]
        titles = [one.id for one in await titles_of(next_id)]
        assert len(titles) == 20
        assert first not in titles
        assert [one.id for one in await titles_of(room.id)] == deck


# -- screens


async def test_a_screen_sees_what_members_see_and_does_nothing():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        answer = await room.post("ann", "presenter")
        assert answer.status == 201
        assert answer.json["room_id"] == room.id
        screen = world.http.as_(answer.json["session"]["access"])
        seen = (await screen.get(f"/rooms/{room.id}")).json
        assert [one["id"] for one in seen["members"]] == ["ann", "bob"]
        assert (seen["me"]["is_screen"], seen["me"]["is_voter"]) == (True, False)
        await room.post("ann", "start")
        vote = {"title_id": "o1", "choice": "like"}
        answer = await screen.post(f"/rooms/{room.id}/votes", json=vote)
        assert (answer.status, answer.json["code"]) == (409, "WATCHING")
        for path in ("start", "cancel", "code", "presenter", "members/bob/kick"):
            assert (await screen.post(f"/rooms/{room.id}/{path}")).status == 403, path
        answer = await screen.post("/rooms/join-by-code", json={"code": room.code})
        assert (answer.status, answer.json["code"]) == (409, "WATCHING")
        other = await party(world, "dan")
        answer = await screen.post("/rooms/join-by-code", json={"code": other.code})
        assert (answer.status, answer.json["code"]) == (409, "GUEST_HAS_A_ROOM")


async def test_a_screen_is_turned_off_by_the_host_or_by_itself():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        for is_kicked in (True, False):
            session = (await room.post("ann", "presenter")).json["session"]
            screen = world.http.as_(session["access"])
            if is_kicked:
                assert (await room.post("ann", f"members/{session['id']}/kick")).status == 200
            else:
                assert (await screen.delete(f"/rooms/{room.id}/leave")).status == 204
            assert (await screen.get(f"/rooms/{room.id}")).status == 404
        held = await rooms.require(room.id)
        assert (held.screens, held.roster) == (set(), ["ann", "bob"])


async def test_of_too_many_screens_that_goes_which_was_seen_longest_ago():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        shown: list[str] = []
        for _ in range(SCREENS_MAX):
            session = (await room.post("ann", "presenter")).json["session"]
            shown.append(session["id"])
            await world.clock.advance(minutes=1)
        first, second, *rest = shown
        assert (await caller(world, first).post(f"/rooms/{room.id}/presence")).status == 200
        epoch = (await rooms.require(room.id)).epoch
        new = (await room.post("ann", "presenter")).json["session"]["id"]
        held = await rooms.require(room.id)
        assert held.screens == {first, *rest, new}
        assert (await caller(world, second).get(f"/rooms/{room.id}")).status == 404
        for who, at in ((second, held.epoch), (second, epoch), (first, epoch)):
            with pytest.raises(Forbidden):
                async with world.channel(live).subscribe(
                    as_=Caller(who, who), id=room.id, epoch=at
                ):
                    pass
        for who in (first, new, "bob"):
            async with world.channel(live).subscribe(
                as_=Caller(who, who), id=room.id, epoch=held.epoch
            ):
                pass


async def test_who_may_open_no_screen_turns_none_off():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        for _ in range(SCREENS_MAX):
            await room.post("ann", "presenter")
        before = await rooms.require(room.id)
        assert (await room.post("bob", "presenter")).json["code"] == "NOT_HOST"
        assert await rooms.require(room.id) == before


async def test_screens_are_still_opened_in_the_next_room():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        for _ in range(SCREENS_MAX):
            await room.post("ann", "presenter")
        await room.post("ann", "cancel")
        next_id = (await room.post("ann", "restart")).json["id"]
        answer = await caller(world, "ann").post(f"/rooms/{next_id}/presenter")
        assert answer.status == 201
        held = await rooms.require(next_id)
        assert len(held.screens) == SCREENS_MAX
        assert answer.json["session"]["id"] in held.screens


async def test_a_code_is_in_the_answers_to_members_alone():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        invite = await world.http.get(f"/invites/{room.code}")
        assert room.code not in invite.text
        assert (await room.get("bob")).json["code"] == room.code
        assert (await invites.require(room.code)).room_id == room.id
