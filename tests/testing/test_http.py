"""`world.http`: requests without a socket, answered as a client would be answered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from skylift import App
from skylift.testing import running
from tests.testing import doors, jobs
from tests.testing.jobs import Job

app = App("jobs", jobs)


async def test_a_request_is_answered_by_its_route() -> None:
    async with running(app) as world:
        answer = await world.http.post(
            "/echo", json=Job("x"), query={"more": "a&b ü", "flag": True}
        )
    assert (answer.status, answer.json) == (200, {"name": "x", "more": "a&b ü", "flag": True})
    assert answer.headers["content-type"] == "application/json"


async def test_a_query_in_the_path_and_one_beside_it_are_joined() -> None:
    async with running(app) as world:
        answer = await world.http.post(
            "/echo?more=path", body='{"name": "x"}', query={"flag": False}
        )
    assert answer.json == {"name": "x", "more": "path", "flag": False}


async def test_a_wrong_request_is_answered_as_a_client_would_see_it() -> None:
    async with running(app) as world:
        assert (await world.http.get("/nowhere")).status == 404
        assert (await world.http.request("DELETE", "/echo")).headers["allow"] == "POST"
        assert (await world.http.post("/echo", body="{")).status == 400
        assert (await world.http.post("/echo", body=b"x" * 7_000_000)).status == 413
        refused = await world.http.post("/echo", json={"name": 5})
    assert (refused.status, refused.json["title"]) == (422, "Unprocessable Content")


async def test_a_path_begins_with_a_slash_and_a_request_has_one_body() -> None:
    async with running(app) as world:
        with pytest.raises(ValueError, match="begins with a slash"):
            await world.http.get("echo")
        with pytest.raises(TypeError, match="one body"):
            await world.http.post("/echo", json=1, body="1")


async def test_a_handler_that_raises_is_a_500_and_a_failure_with_its_line() -> None:
    async with running(app) as world:
        answer = await world.http.get("/boom")
        assert answer.status == 500
        assert "boom" not in answer.text
        (failure,) = world.failures
    assert (failure.function, failure.text) == ("jobs.boom", "ValueError: boom")
    assert 'raise ValueError("boom")' in failure.exception


async def test_a_handler_that_sleeps_for_ever_is_a_503_at_its_deadline() -> None:
    async with running(app) as world:
        began = world.clock.now()
        answer = await world.http.get("/sleep")
        assert (answer.status, answer.json) == (503, {"message": "Service Unavailable"})
        assert world.clock.now() - began == timedelta(seconds=7)
        assert "did not finish within 7 s" in world.failures[0].text


async def test_a_request_waits_for_what_the_test_does() -> None:
    async with running(app) as world:
        answer = asyncio.create_task(world.http.get("/wait"))
        await asyncio.sleep(0.01)
        jobs.gate.set()
        assert (await answer).json == "through"
        assert world.clock.now() == datetime(2061, 7, 28, 12, tzinfo=UTC)


async def test_more_requests_than_may_run_at_a_time_are_refused() -> None:
    async with running(app) as world:
        answers = await asyncio.gather(*[world.http.get("/alone") for _ in range(3)])
        assert [answer.status for answer in answers] == [200, 503, 503]
        assert (await world.http.get("/alone")).status == 200


async def test_a_task_that_was_left_running_is_a_failure() -> None:
    async with running(app) as world:
        assert (await world.http.get("/forgetful")).status == 500
        assert "left running" in world.failures[0].text


async def test_of_several_apis_one_is_named() -> None:
    async with running(App("doors", doors)) as world:
        assert (await world.api("front").get("/")).json == "front"
        assert (await world.api(doors.back).get("/")).json == "back"
        with pytest.raises(LookupError, match="'front', 'back'"):
            _ = world.http
        with pytest.raises(LookupError, match="no Api 'side'"):
            world.api("side")


async def test_the_gateway_answers_preflights_and_decides_about_cors() -> None:
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    async with running(App("doors", doors)) as world:
        asked = await world.api("front").request("OPTIONS", "/", headers=headers)
        got = await world.api("front").get("/", headers={"origin": "https://shop.example"})
    assert (asked.status, asked.headers["access-control-allow-methods"]) == (204, "GET,POST")
    assert got.headers["access-control-allow-origin"] == "https://shop.example"


async def test_a_header_that_comes_twice_is_joined() -> None:
    async with running(App("doors", doors)) as world:
        assert (await world.api("front").get("/varied")).headers["vary"] == "accept, origin"


async def test_cookies_are_listed_and_a_head_has_no_body() -> None:
    async with running(App("doors", doors)) as world:
        signed_in = await world.api("front").post("/sessions")
        head = await world.api("front").request("HEAD", "/")
    assert signed_in.cookies == ["a=1; HttpOnly", "b=2"]
    assert "set-cookie" not in signed_in.headers
    assert (head.status, head.body) == (200, b"")
