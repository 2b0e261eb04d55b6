"""Signing in and out, through the public door. S10 of the specification is here."""

from __future__ import annotations

from asyncio import gather
from typing import Any

import pytest

from skylift.testing import World, running
from trinity.app import app
from trinity.people import new_guest, people

from .accounts import PASSWORD, code_of, registered, signed_in

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
    ("/auth/refresh", {"refresh": "x" * 9_000}, 401, "TOKEN_INVALID"),
    ("/auth/logout", {"refresh": "x" * 9_000}, 401, "TOKEN_INVALID"),
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
        assert locked.headers["retry-after"] == str(locked.json["retry_after_s"])
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


async def test_s10_a_refresh_token_that_comes_again_signs_out_every_session_and_access_lives_out():
    """S10, A13.14. The thief and the owner have the same token; neither goes on with it."""
    async with running(app) as world:
        phone = await registered(world, ANN, "Ann")
        laptop = await signed_in(world, ANN)
        stolen = {"refresh": phone["refresh"]}
        fresh = (await world.http.post("/auth/refresh", json=stolen)).json
        await world.clock.advance(seconds=31)  # until then it is the repeat of a lost answer
        reused = await world.http.post("/auth/refresh", json=stolen)
        assert (reused.status, reused.json["code"]) == (401, "SESSION_EXPIRED")
        for session in (fresh, laptop):
            over = await world.http.post("/auth/refresh", json={"refresh": session["refresh"]})
            assert (over.status, over.json["code"]) == (401, "SESSION_EXPIRED")
        ann = world.http.as_(fresh["access"])
        await world.clock.advance(seconds=899 - 31)
        assert (await ann.get("/users/profile")).status == 200
        await world.clock.advance(seconds=6)  # clocks differ by five
        assert (await ann.get("/users/profile")).status == 401
        assert (await signed_in(world, ANN))["id"] == phone["id"]


async def test_a_guest_whose_refresh_was_lost_on_the_way_repeats_it_and_stays():
    async with running(app) as world:
        guest = await new_guest("Eve")
        answers = await gather(
            *(world.http.post("/auth/refresh", json={"refresh": guest.refresh}) for _ in "ab")
        )
        assert [answer.status for answer in answers] == [200, 200]
        await world.clock.advance(seconds=800)
        goes_on = {"refresh": answers[1].json["refresh"]}
        assert (await world.http.post("/auth/refresh", json=goes_on)).json["id"] == guest.id


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


async def test_a_registration_that_is_repeated_because_its_answer_was_lost_is_one():
    async with running(app) as world:
        new = {"email": ANN, "password": PASSWORD, "name": "Ann"}
        key = {"idempotency-key": "k1"}
        first = await world.http.post("/auth/register", json=new, headers=key)
        assert first.json == (await world.http.post("/auth/register", json=new, headers=key)).json
        assert len(await world.mail(ANN)) == 1


async def test_nothing_is_open_but_signing_in_and_looking_at_an_invitation():
    """A13.14. No route for a developer's convenience, and none that was left open by mistake."""
    async with running(app) as world:
        document = (await world.http.get("/_skylift/openapi.json")).json
        routes = {
            f"{method} {path}": route.get("security", [])
            for path, methods in document["paths"].items()
            for method, route in methods.items()
        }
        signing_in = ("register", "confirm", "resend", "login", "refresh", "logout", "forgot")
        closed: list[dict[str, list[str]]] = [{"members": []}]
        assert {route for route, security in routes.items() if not security} == {
            *(f"post /auth/{deed}" for deed in (*signing_in, "reset")),
            "get /invites/{code}",
        }
        assert {route for route, security in routes.items() if security not in ([], closed)} == {
            "post /rooms/join-by-code"
        }
        for route in routes:
            assert "debug" not in route, route
