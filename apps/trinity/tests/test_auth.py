"""Signing in and out, through the public door. S10 of the specification is here."""

from __future__ import annotations

from asyncio import gather
from typing import Any

import pytest

from skylift.testing import World, running
from trinity.app import app
from trinity.decks import titles_of
from trinity.people import members, new_guest, people
from trinity.rooms import seats

from .accounts import PASSWORD, code_of, guest_in, registered, room_of, signed_in

ANN, BOB = "ann@example.com", "bob@example.com"


async def test_who_registers_and_confirms_signs_in_and_is_shown_by_his_name():
    async with running(app) as world:
        ann = await registered(world, ANN, "Ann")
        assert (ann["name"], ann["is_guest"], ann["expires_in"]) == ("Ann", False, 900)
        profile = await world.http.as_(ann["access"]).get("/users/profile")
        assert profile.json == {
            "id": ann["id"],
            "name": "Ann",
            "email": ANN,
            "is_guest": False,
            "language": "en",
            "theme": "system",
            "notify": True,
            "genres": [],
        }


async def test_nobody_signs_in_before_he_has_confirmed():
    async with running(app) as world:
        new = {"email": ANN, "password": PASSWORD, "name": "Ann"}
        assert (await world.http.post("/auth/register", json=new)).status == 202
        answer = await world.http.post("/auth/login", json={"email": ANN, "password": PASSWORD})
        assert (answer.status, answer.json["code"]) == (401, "AUTH_INVALID_CREDENTIALS")


async def test_who_never_confirms_leaves_nothing_and_the_address_is_free():
    async with running(app) as world:
        new = {"email": ANN, "password": PASSWORD, "name": "Ann"}
        id = (await world.http.post("/auth/register", json=new)).json["id"]
        await world.clock.advance(days=3)
        assert await people.get(id) is None
        assert (await registered(world, ANN, "Another Ann"))["name"] == "Another Ann"


REFUSED = [
    ("/auth/register", {"email": "ann", "password": PASSWORD, "name": "A"}, 422, "EMAIL_WRONG"),
    ("/auth/register", {"email": ANN, "password": "short", "name": "A"}, 422, "PASSWORD_WEAK"),
    ("/auth/register", {"email": ANN, "password": "alllower1", "name": "A"}, 422, "PASSWORD_WEAK"),
    ("/auth/register", {"email": ANN, "password": PASSWORD, "name": " \u200b "}, 422, "NAME_WRONG"),
    ("/auth/register", {"email": ANN, "password": PASSWORD, "name": "x" * 41}, 422, "NAME_WRONG"),
    ("/auth/confirm", {"id": "nobody", "code": "123456"}, 422, "CODE_WRONG"),
    ("/auth/confirm", {"id": "nobody", "code": "12345x"}, 422, "CODE_WRONG"),
    ("/auth/resend", {"id": ""}, 422, "ID_WRONG"),
    ("/auth/login", {"email": ANN, "password": "no"}, 401, "AUTH_INVALID_CREDENTIALS"),
    ("/auth/login", {"email": "@", "password": "no"}, 422, "EMAIL_WRONG"),
    ("/auth/refresh", {"refresh": "made up"}, 401, "SESSION_EXPIRED"),
    ("/auth/refresh", {"refresh": "x" * 9_000}, 422, "TOKEN_INVALID"),
    ("/auth/forgot", {"email": "no address"}, 422, "EMAIL_WRONG"),
    ("/auth/reset", {"email": ANN, "code": "123456", "password": PASSWORD}, 422, "CODE_WRONG"),
    ("/auth/reset", {"email": ANN, "code": "123456", "password": "weak"}, 422, "PASSWORD_WEAK"),
]


@pytest.mark.parametrize(("path", "body", "status", "code"), REFUSED)
async def test_each_refusal_has_a_word_for_programs(
    path: str, body: dict[str, str], status: int, code: str
):
    async with running(app) as world:
        answer = await world.http.post(path, json=body)
        assert (answer.status, answer.json.get("code")) == (status, code)


async def asked(world: World, path: str, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """The answer, less the id, which is another each time."""
    answer = await world.http.post(path, json=body)
    told: dict[str, Any] = answer.json if answer.body else {}
    return answer.status, told | {"id": "*"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/register", {"password": PASSWORD, "name": "A"}),
        ("/auth/login", {"password": "Wrong-horse-8"}),
        ("/auth/forgot", {}),
        ("/auth/reset", {"code": "000000", "password": PASSWORD}),
    ],
)
async def test_no_answer_tells_whether_an_address_is_known(path: str, body: dict[str, str]):
    async with running(app) as world:
        await registered(world, ANN, "Ann")
        await world.clock.advance(hours=1)  # mails are counted by the hour, and she has had one
        for _ in range(8):  # into the waits too, which both have
            known = await asked(world, path, {"email": ANN} | body)
            assert known == await asked(world, path, {"email": "none@example.com"} | body)


