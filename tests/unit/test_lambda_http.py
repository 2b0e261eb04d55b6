"""Events of an HTTP API and answers to them, through the whole of a deployed function: its author
sees what he sees at home.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

from skylift import Api, Forbidden, Request, Response, Struct, gather, in_thread
from skylift.aws.runtime.lambda_default import DefaultLambda
from skylift.aws.runtime.lambda_http import HttpLambda
from skylift.errors import DeclarationError
from skylift.invocation import Context as OwnContext
from tests.unit.lambda_events import Context, Said, http_event, surroundings, unit

api = Api("api")


class New(Struct):
    text: str


@api.post("/notes", status=201)
async def write(new: New) -> New:
    return new


@api.get("/files/{id}/{rest+}")
async def read(id: str, rest: str) -> list[str]:
    return [id, rest]


@api.post("/seen")
async def seen(request: Request, context: OwnContext) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "ip": request.ip,
        "query": request.query,
        "cookies": request.cookies,
        "header": request.headers.get("x-twice"),
        "body": request.body.hex(),
        "trace": context.trace,
    }


class Called:
    """A route as Lambda calls it."""

    def __init__(self, function: Any, *, is_loop_free: bool = True) -> None:
        self.said = Said()
        named = unit(function, "asked.route", is_loop_free=is_loop_free)
        self._handle = HttpLambda(named, surroundings(self.said)).handle

    def __call__(self, event: dict[str, Any], remaining_s: float = 10) -> Any:
        answer = self._handle(event, Context(remaining_s))
        json.dumps(answer)  # the runtime does the same
        return answer


def route(handler: Callable[..., Any], method: str = "GET", **options: Any) -> Called:
    declare = getattr(api, method.lower())
    return Called(declare("/here", **options)(handler))


def body_of(answer: Any) -> Any:
    return json.loads(answer["body"])


def test_a_request_is_bound_and_answered() -> None:
    answer = Called(write)(http_event("POST", "/notes", '{"text":"a note"}'))
    assert answer == {
        "statusCode": 201,
        "headers": {"content-type": "application/json"},
        "body": '{"text":"a note"}',
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("body", "status"), [('{"text":1}', 422), ('{"text":"a","more":1}', 422), ("{", 400), ("", 422)]
)
def test_what_does_not_fit_is_refused(body: str, status: int) -> None:
    called = Called(write)
    answer = called(http_event("POST", "/notes", body))
    assert answer["statusCode"] == status
    assert answer["headers"] == {"content-type": "application/problem+json"}
    assert called.said.logs == []
    assert called.said.figures[0]["outcome"] == "refused"


def test_parameters_are_the_gateways_own() -> None:
    """`/files/50%25%20a+b/x%2Fy`: it has decoded them, but for `%25`."""
    parameters = {"id": "50%25 a+b", "rest": "x/y/ü"}
    event = http_event("GET", "/files/50%25 a+b/x/y/ü", pathParameters=parameters)
    assert body_of(Called(read)(event)) == ["50% a+b", "x/y/ü"]


def test_a_value_that_looks_encoded_is_not_decoded_twice() -> None:
    event = http_event("GET", "/files/%2541/x", pathParameters={"id": "%2541", "rest": "x"})
    assert body_of(Called(read)(event)) == ["%41", "x"]


def test_everything_of_a_request_is_there() -> None:
    event = http_event(
        "POST",
        "/seen",
        "/wAB",
        rawQueryString="a=1&a=2&b=x%20y+z",
        queryStringParameters={"a": "1,2", "b": "x y z"},
        cookies=["one=1", "two=2"],
        isBase64Encoded=True,
    )
    event["headers"]["x-twice"] = "1,2"
    found = body_of(Called(seen)(event))
    assert found.pop("trace").startswith("00-5759e988bd862e3fe1be46a994272793-")
    assert found == {
        "method": "POST",
        "path": "/seen",
        "ip": "205.255.255.176",
        "query": {"a": ["1", "2"], "b": ["x y z"]},
        "cookies": {"one": "1", "two": "2"},
        "header": "1,2",
        "body": "ff0001",
    }


def test_the_callers_traceparent_counts_before_lambdas() -> None:
    event = http_event("POST", "/seen", "")
    event["headers"]["traceparent"] = f"00-{'a' * 32}-{'b' * 16}-01"
    assert body_of(Called(seen)(event))["trace"].startswith(f"00-{'a' * 32}-")


def test_a_head_is_answered_without_a_body() -> None:
    event = http_event("HEAD", "/files/a/b", pathParameters={"id": "a", "rest": "b"})
    answer = Called(read)(event)
    assert answer == {"statusCode": 200, "headers": {"content-type": "application/json"}}


def test_nothing_is_204() -> None:
    async def nothing() -> None: ...

    assert route(nothing)(http_event("GET", "/here")) == {"statusCode": 204, "headers": {}}


def test_bytes_go_as_base64_and_cookies_apart() -> None:
    async def picture() -> Response:
        headers = {"content-type": "image/png", "Vary": "accept"}
        return Response(b"\x89PNG\xff", headers=headers, cookies=["a=1; Path=/", "b=2"])

    assert route(picture)(http_event("GET", "/here")) == {
        "statusCode": 200,
        "headers": {"content-type": "image/png", "vary": "accept"},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "iVBOR/8=",
        "isBase64Encoded": True,
    }


def test_an_error_of_the_author_is_a_500_and_a_line_in_the_log() -> None:
    async def broken() -> None:
        raise ValueError("no such thing")

    called = route(broken)
    answer = called(http_event("GET", "/here"))
    assert body_of(answer) == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
    }
    (log,) = called.said.logs
    assert (log["level"], log["message"]) == ("ERROR", "ValueError: no such thing")
    assert (log["function"], log["errorType"]) == ("asked.route", "ValueError")
    assert log["requestId"] == "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    assert log["trace"].startswith("00-5759e988bd862e3fe1be46a994272793-")
    assert 'raise ValueError("no such thing")' in "\n".join(log["stackTrace"])
    assert log["timestamp"].endswith("Z")


def test_a_refusal_is_no_line_in_the_log() -> None:
    async def closed() -> None:
        raise Forbidden("not yours")

    called = route(closed)
    assert called(http_event("GET", "/here"))["statusCode"] == 403
    assert called.said.logs == []


def test_an_answer_that_lambda_cannot_return_is_a_500_and_told() -> None:
    async def large() -> str:
        return "x" * 7_000_000

    called = route(large)
    answer = called(http_event("GET", "/here"))
    assert (answer["statusCode"], body_of(answer)) == (500, {"message": "Internal Server Error"})
    assert "put it in a bucket" in called.said.logs[0]["message"]


def test_an_answer_that_just_fits_is_returned() -> None:
    async def large() -> str:
        return "x" * 6_000_000

    assert route(large)(http_event("GET", "/here"))["statusCode"] == 200


@pytest.mark.parametrize("letters", ["я" * 1_500_000, "😀" * 700_000, "\x01é" * 500_000])
def test_what_is_returned_fits_as_the_runtime_writes_it(letters: str) -> None:
    """Python 3.11's writes what is not ASCII as escapes: up to three times as long."""

    async def large() -> str:
        return letters

    called = route(large)
    written, _ = LambdaMarshaller().marshal_response(called(http_event("GET", "/here")))
    assert len(written.encode()) <= 6 * 1024 * 1024
    assert ("put it in a bucket" in str(called.said.writes)) == (len(written) < 1000)


