"""What can become of a request once it has arrived whole."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from skylift import AccessDenied, DeclarationError, Expired
from skylift.graph.build import build
from tests.unit.written_app import loaded, written

from . import routes
from .answering import Asked, asking

GATEWAY_503 = b'{"message":"Service Unavailable"}'


def test_what_was_written_is_read() -> None:
    async def test(ask: Asked) -> None:
        made = await ask.post("/things", {"id": "a", "count": 2})
        assert (made.status, made.json) == (201, {"id": "a", "count": 2})
        assert (await ask.get("/things/a")).json == {"id": "a", "count": 2}
        assert (await ask.get("/pair?a=a&b=zz")).json == [{"id": "a", "count": 2}, None]

    asking(routes, test)


def test_none_is_204_without_a_body() -> None:
    async def test(ask: Asked) -> None:
        assert await ask.get("/none") == (204, [], b"")
        assert (await ask("DELETE", "/things/zz")).status == 204

    asking(routes, test)


def test_a_second_create_is_a_409_problem() -> None:
    async def test(ask: Asked) -> None:
        await ask.post("/things", {"id": "a"})
        again = await ask.post("/things", {"id": "a"})
        assert again.status == 409
        assert again.headers == [("content-type", "application/problem+json")]
        assert again.json["title"] == "Conflict"

    asking(routes, test)


def test_an_error_carries_what_the_author_adds() -> None:
    async def test(ask: Asked) -> None:
        full = await ask.get("/conflict")
        assert full.json == {
            "type": "about:blank",
            "title": "Conflict",
            "status": 409,
            "detail": "the room is full",
            "code": "ROOM_FULL",
        }
        assert (await ask.get("/invalid")).json["errors"] == ["of the author's"]
        assert (await ask.get("/unavailable")).status == 503

    asking(routes, test)


def test_every_wrong_field_is_named_at_once() -> None:
    async def test(ask: Asked) -> None:
        wrong = await ask.post("/things", {"id": 5, "count": -1, "nmae": 1})
        assert wrong.status == 422
        assert {one["pointer"] for one in wrong.json["errors"]} == {"/id", "/count", "/nmae"}
        missing = await ask.get("/pair?b=1&b=2")
        assert {one["pointer"] for one in missing.json["errors"]} == {"a", "b"}

    asking(routes, test)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"id":"\xff"}', 400),
        (b'{"id":"a"} x', 400),
        (b"[" * 100_000, 400),
        (b'{"id":"a","count":1e999}', 422),
        (b'{"id":"a","count":' + b"9" * 5000 + b"}", 422),
        (b'{"id":"a","count":' + b"9" * 50 + b"}", 422),
        (b'{"id":"a","count":NaN}', 400),
        (b'{"id":"\\ud800"}', 400),
        (b"null", 422),
        (b'"text"', 422),
    ],
)
def test_a_body_that_is_no_json_is_400_and_one_that_does_not_fit_is_422(
    body: bytes, status: int
) -> None:
    async def test(ask: Asked) -> None:
        answer = await ask.post("/things", body)
        assert answer.status == status, answer
        assert answer.headers[0] == ("content-type", "application/problem+json")
        assert not ask.failures.told

    asking(routes, test)


def test_a_body_that_says_it_is_something_else_is_415() -> None:
    async def test(ask: Asked) -> None:
        body = b'{"id":"a"}'
        assert (await ask.post("/things", body, content_type="text/plain")).status == 415
        for kind in ("application/json; charset=utf-8", "Application/JSON", "application/x+json"):
            await ask("DELETE", "/things/a")
            assert (await ask.post("/things", body, content_type=kind)).status == 201

    asking(routes, test)


def test_a_path_that_is_no_utf8_is_400() -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/things/%ff")).status == 400
        assert (await ask.get("/pair?a=%ff&b=1")).status == 400

    asking(routes, test)


def test_an_unknown_path_is_404_and_another_method_is_405_with_allow() -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/nothing")).status == 404
        other = await ask("PATCH", "/things/a")
        assert other.status == 405
        assert ("allow", "DELETE, GET, HEAD") in other.headers

    asking(routes, test)


def test_a_bug_is_500_without_a_word_and_told_to_the_terminal() -> None:
    async def test(ask: Asked) -> None:
        answer = await ask.get("/bug")
        assert (answer.status, answer.json) == (
            500,
            {"type": "about:blank", "title": "Internal Server Error", "status": 500},
        )
        assert isinstance(ask.failures.told[0], KeyError)
        assert (await ask.get("/unwritable")).status == 500
        assert len(ask.failures.told) == 2

    asking(routes, test)


def test_a_verb_the_code_does_not_show_is_denied_and_the_log_says_how_to_allow_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test(ask: Asked) -> None:
        monkeypatch.setattr(routes, "SNEAKY", routes.secret.put)
        answer = await ask.get("/sneaky")
        assert (answer.status, b"secret" in answer.body) == (500, False)
        (error,) = ask.failures.told
        assert isinstance(error, AccessDenied)
        assert "routes.sneaky may not secret.put" in str(error)
        assert "uses=(secret.put,)" in str(error)

    asking(routes, test)


def test_past_its_deadline_an_invocation_is_dead() -> None:
    async def test(ask: Asked) -> None:
        routes.seen.clear()
        answer = await ask.get("/slow")
        assert (answer.status, answer.body) == (503, GATEWAY_503)
        assert [type(one) for one in routes.seen] == [Expired]
        assert (await ask.get("/things/written%20too%20late")).status == 404

    asking(routes, test)


def test_an_answer_after_the_deadline_is_dropped() -> None:
    async def test(ask: Asked) -> None:
        routes.seen.clear()
        answer = await ask.get("/stubborn")
        assert (answer.status, answer.body) == (503, GATEWAY_503)
        assert routes.seen == ["cancelled"]

    asking(routes, test)


def test_a_time_out_is_told_to_the_terminal() -> None:
    async def test(ask: Asked) -> None:
        await ask.get("/slow")
        (error,) = ask.failures.told
        assert str(error) == "routes.slow did not finish within 0.1 s"
        assert isinstance(error.__cause__, asyncio.CancelledError)  # it knows where that was

    asking(routes, test)


def test_a_transaction_that_ends_after_the_deadline_sends_nothing() -> None:
    async def test(ask: Asked) -> None:
        routes.seen.clear()
        assert (await ask.post("/late")).status == 503
        assert routes.seen == ["cancelled"]  # it went on, to the end of its block
        assert (await ask.get("/things/sent%20too%20late")).status == 404

    asking(routes, test)


def test_a_task_left_running_is_a_failure_and_does_nothing_more() -> None:
    async def test(ask: Asked) -> None:
        routes.left.clear()
        assert (await ask.post("/left")).status == 500
        with pytest.raises(asyncio.CancelledError):
            await routes.left[0]
        (error,) = ask.failures.told
        assert "await what you start" in str(error)
        assert (await ask.get("/things/left%20behind")).status == 404

    asking(routes, test)


def test_a_transaction_takes_no_write_of_another_invocation() -> None:
    async def test(ask: Asked) -> None:
        block = asyncio.create_task(ask.post("/block"))
        await asyncio.sleep(0)
        assert (await ask.post("/stranger")).status == 500
        assert "of this very invocation" in str(ask.failures.told[0])
        assert (await block).status == 204
        assert (await ask.get("/things/a%20stranger's")).status == 404

    asking(routes, test)


@pytest.mark.parametrize("way", ["/ends", "/ends-in-a-thread"])
@pytest.mark.parametrize("how", sorted(routes.ENDS))
def test_whatever_a_handler_raises_ends_that_invocation_alone(way: str, how: str) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get(f"{way}/{how}")).status == 500
        assert [type(one) for one in ask.failures.told] == [routes.ENDS[how]]

    asking(routes, test)


def test_a_stop_iteration_in_a_thread_is_an_answer_too() -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/iterates")).status == 500
        assert str(ask.failures.told[0]) == "iterate raised StopIteration"

    asking(routes, test)


def test_a_default_that_a_handler_changes_is_fresh_for_the_next() -> None:
    async def test(ask: Asked) -> None:
        for _ in range(2):
            assert (await ask.get("/tags")).json == ["seen"]

    asking(routes, test)


@pytest.mark.parametrize("which", sorted(routes.ANSWERS.keys() - {"bytes"}))
def test_a_response_that_cannot_be_sent_is_told_as_its_functions_failure(which: str) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get(f"/answers/{which}")).status == 500
        assert "Response" in str(ask.failures.told[0])

    asking(routes, test)


def test_every_kind_of_bytes_is_sent_as_it_stands() -> None:
    async def test(ask: Asked) -> None:
        answer = await ask.get("/answers/bytes")
        assert (answer.status, answer.body) == (200, b"\x00\xff")
        assert answer.headers == [("content-type", "application/octet-stream")]

    asking(routes, test)


def test_a_body_without_a_type_is_json_but_not_from_a_page() -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/things", {"id": "a"})).status == 201
        page = await ask.post("/things", {"id": "b"}, origin="https://evil.example")
        assert page.status == 415
        assert (await ask.get("/things/b")).status == 404

    asking(routes, test)


def test_one_more_than_concurrency_max_is_refused_as_the_gateway_does() -> None:
    async def test(ask: Asked) -> None:
        both = await asyncio.gather(ask.get("/one"), ask.get("/one"))
        assert sorted(one.status for one in both) == [200, 503]
        assert [one.body for one in both if one.status == 503] == [GATEWAY_503]
        assert (await ask.get("/one")).status == 200

    asking(routes, test)


def test_a_plain_def_runs_in_a_thread_and_knows_its_context() -> None:
    async def test(ask: Asked) -> None:
        answer = await ask.get("/thread")
        assert answer.json == {"function": "routes.in_a_thread", "main": False}

    asking(routes, test)


def test_a_trace_goes_on_and_a_broken_one_starts_anew() -> None:
    async def test(ask: Asked) -> None:
        sound = f"00-{'ab' * 16}-{'cd' * 8}-01"
        trace = (await ask.get("/context", traceparent=sound)).json["trace"]
        assert trace[:36] == sound[:36]  # the trace goes on
        assert trace[36:52] != sound[36:52]  # in a span of its own
        for broken in (f"ff{sound[2:]}", sound.replace("ab", "00"), sound.replace("cd", "00")):
            assert (await ask.get("/context", traceparent=broken)).json["trace"] != broken
        fresh = (await ask.get("/context", traceparent="nonsense")).json
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", fresh["trace"])
        assert fresh["at"].endswith("+00:00")

    asking(routes, test)


def test_new_ids_sort_by_age_and_differ() -> None:
    async def test(ask: Asked) -> None:
        first, second = (await ask.get("/ids")).json
        assert first != second
        assert first[:12] <= second[:12]
        assert len(first) == 32

    asking(routes, test)


def test_a_response_says_everything_itself() -> None:
    async def test(ask: Asked) -> None:
        answer = await ask.get("/said", cookie="x=1; a=tea", user_agent="me")
        assert (answer.status, answer.body) == (418, b"tea me")
        assert answer.headers == [
            ("x-tea", "yes"),
            ("set-cookie", "b=1; Path=/"),
            ("set-cookie", "c=2"),
            ("content-type", "text/plain; charset=utf-8"),
        ]

    asking(routes, test)


def test_a_transaction_left_by_an_exception_sends_nothing() -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/half")).status == 409
        assert (await ask.get("/things/half")).status == 404

    asking(routes, test)


def test_health_and_description_are_there_without_being_declared() -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/_skylift/health")).json == {"status": "ok"}
        assert (await ask.get("/_skylift/openapi.json")).json["openapi"].startswith("3.1")
        assert b"<html" in (await ask.get("/_skylift/")).body
        assert (await ask.get("/_skylift/else")).status == 404
        other = await ask.post("/_skylift/health")
        assert (other.status, dict(other.headers)["allow"]) == (405, "GET, HEAD")

    asking(routes, test)


GREEDY = """\
from skylift import Api