async def test_who_registers_a_known_address_gets_no_code_and_its_owner_a_note():
    async with running(app) as world:
        await registered(world, ANN, "Ann")
        new = {"email": ANN, "password": "Other-horse-8", "name": "Eve"}
        assert (await world.http.post("/auth/register", json=new)).status == 202
        assert "already" in (await world.mail(ANN))[-1].subject
        assert (await signed_in(world, ANN))["name"] == "Ann"


async def test_another_code_may_be_asked_for_and_the_first_is_over():
    async with running(app) as world:
        new = {"email": ANN, "password": PASSWORD, "name": "Ann"}
        id = (await world.http.post("/auth/register", json=new)).json["id"]
        first = await code_of(world, ANN)
        assert (await world.http.post("/auth/resend", json={"id": id})).status == 204
        old = await world.http.post("/auth/confirm", json={"id": id, "code": first})
        assert old.json["code"] == "CODE_WRONG"
        given = {"id": id, "code": await code_of(world, ANN)}
        assert (await world.http.post("/auth/confirm", json=given)).status == 204


async def test_after_five_wrong_passwords_the_right_one_waits_too():
    async with running(app) as world:
        await registered(world, ANN, "Ann")
        wrong, right = {"email": ANN, "password": "no"}, {"email": ANN, "password": PASSWORD}
        for _ in range(5):
            assert (await world.http.post("/auth/login", json=wrong)).status == 401
        locked = await world.http.post("/auth/login", json=right)
        assert (locked.status, locked.json["code"]) == (429, "ACCOUNT_LOCKED")
        await world.clock.advance(seconds=locked.json["retry_after_s"])
        assert (await world.http.post("/auth/login", json=right)).status == 200


async def test_a_household_signs_in_from_one_address_and_a_machine_does_not_try_a_thousand():
    async with running(app) as world:
        answers = [
            await world.http.post(
                "/auth/login", json={"email": f"{number}@example.com", "password": "Guess-1234"}
            )
            for number in range(21)
        ]
        assert [answer.status for answer in answers] == [401] * 20 + [429]


async def test_a_refresh_token_that_comes_again_signs_out_every_session_and_access_lives_out():
    """S10. The thief and the owner have the same token; neither goes on with it."""
    async with running(app) as world:
        phone = await registered(world, ANN, "Ann")
        laptop = await signed_in(world, ANN)
        stolen = {"refresh": phone["refresh"]}
        fresh = (await world.http.post("/auth/refresh", json=stolen)).json
        reused = await world.http.post("/auth/refresh", json=stolen)
        assert (reused.status, reused.json["code"]) == (401, "SESSION_EXPIRED")
        for session in (fresh, laptop):
            over = await world.http.post("/auth/refresh", json={"refresh": session["refresh"]})
            assert (over.status, over.json["code"]) == (401, "SESSION_EXPIRED")
        ann = world.http.as_(fresh["access"])
        await world.clock.advance(seconds=899)
        assert (await ann.get("/users/profile")).status == 200
        await world.clock.advance(seconds=6)  # clocks differ by five
        assert (await ann.get("/users/profile")).status == 401
        assert (await signed_in(world, ANN))["id"] == phone["id"]


async def test_two_refreshes_of_one_token_at_once_are_one_and_a_reuse():
    async with running(app) as world:
        ann = await registered(world, ANN, "Ann")
        answers = await gather(
            *(world.http.post("/auth/refresh", json={"refresh": ann["refresh"]}) for _ in range(2))
        )
        assert sorted(answer.status for answer in answers) == [200, 401]


async def test_who_signs_out_does_not_come_back_and_his_other_device_stays():
    async with running(app) as world:
        phone, laptop = await registered(world, ANN, "Ann"), await signed_in(world, ANN)
        gone = {"refresh": phone["refresh"]}
        assert (await world.http.post("/auth/logout", json=gone)).status == 204
        assert (await world.http.post("/auth/logout", json=gone)).status == 204
        assert (await world.http.post("/auth/refresh", json=gone)).status == 401
        stays = {"refresh": laptop["refresh"]}
        assert (await world.http.post("/auth/refresh", json=stays)).status == 200


async def test_another_password_signs_out_everywhere_and_its_code_is_good_once():
    async with running(app) as world:
        ann = await registered(world, ANN, "Ann")
        assert (await world.http.post("/auth/forgot", json={"email": ANN})).status == 202
        given = {"email": ANN, "code": await code_of(world, ANN), "password": "New-horse-88"}
        assert (await world.http.post("/auth/reset", json=given)).status == 204
        assert (await world.http.post("/auth/reset", json=given)).json["code"] == "CODE_WRONG"
        old = await world.http.post("/auth/refresh", json={"refresh": ann["refresh"]})
        assert old.status == 401
        assert (await signed_in(world, ANN, "New-horse-88"))["id"] == ann["id"]


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