def test_a_plain_function_is_called_as_it_is() -> None:
    def plain() -> str:
        return "plain"

    assert body_of(route(plain)(http_event("GET", "/here"))) == "plain"


def test_what_waits_for_a_loop_fails_loudly() -> None:
    class Never:
        def __await__(self) -> Any:
            yield self

    async def waiting() -> None:
        await Never()

    called = route(waiting)
    assert called(http_event("GET", "/here"))["statusCode"] == 500
    (log,) = called.said.logs
    assert "import asyncio in the function's own module" in log["message"]
    assert "await Never()" in "\n".join(log["stackTrace"])
    assert called(http_event("GET", "/here"))["statusCode"] == 500  # and the next one is served


def test_gather_gives_all_results_or_the_first_error() -> None:
    ended: list[int] = []

    async def one(number: int) -> int:
        ended.append(number)
        if number == 2:
            raise Forbidden("two")
        return number

    async def all_of(last: int) -> list[int]:
        return list(await gather(one(1), one(last), one(3)))

    declared = Called(api.get("/here/{last}")(all_of))
    event = http_event("GET", "/here/4", pathParameters={"last": "4"})
    assert body_of(declared(event)) == [1, 4, 3]
    event["pathParameters"] = {"last": "2"}
    assert declared(event)["statusCode"] == 403
    assert ended[-3:] == [1, 2, 3]