api = Api("api")


@api.get("/{rest+}")
async def anything(rest: str) -> str:
    return rest
"""


def test_a_route_that_takes_everything_leaves_health_and_description_alone(tmp_path: Path) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/of/all/kinds")).json == "of/all/kinds"
        assert (await ask.get("/_skylift/health")).json == {"status": "ok"}
        assert "/{rest}" in (await ask.get("/_skylift/openapi.json")).json["paths"]
        assert (await ask.get("/_skylift/else")).json == "_skylift/else"

    home = written(tmp_path, GREEDY)
    with loaded(home):
        asking(sys.modules[f"{home.name}.things"], test)


def test_a_path_is_decoded_before_its_route_is_chosen(tmp_path: Path) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/one/a%20b%C3%BC")).json == ["a bü", "/one/a bü"]
        assert (await ask.get("/%6Fne/50%25")).json == ["50%", "/one/50%"]
        assert (await ask.get("/one/a%2Fb")).status == 404  # an encoded slash separates
        assert (await ask.get("/two/a%2Fb")).json == ["a", "b"]
        assert (await ask.get("/%5Fskylift%2Fhealth")).json == {"status": "ok"}
        assert (await ask.get("/one/%FF")).status == 400

    home = written(tmp_path, ENCODED)
    with loaded(home):
        asking(sys.modules[f"{home.name}.things"], test)


ENCODED = """\
from skylift import Api, Request

api = Api("api")


@api.get("/one/{value}")
async def one(value: str, request: Request) -> list[str]:
    return [value, request.path]


@api.get("/two/{left}/{right}")
async def two(left: str, right: str) -> list[str]:
    return [left, right]
"""


def test_a_handler_may_be_called_plainly_but_its_verbs_need_a_running_app() -> None:
    with pytest.raises(RuntimeError, match=r"things.create was called outside a running app"):
        asyncio.run(routes.make(routes.NewThing("a")))


def test_the_routes_of_this_test_are_a_sound_app() -> None:
    from skylift import App

    try:
        build(App("asked", routes))
    except DeclarationError as error:
        pytest.fail(str(error))
