"""Routes that ask who calls, in an app that runs here: who is let in, what the others are told, and
that an answer is nobody else's.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from skylift import Caller
from skylift.testing import World, running
from skylift.token import keys_of
from tests.apps.club.app import app

ANN, BOB, PASSWORD = "ann@example.com", "bob@example.com", "correct horse"
UNAUTHORIZED = b'{"message":"Unauthorized"}'


async def joined(world: World, email: str = ANN) -> Any:
    """The tokens of somebody who went the whole way."""
    who = {"email": email, "password": PASSWORD}
    answer = await world.http.post("/register", json=who)
    assert answer.status == 202
    code = (await world.mail(email))[-1].body[:6]
    answer = await world.http.post("/confirm", json={"id": answer.json["id"], "code": code})
    assert answer.status == 204
    answer = await world.http.post("/login", json=who)
    assert answer.status == 200
    return answer.json


async def test_who_has_signed_in_is_let_in() -> None:
    async with running(app) as world:
        tokens = await joined(world)
        answer = await world.http.as_(tokens["access"]).get("/me")
        assert (answer.status, answer.json["email"]) == (200, ANN)
        headers = {"authorization": f"bearer {tokens['access']}"}
        assert (await world.http.get("/me", headers=headers)).status == 200
        assert world.failures == []


@pytest.mark.parametrize(
    "said",
    [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YTpi", "Bearer  {token}", "{token}"],
)
@pytest.mark.parametrize("path", ["/me", "/hello"])
async def test_who_brings_no_token_or_a_wrong_one_is_told_so_by_the_gateway(
    path: str, said: str | None
) -> None:
    async with running(app) as world:
        tokens = await joined(world)
        headers = {} if said is None else {"authorization": said.format(token=tokens["access"])}
        answer = await world.http.get(path, headers=headers)
        if path == "/hello" and said is None:
            assert answer.json["text"] == "hello, whoever you are"
            return
        assert (answer.status, answer.body) == (401, UNAUTHORIZED)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/json"


async def test_the_handler_is_not_invoked_for_strangers() -> None:
    async with running(app) as world:
        await world.http.get("/me")
        await world.http.post("/upgrade", json={"no": "such field"})
        assert [one for one in world.traces if "me" in str(one)] == []


async def test_an_open_route_looks_at_no_token() -> None:
    async with running(app) as world:
        headers = {"authorization": "Bearer nonsense"}
        answer = await world.http.get("/open", headers=headers)
        assert (answer.status, answer.json["text"]) == (200, "open")


async def test_an_optional_caller_is_known_when_he_says_so() -> None:
    async with running(app) as world:
        ann = Caller("01", ANN, ("staff",))
        answer = await world.http.as_(ann).get("/hello")
        assert answer.json == {"text": f"hello, {ann.username}", "groups": ["staff"]}


async def test_a_test_calls_as_anybody() -> None:
    async with running(app) as world:
        assert (await world.http.as_(Caller("01", ANN)).get("/staff")).status == 403
        assert (await world.http.as_(Caller("01", ANN, ("staff",))).get("/staff")).status == 200
        assert (await world.http.get("/staff")).status == 401


async def test_a_head_is_asked_like_its_get_and_a_lost_path_is_not() -> None:
    async with running(app) as world:
        assert (await world.http.request("HEAD", "/me")).status == 401
        assert (await world.http.get("/nowhere")).status == 404
        assert (await world.http.post("/me")).status == 405
        assert (await world.http.get("/_skylift/health")).status == 200


async def test_a_token_ends_with_its_time() -> None:
    async with running(app) as world:
        tokens = await joined(world)
        client = world.http.as_(tokens["access"])
        await world.clock.advance(minutes=14)
        assert (await client.get("/me")).status == 200
        await world.clock.advance(minutes=2)
        assert (await client.get("/me")).status == 401
        answer = await world.http.post("/refresh", json={"refresh": tokens["refresh"]})
        assert (await world.http.as_(answer.json["access"]).get("/me")).status == 200


async def test_a_refresh_token_is_no_access_token_and_the_other_way_round() -> None:
    async with running(app) as world:
        tokens = await joined(world)
        assert (await world.http.as_(tokens["refresh"]).get("/me")).status == 401
        answer = await world.http.post("/refresh", json={"refresh": tokens["access"]})
        assert answer.status == 401


async def test_a_thief_and_his_victim_are_both_signed_out() -> None:
    async with running(app) as world:
        tokens = await joined(world)
        given = {"refresh": tokens["refresh"]}
        thief = await world.http.post("/refresh", json=given)
        assert thief.status == 200
        await world.clock.advance(seconds=31)
        assert (await world.http.post("/refresh", json=given)).status == 401
        again = {"refresh": thief.json["refresh"]}
        assert (await world.http.post("/refresh", json=again)).status == 401


async def test_tokens_of_another_app_are_not_taken() -> None:
    async with running(app) as world:
        foreign = (await joined(world))["access"]
        head, body, signature = foreign.split(".")
        for wrong in (f"{head}.{body}.", f"{head}.{body}.{signature[::-1]}", f"{body}.{head}.x"):
            assert (await world.http.as_(wrong).get("/me")).status == 401


async def test_an_answer_that_is_kept_is_its_callers_own() -> None:
    async with running(app) as world:
        ann, bob = world.http.as_(Caller("01", ANN)), world.http.as_(Caller("02", BOB))
        key = {"idempotency-key": "same"}
        first = await ann.post("/orders", headers=key)
        assert (await ann.post("/orders", headers=key)).headers["idempotency-replayed"] == "true"
        other = await bob.post("/orders", headers=key)
        assert "idempotency-replayed" not in other.headers
        assert (first.json["text"], other.json["text"]) == ("ordered by 01", "ordered by 02")


async def test_a_guest_keeps_his_id() -> None:
    async with running(app) as world:
        guest = (await world.http.post("/guests", json={"name": "Bob"})).json
        client = world.http.as_(guest["access"])
        to = {"email": BOB, "password": PASSWORD}
        assert (await client.post("/upgrade", json=to)).status == 204
        code = (await world.mail(BOB))[-1].body[:6]
        await world.http.post("/confirm", json={"id": guest["id"], "code": code})
        answer = await world.http.post("/login", json=to)
        assert answer.json["id"] == guest["id"]
        assert (await client.get("/me")).json["email"] == BOB


async def test_everybody_may_know_the_keys() -> None:
    async with running(app) as world:
        home = "/_skylift/users/members/.well-known"
        said = (await world.http.get(f"{home}/openid-configuration", headers={"host": "h:1"})).json
        assert said["jwks_uri"] == f"http://h:1{home}/jwks.json"
        answer = await world.http.get(f"{home}/jwks.json")
        assert len(keys_of(answer.body)) == 1
        tokens = await joined(world)
        body = tokens["access"].split(".")[1]
        from skylift.token import decoded

        assert json.loads(decoded(body.encode()))["iss"] == said["issuer"]
        for path in (f"{home}/", f"{home}/x", "/_skylift/users/others/.well-known/jwks.json"):
            assert (await world.http.get(path)).status == 404
        assert (await world.http.post(f"{home}/jwks.json")).status == 405
        assert (await world.http.request("HEAD", f"{home}/jwks.json")).status == 200
        strange = {"host": 'evil"><script>'}
        told = await world.http.get(f"{home}/openid-configuration", headers=strange)
        assert told.json["jwks_uri"].startswith("http://localhost/")


async def test_the_description_says_whose_tokens_a_route_takes() -> None:
    async with running(app) as world:
        told = (await world.http.get("/_skylift/openapi.json")).json
        assert told["components"]["securitySchemes"]["members"]["scheme"] == "bearer"
        assert told["paths"]["/me"]["get"]["security"] == [{"members": []}]
        assert told["paths"]["/hello"]["get"]["security"] == [{}, {"members": []}]
        assert "security" not in told["paths"]["/open"]["get"]
        assert "401" in told["paths"]["/me"]["get"]["responses"]


async def test_to_call_as_somebody_means_nothing_where_nobody_is_asked() -> None:
    from tests.apps.rooms.app import app as rooms

    async with running(rooms) as world:
        with pytest.raises(LookupError, match="asks who calls"):
            await world.http.as_(Caller("01", ANN)).get("/rooms")


async def test_nothing_secret_is_in_logs_traces_or_the_state() -> None:
    async with running(app) as world:
        tokens = await joined(world)
        await world.http.as_(tokens["access"]).get("/me")
        told = f"{world.logs}{world.traces}"
        rows = str(
            [
                world._parts.backend.database.execute(f'SELECT * FROM "{table}:members"').fetchall()  # pyright: ignore[reportPrivateUsage]
                for table in ("users", "codes", "sessions", "turns", "tries")
            ]
        )
        for secret in (PASSWORD, tokens["access"], tokens["refresh"]):
            assert secret not in told
            assert secret not in rows
