"""Sizes are AWS's, to the byte where AWS names one; what is too large is refused unkept."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from skylift.http import Answer, Request
from skylift.local.http.limits import Limits, event_size
from tests.system.serving import Gate, Serving, request, says

Serve = Callable[..., Serving]
HEAD_MAX = 10_240
EVENT_MAX = 6_291_456
TEXT = "Content-Type: text/plain; charset=utf-8"


async def measure(request: Request) -> Answer:
    return Answer(200, (), b"%d" % len(request.body))


def head_of(size: int) -> bytes:
    """A request whose line and headers are so many bytes."""
    empty = request("GET", "/", "X-Pad: ")
    return request("GET", "/", "X-Pad: " + "x" * (size + 2 - len(empty)))


def test_a_head_at_the_limit_passes_and_one_beyond_is_431(serve: Serve) -> None:
    with serve(measure) as serving:
        assert serving.client().send(head_of(HEAD_MAX)).answer().status == 200
        client = serving.client().send(head_of(HEAD_MAX + 1))
        assert says(client.answer(), 431, "Request Header Fields Too Large")
        assert client.is_closed


def test_a_long_target_counts_towards_the_head(serve: Serve) -> None:
    with serve(measure) as serving:
        client = serving.client().send(request("GET", "/" + "x" * HEAD_MAX))
        assert says(client.answer(), 431, "Request Header Fields Too Large")


@pytest.mark.parametrize("start", [b"", b"GET / HTTP/1.1\r\nX: "])
def test_a_head_without_end_is_431_before_it_ends(serve: Serve, start: bytes) -> None:
    with serve(measure) as serving:
        client = serving.client().send(start + b"x" * (HEAD_MAX + 2))
        assert says(client.answer(), 431, "Request Header Fields Too Large")


def test_trailers_without_end_are_431(serve: Serve) -> None:
    with serve(measure) as serving:
        client = serving.client().send(request("POST", "/", "Transfer-Encoding: chunked"))
        client.send(b"0\r\n" + b"X: 1\r\n" * HEAD_MAX)
        assert says(client.answer(), 431, "Request Header Fields Too Large")


@pytest.mark.parametrize("length", [EVENT_MAX + 1, 10_485_761, 10**17])
def test_a_body_declared_too_large_is_413_before_it_comes(serve: Serve, length: int) -> None:
    with serve(measure) as serving:
        client = serving.client()
        client.send(request("POST", "/", f"Content-Length: {length}", "Expect: 100-continue"))
        assert says(client.answer(), 413, "Request Entity Too Large")
        assert client.is_closed


def test_chunks_that_grow_too_large_are_413_before_they_end(serve: Serve) -> None:
    part = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with serve(measure) as serving:
        client = serving.client().send(request("POST", "/", "Transfer-Encoding: chunked"))
        client.send(part * 96, b"1\r\n")  # 6 MiB fit, one byte more does not
        assert says(client.answer(), 413, "Request Entity Too Large")


def test_one_chunk_announced_too_large_is_413(serve: Serve) -> None:
    with serve(measure) as serving:
        client = serving.client()
        client.send(request("POST", "/", "Transfer-Encoding: chunked"), b"ffffffff\r\n")
        assert says(client.answer(), 413, "Request Entity Too Large")


def test_a_refused_body_that_is_sent_anyway_does_not_hide_the_answer(serve: Serve) -> None:
    with serve(measure) as serving:
        client = serving.client().send(request("POST", "/", body=b"x" * 11_000_000))
        assert says(client.answer(), 413, "Request Entity Too Large")
        assert client.is_closed


@pytest.mark.parametrize(
    ("lines", "unit", "grows"),
    [
        ((TEXT,), b"x", 1.0),
        ((TEXT,), "\u00e9".encode(), 1.0),
        ((TEXT,), b'"', 2.0),
        ((TEXT,), b"\1", 6.0),
        ((TEXT,), b"\xff", 3.0),
        (("Content-Type: application/json",), b"1", 1.0),
        (("Content-Type: image/png",), b"x", 4 / 3),
        (("Content-Type: application/x-www-form-urlencoded",), b"x", 4 / 3),
        ((TEXT, "Content-Encoding: gzip"), b"x", 4 / 3),
        ((), b"x", 4 / 3),
    ],
    ids=lambda value: repr(value) if isinstance(value, bytes) else None,
)
def test_the_body_counts_as_it_stands_in_the_event(
    serve: Serve, lines: tuple[str, ...], unit: bytes, grows: float
) -> None:
    most = int((EVENT_MAX - 2000) / grows) // len(unit)
    with serve(measure) as serving:
        client = serving.client()
        client.send(request("POST", "/", *lines, body=unit * most))
        assert client.answer().body == b"%d" % (most * len(unit))
        least = int(EVENT_MAX / grows) // len(unit)
        client.send(request("POST", "/", *lines, body=unit * least))
        assert says(client.answer(), 413, "Request Entity Too Large")
        assert client.get().status == 200, "it was read whole, so the connection goes on"


def test_the_event_limit_counts_path_query_and_headers_too() -> None:
    def size(path: str = "/", query: str = "", headers: dict[str, str] | None = None) -> int:
        return event_size(Request("GET", path, query, headers or {}, b""))

    assert size(path="/" + "p" * 1000) - size() >= 3000
    assert size(query="q=" + "v" * 1000) - size() >= 2000
    assert size(query="q=%ff" + "v" * 1000) - size() >= 1000
    assert size(headers={"x-a": '"' * 1000}) - size() >= 2000
    assert size(headers={"cookie": "a=" + "b" * 1000}) - size() >= 2000


def test_headers_tip_an_event_over_the_limit(serve: Serve) -> None:
    padded = (TEXT, "X-Pad: " + '"' * 9_000)
    body = b"x" * (EVENT_MAX - 9_000)
    with serve(measure) as serving:
        client = serving.client()
        assert client.send(request("POST", "/", TEXT, body=body)).answer().status == 200
        client.send(request("POST", "/", *padded, body=body))
        assert says(client.answer(), 413, "Request Entity Too Large")


@pytest.mark.parametrize(
    ("kind", "size", "status"),
    [
        ("text/plain", EVENT_MAX - 1000, 200),
        ("text/plain", EVENT_MAX, 500),
        ("image/png", 4_700_000, 200),
        ("image/png", 4_719_000, 500),
    ],
)
def test_an_answer_lambda_would_not_return_is_500(
    serve: Serve, kind: str, size: int, status: int
) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(200, (("content-type", kind),), b"x" * size)

    with serve(answer) as serving:
        client = serving.client()
        received = client.get()
        assert received.status == status
        assert client.get().status == status, "the connection goes on"
    if status == 500:
        assert says(received, 500, "Internal Server Error")
        assert f"at most {EVENT_MAX}" in str(serving.errors[0])
    else:
        assert len(received.body) == size


def test_a_connection_too_many_is_told_503(serve: Serve) -> None:
    with serve(measure, limits=Limits(connections_max=2)) as serving:
        first, second = serving.client(), serving.client()
        assert [first.get().status, second.get().status] == [200, 200]
        third = serving.client()
        assert says(third.answer(), 503, "Service Unavailable")
        assert third.is_closed
        first.close()
        third.close()
        serving.until(lambda: serving.server.connections == 1)
        assert serving.get().status == 200


def test_a_flood_beyond_the_connection_limit_is_dropped(serve: Serve) -> None:
    with serve(measure, limits=Limits(connections_max=1)) as serving:
        first = serving.client()
        assert first.get().status == 200
        flood = [serving.client() for _ in range(300)]
        serving.until(lambda: serving.server.connections <= 257)
        for client in flood:
            client.close()
        serving.until(lambda: serving.server.connections == 1)
        assert first.get().status == 200


def test_a_client_refused_after_it_has_left_does_no_harm(serve: Serve) -> None:
    with serve(measure, limits=Limits(connections_max=1)) as serving:
        first = serving.client()
        assert first.get().status == 200
        serving.loop.call_soon_threadsafe(time.sleep, 0.05)  # so that they come and go unseen
        for client in [serving.client() for _ in range(50)]:
            client.close()
        serving.until(lambda: serving.server.connections == 1)
        assert first.get().status == 200


def test_pipelined_requests_are_answered_in_order_whoever_is_ready_first(serve: Serve) -> None:
    gate = Gate()
    paths = [f"/{number}" for number in range(10)]
    with serve(gate) as serving:
        client = serving.client().send(*(request("GET", path) for path in paths))
        serving.until(lambda: gate.came == paths)
        for path in reversed(paths):
            gate.open(serving, path)
            serving.until(lambda path=path: path in gate.left)
        assert [client.answer().body.decode() for _ in paths] == paths


def test_only_so_many_pipelined_requests_are_under_way(serve: Serve) -> None:
    gate = Gate()
    paths = [f"/{number}" for number in range(200)]
    with serve(gate, limits=Limits(pipelined_max=4)) as serving:
        client = serving.client().send(*(request("POST", path, body=b"x" * 999) for path in paths))
        serving.until(lambda: len(gate.came) == 4)
        for number, path in enumerate(paths):
            assert len(gate.came) == min(number + 4, 200)
            gate.open(serving, path)
            assert client.answer().body.decode() == path
            serving.until(lambda number=number: len(gate.came) == min(number + 5, 200))
    assert gate.came == paths
