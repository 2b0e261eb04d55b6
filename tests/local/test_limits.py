"""How often routes may be called: what the gateway lets through, and what one caller may."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from skylift import Caller
from skylift.app import App
from skylift.cli.load import load, source_of
from skylift.engine.limit import network, whose
from skylift.graph.document import document
from skylift.http import Request
from skylift.resources.limit import Limit
from skylift.testing import running
from tests.apps.desk.app import app
from tests.apps.turnstile.app import app as turnstile
from tests.deploy.apps import APPS

ORDER = {"text": "one", "items_max": 1}


def playing(story: Any, **said: Any) -> None:
    async def play() -> None:
        given: App = app
        async with running(given, **said) as world:
            await story(world)

    asyncio.run(play())


def test_a_caller_is_refused_beyond_his_limit_and_told_when_to_come_again() -> None:
    async def story(world: Any) -> None:
        for left in (2, 1, 0):
            answer = await world.http.get("/hours")
            assert answer.status == 200
            assert answer.headers["ratelimit-policy"] == '"default";q=3;w=60'
            assert answer.headers["ratelimit"] == f'"default";r={left};t=61'
        refused = await world.http.get("/hours")
        assert (refused.status, refused.headers["content-type"]) == (
            429,
            "application/problem+json",
        )
        assert refused.json["detail"] == "ask again in 61 s"
        assert (refused.headers["retry-after"], refused.json["retry_after_s"]) == ("61", 61)
        assert refused.headers["ratelimit"] == '"default";r=0;t=61'
        await world.clock.advance(seconds=61)
        assert (await world.http.get("/hours")).status == 200

    playing(story)


def test_many_at_once_are_no_more(tmp_path: Path) -> None:
    async def story(world: Any) -> None:
        asked = [world.http.get("/hours") for _ in range(20)]
        statuses = [answer.status for answer in await asyncio.gather(*asked)]
        assert sorted(statuses) == [200] * 3 + [429] * 17

    async def afterwards(world: Any) -> None:
        assert (await world.http.get("/hours")).status == 429

    playing(story, path=tmp_path)
    playing(afterwards, path=tmp_path)  # the clock stands as it stood


def test_who_counts_as_one_may_be_said_by_the_app() -> None:
    async def story(world: Any) -> None:
        async def order(key: str) -> int:
            found = await world.http.post("/orders", json=ORDER, headers={"x-api-key": key})
            return found.status

        assert [await order("a") for _ in range(3)] == [200, 200, 429]
        assert await order("b") == 200

    playing(story)


def test_each_caller_is_counted_by_himself_and_strangers_are_not() -> None:
    async def play() -> None:
        async with running(turnstile) as world:
            ann, ben = (world.http.as_(Caller(id, f"{id}@example.com")) for id in ("01", "02"))
            assert [(await world.http.post("/passes")).status for _ in range(3)] == [401] * 3
            assert [(await ann.post("/passes")).status for _ in range(3)] == [200, 200, 429]
            assert (await ben.post("/passes")).status == 200

    asyncio.run(play())


def test_what_is_wrong_counts_as_well() -> None:
    async def story(world: Any) -> None:
        statuses = [(await world.http.post("/orders", json={})).status for _ in range(3)]
        assert statuses == [422, 422, 429]

    playing(story)


def test_a_repeat_of_a_request_counts_and_is_answered_as_before() -> None:
    async def story(world: Any) -> None:
        headers = {"idempotency-key": "k"}
        first = await world.http.post("/orders", json=ORDER, headers=headers)
        second = await world.http.post("/orders", json=ORDER, headers=headers)
        assert (first.status, second.headers["idempotency-replayed"]) == (200, "true")
        assert second.headers["ratelimit"].startswith('"default";r=0')
        third = await world.http.post("/orders", json=ORDER, headers=headers)
        assert third.status == 429

    playing(story)


def test_a_gateway_lets_through_what_its_bucket_holds() -> None:
    async def story(world: Any) -> None:
        statuses = [(await world.http.get("/stock")).status for _ in range(4)]
        assert statuses == [200, 200, 429, 429]
        refused = await world.http.get("/stock")
        assert refused.body == b'{"message":"Too Many Requests"}'
        assert (await world.http.request("HEAD", "/stock")).status == 200, "a route of its own"
        await world.clock.advance(seconds=1)
        assert [(await world.http.get("/stock")).status for _ in range(2)] == [200, 429]
        await world.clock.advance(hours=1)
        assert [(await world.http.get("/stock")).status for _ in range(3)] == [200, 200, 429]
        assert (await world.http.get("/greeting")).status == 200, "so is another"

    playing(story)


def test_what_no_route_takes_has_a_bucket_too() -> None:
    async def story(world: Any) -> None:
        statuses = [(await world.http.get("/nowhere")).status for _ in range(51)]
        assert statuses == [404] * 50 + [429]

    playing(story)


@pytest.mark.parametrize(
    ("ip", "seen"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002"),
        ("2001:db8:1:2::1%eth0", "20010db800010002"),
        ("", ""),
        ("not:an:address", "not:an:address"),
    ],
)
def test_an_address_counts_as_its_network(ip: str, seen: str) -> None:
    assert network(Request("GET", "/", "", {}, b"", ip=ip)) == seen


def test_who_counts_as_one_must_be_a_text_and_is_kept_as_a_digest() -> None:
    request = Request("GET", "/", "", {}, b"", ip="192.0.2.7")
    seen = whose(Limit(1, 1, "ip"), request)
    assert len(seen) == 32
    assert set(seen) <= set("0123456789abcdef")
    wrong: Any = Limit(1, 1, lambda _: 5)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="by= says int"):
        whose(wrong, request)


def test_the_description_says_that_too_many_are_refused() -> None:
    async def story(world: Any) -> None:
        said = (await world.http.get("/_skylift/openapi.json")).json
        found = said["paths"]["/hours"]["get"]["responses"]["429"]
        assert found == {"$ref": "#/components/responses/429"}
        told = said["components"]["responses"]["429"]
        assert set(told["content"]) == {"application/problem+json", "application/json"}
        assert "retry-after" in told["headers"]

    playing(story)


def test_a_graph_shows_both() -> None:
    said = document(load(source_of(str(APPS["desk"]))), seen_from=Path.cwd())
    triggers = {one["name"]: one["trigger"] for one in said["functions"]}
    assert triggers["desk.hours"]["limited"] == "3 in 60 s by ip"
    assert triggers["desk.stock"]["throttled"] == "1/s, 2 at once"
