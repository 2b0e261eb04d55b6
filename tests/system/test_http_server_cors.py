"""CORS as AWS's gateway does it: closed unless said, preflights answered without a handler."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from skylift import Cors
from skylift.http import Answer, Request
from skylift.local.http.cors import with_cors
from tests.system.serving import Received, Serving, request

Serve = Callable[..., Serving]
APP = "https://app.example"
OTHER = "https://other.example"
METHODS = ("GET", "POST")
PREFLIGHT = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-a")


class Handler:
    """Counts its calls, and says about CORS what only the gateway may say."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, request: Request) -> Answer:
        self.calls += 1
        own = (("access-control-allow-origin", "*"), ("access-control-expose-headers", "x-a"))
        return Answer(200, (*own, ("x-a", "1"), ("vary", "accept")), request.method.encode())


def cors_of(received: Received) -> dict[str, str]:
    """The headers of CORS, and what the answer varies by."""
    return {
        name: value
        for name, value in received.headers
        if name.startswith("access-control-") or (name == "vary" and value != "accept")
    }


def test_a_preflight_is_answered_by_the_gateway_alone(serve: Serve) -> None:
    handler = Handler()
    cors = Cors([OTHER, APP], headers=["x-a", "x-b"], max_age_s=60)
    with serve(with_cors(handler, cors, METHODS)) as serving:
        sent = request("OPTIONS", "/anywhere", f"Origin: {APP}", *PREFLIGHT)
        received = serving.client().send(sent).answer()
    assert (received.status, handler.calls) == (204, 0)
    assert cors_of(received) == {
        "access-control-allow-origin": APP,
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "x-a,x-b",
        "access-control-max-age": "60",
        "vary": "origin",
    }


def test_a_preflight_from_elsewhere_is_told_nothing(serve: Serve) -> None:
    handler = Handler()
    with serve(with_cors(handler, Cors([APP]), METHODS)) as serving:
        sent = request("OPTIONS", "/", f"Origin: {OTHER}", *PREFLIGHT)
        received = serving.client().send(sent).answer()
    assert (received.status, handler.calls) == (204, 0)
    assert cors_of(received) == {"vary": "origin"}


@pytest.mark.parametrize("lines", [(), (f"Origin: {APP}",), PREFLIGHT])
def test_options_that_is_no_preflight_reaches_the_handler(
    serve: Serve, lines: tuple[str, ...]
) -> None:
    handler = Handler()
    with serve(with_cors(handler, Cors([APP]), METHODS)) as serving:
        assert serving.client().send(request("OPTIONS", "/", *lines)).answer().body == b"OPTIONS"
    assert handler.calls == 1


def test_an_allowed_origin_is_named_and_the_handler_s_own_words_dropped(serve: Serve) -> None:
    with serve(with_cors(Handler(), Cors([APP], credentials=True), METHODS)) as serving:
        received = serving.get("/", f"Origin: {APP}")
    assert (received.header("x-a"), received.body) == ("1", b"GET")
    assert ("vary", "accept") in received.headers
    assert cors_of(received) == {
        "access-control-allow-origin": APP,
        "access-control-allow-credentials": "true",
        "vary": "origin",
    }


@pytest.mark.parametrize(
    "origin", [OTHER, "null", "https://APP.example", APP + "/", APP + ".evil.example", "", "*"]
)
def test_any_other_origin_gets_the_answer_without_cors(serve: Serve, origin: str) -> None:
    with serve(with_cors(Handler(), Cors([APP]), METHODS)) as serving:
        received = serving.get("/", f"Origin: {origin}")
    assert received.body == b"GET"
    assert cors_of(received) == {"vary": "origin"}


def test_a_request_without_origin_gets_no_cors_headers(serve: Serve) -> None:
    with serve(with_cors(Handler(), Cors([APP]), METHODS)) as serving:
        assert cors_of(serving.get()) == {"vary": "origin"}


def test_a_star_allows_any_origin_and_varies_by_none(serve: Serve) -> None:
    with serve(with_cors(Handler(), Cors(["*"]), METHODS)) as serving:
        received = serving.get("/", f"Origin: {OTHER}")
        assert cors_of(received) == {"access-control-allow-origin": "*"}
        assert cors_of(serving.get()) == {}
