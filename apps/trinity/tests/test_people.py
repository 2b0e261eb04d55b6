"""Guests, who they become, and what people say of themselves."""

from __future__ import annotations

from skylift.testing import running
from trinity.app import app
from trinity.decks import titles_of
from trinity.people import members, new_guest, people
from trinity.rooms import seats

from .accounts import PASSWORD, code_of, guest_in, registered, room_of, signed_in

ANN, BOB = "ann@example.com", "bob@example.com"


async def test_a_guest_becomes_a_member_under_his_id_with_his_seat_and_his_votes():
    async with running(app) as world:
        host = await registered(world, ANN, "Ann")
        room = await room_of(world, host)
        guest = await guest_in(world, room["code"], "Bobby")
        await world.http.as_(host["access"]).post(f"/rooms/{room['id']}/start")
        bob = world.http.as_(guest["access"])
        vote = {"title_id": (await titles_of(room["id"]))[0].id, "choice": "like"}
        assert (await bob.post(f"/rooms/{room['id']}/votes", json=vote)).status == 200
        await world.settle()  # his seats are found by an index

        wanted = {"email": BOB, "password": PASSWORD, "name": "Bob"}
        waiting = await bob.post("/auth/upgrade", json=wanted)
        assert (waiting.status, waiting.json["id"]) == (202, guest["id"])
        given = {"id": guest["id"], "code": await code_of(world, BOB)}
        assert (await world.http.post("/auth/confirm", json=given)).status == 204
        await world.settle()

        goes_on = await world.http.post("/auth/refresh", json={"refresh": guest["refresh"]})
        assert (goes_on.json["id"], goes_on.json["is_guest"]) == (guest["id"], False)
        member = await signed_in(world, BOB)
        assert (member["id"], member["name"], member["is_guest"]) == (guest["id"], "Bob", False)
        seat = await seats.require(room["id"], guest["id"])
        assert (seat.name, seat.voted) == ("Bob", 1)
        again = await world.http.as_(member["access"]).post(f"/rooms/{room['id']}/votes", json=vote)
        assert again.json["progress"]["voted"] == 1
        await world.clock.advance(days=32)
        assert (await signed_in(world, BOB))["id"] == guest["id"]


async def test_only_a_guest_becomes_a_member():
    async with running(app) as world:
        ann = await registered(world, ANN, "Ann")
        wanted = {"email": BOB, "password": PASSWORD}
        answer = await world.http.as_(ann["access"]).post("/auth/upgrade", json=wanted)
        assert (answer.status, answer.json["code"]) == (409, "NOT_A_GUEST")


async def test_a_guest_does_not_become_somebody_else_who_has_the_address():
    async with running(app) as world:
        await registered(world, ANN, "Ann")
        guest = await new_guest("Eve")
        eve = world.http.as_(guest.access)
        wanted = {"email": ANN, "password": "Evil-horse-6"}
        assert (await eve.post("/auth/upgrade", json=wanted)).status == 202
        assert "already" in (await world.mail(ANN))[-1].subject
        assert (await eve.get("/users/profile")).json["is_guest"] is True


async def test_a_guest_whose_time_is_over_is_forgotten():
    async with running(app) as world:
        guest = await new_guest("Eve")
        await world.clock.advance(days=32)
        await world.settle()
        assert await people.get(guest.id) is None
        assert await members.get(guest.id) is None


async def test_a_crash_after_the_confirmation_leaves_no_member_a_guest():
    async with running(app) as world:
        guest = await new_guest("Bobby")
        wanted = {"email": BOB, "password": PASSWORD}
        await world.http.as_(guest.access).post("/auth/upgrade", json=wanted)
        await members.confirm(guest.id, await code_of(world, BOB))  # and no more than that
        assert (await signed_in(world, BOB))["is_guest"] is False
        await world.clock.advance(days=32)
        await world.settle()
        assert (await signed_in(world, BOB))["name"] == "Bobby"


async def test_a_profile_keeps_what_is_not_said_and_refuses_rubbish():
    async with running(app) as world:
        ann = world.http.as_((await registered(world, ANN, "Ann"))["access"])
        wanted = {"language": "es", "theme": "dark", "notify": False, "genres": ["drama"]}
        profile = (await ann.put("/users/profile", json=wanted)).json
        assert (profile["name"], profile["language"], profile["notify"]) == ("Ann", "es", False)
        for rubbish in (
            {"name": ""},
            {"name": "x" * 100_000},
            {"language": "xx"},
            {"theme": 3},
            {"genres": ["x"] * 21},
            {"genres": [""]},
            {"is_guest": False},
            {"id": "another"},
        ):
            assert (await ann.put("/users/profile", json=rubbish)).status == 422, rubbish
        assert (await ann.get("/users/profile")).json == profile


async def test_a_profile_is_nobody_elses():
    async with running(app) as world:
        assert (await world.http.get("/users/profile")).status == 401
        assert (await world.http.put("/users/profile", json={"name": "X"})).status == 401


async def test_a_guest_of_one_room_sees_nothing_of_another():
    async with running(app) as world:
        host = await registered(world, ANN, "Ann")
        mine, other = await room_of(world, host), await room_of(world, host)
        eve = world.http.as_((await guest_in(world, mine["code"], "Eve"))["access"])
        for path in ("", "/deck", "/results", "/progress", "/stats", "/events", "/live", "/polls"):
            answer = await eve.get(f"/rooms/{other['id']}{path}")
            assert (answer.status, answer.json["code"]) == (404, "NO_ROOM"), path