@pytest.mark.parametrize("is_loop_free", [True, False])
def test_what_waits_in_a_thread_gives_what_it_returns_or_raises(is_loop_free: bool) -> None:
    threads, loops = list[int](), set[asyncio.AbstractEventLoop]()

    def waited(number: int, *, more: int) -> int:
        threads.append(threading.get_ident())
        if number == 2:
            raise Forbidden("two")
        return number + more

    async def ask(number: int) -> int:
        threads.append(threading.get_ident())
        if not is_loop_free:
            loops.add(asyncio.get_running_loop())
        return await in_thread(waited, number, more=10)

    called = Called(api.get("/here/{number}")(ask), is_loop_free=is_loop_free)
    event = http_event("GET", "/here/4", pathParameters={"number": "4"})
    assert body_of(called(event)) == 14
    assert (threads[0] == threads[1]) is is_loop_free  # without a loop nobody runs beside it
    event["pathParameters"] = {"number": "2"}
    assert called(event)["statusCode"] == 403
    for loop in loops:
        loop.close()  # one of Lambda lives as long as its process


def test_past_its_deadline_the_answer_is_503_and_the_log_says_where_it_was() -> None:
    async def slow() -> None:
        time.sleep(0.08)

    called = route(slow, timeout_s=0.03)
    answer = called(http_event("GET", "/here"))
    assert (answer["statusCode"], body_of(answer)) == (503, {"message": "Service Unavailable"})
    warned, failed = called.said.logs
    assert warned["level"] == "WARN"
    assert "its deadline has passed, at test_lambda_http.py:" in warned["message"]
    assert failed["errorType"] == "TimedOut"
    assert called.said.figures[0]["outcome"] == "timeout"


def test_lambdas_own_deadline_counts_when_it_comes_first() -> None:
    async def slow() -> None:
        time.sleep(0.05)

    assert route(slow)(http_event("GET", "/here"), remaining_s=0.12)["statusCode"] == 503


def test_a_verb_after_the_deadline_is_refused() -> None:
    from skylift import Table

    table = Table("things", New, key="text")

    async def slow() -> None:
        time.sleep(0.05)
        await table.get("x")

    named = unit(
        api.get("/here", timeout_s=0.02)(slow),
        "asked.route",
        resources=[table],
        grants=[("things", "get")],
    )
    said = Said()
    answer = HttpLambda(named, surroundings(said)).handle(http_event("GET", "/here"), Context())
    assert answer["statusCode"] == 503
    assert "things.get after the deadline" in "\n".join(said.logs[1]["stackTrace"])


def test_the_figures_of_an_invocation_are_one_line_with_few_dimensions() -> None:
    called = Called(write)
    for _ in range(2):
        called(http_event("POST", "/notes", '{"text":"a"}'))
    first, second = called.said.figures
    (about,) = first["_aws"]["CloudWatchMetrics"]
    assert about["Dimensions"] == [["app", "stage", "function", "outcome"]]
    assert [first[name] for name in about["Dimensions"][0]] == ["asked", "dev", "asked.route", "ok"]
    assert [one["Name"] for one in about["Metrics"]] == ["duration"]
    assert first["duration"] >= 0
    assert first["coldStart"] == 1
    assert "coldStart" not in second
    assert len(called.said.writes) == 2


@pytest.mark.parametrize("event", [{}, {"Records": []}, [], "x", {"version": "1.0"}])
def test_another_kind_of_event_is_told(event: Any) -> None:
    with pytest.raises(DeclarationError, match="the event is no HTTP API event"):
        Called(write)(event)


def default(folder: Path) -> Callable[[str, str], Any]:
    about = {"title": "a", "version": "1"}
    document = {"openapi": "3.1.0", "info": about, "paths": {}, "components": {"schemas": {}}}
    (folder / "openapi.json").write_text(json.dumps(document))
    routes = (("GET", "/notes/{id}"), ("POST", "/notes"), ("DELETE", "/notes/{id}"))
    handle = DefaultLambda("asked", routes, f"{folder}/openapi.json").handle
    return lambda method, path: handle(http_event(method, path), Context())


def test_where_no_route_is_it_is_404_or_405_as_at_home(tmp_path: Path) -> None:
    ask = default(tmp_path)
    assert ask("GET", "/else")["statusCode"] == 404
    refused = ask("PUT", "/notes/1")
    assert (refused["statusCode"], refused["headers"]["allow"]) == (405, "DELETE, GET, HEAD")
    assert ask("GET", "/notes")["headers"]["allow"] == "POST"


def test_an_api_says_how_it_is_and_what_it_offers(tmp_path: Path) -> None:
    ask = default(tmp_path)
    assert body_of(ask("GET", "/_skylift/health")) == {"status": "ok"}
    assert body_of(ask("GET", "/_skylift/openapi.json"))["openapi"] == "3.1.0"
    assert ask("GET", "/_skylift/")["headers"]["content-type"] == "text/html; charset=utf-8"
    assert ask("POST", "/_skylift/health")["statusCode"] == 405
