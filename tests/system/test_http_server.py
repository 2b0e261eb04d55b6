"""What a well-behaved client meets: requests as sent, answers in order, connections that stay."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from skylift.http import Answer, Request
from tests.system.serving import Gate, Serving, echo, request

Serve = Callable[..., Serving]
CHUNKED = "Transfer-Encoding: chunked"


def test_a_handler_sees_the_request_as_it_was_sent(serve: Serve) -> None:
    with serve() as serving:
        lines = ("Content-Type: text/plain", "X-Thing:  a b \t")
        sent = request("PUT", "/a%20b/c?x=1&x=%32&y", *lines, body=b"hello\0")
        seen = serving.client().send(sent).answer().json
    assert seen == {
        "method": "PUT",
        "path": "/a%20b/c",
        "query": "x=1&x=%32&y",
        "headers": {
            "host": "localhost",
            "content-type": "text/plain",
            "x-thing": "a b",
            "content-length": "6",
        },
        "body": "hello\0",
        "ip": "127.0.0.1",
    }


def test_repeated_headers_are_joined_with_a_comma_and_cookies_with_a_semicolon(
    serve: Serve,
) -> None:
    with serve() as serving:
        lines = ("X-A: 1", "Cookie: a=1", "x-a: 2", "cookie: b=2", "X-Empty:")
        seen = serving.get("/", *lines).json["headers"]
    assert (seen["x-a"], seen["cookie"], seen["x-empty"]) == ("1,2", "a=1; b=2", "")


@pytest.mark.parametrize(
    ("sent", "seen"),
    [(b"na\xc3\xafve", "na\u00efve"), (b"na\xefve", "na\u00efve"), (b"\xff\xfe", "\u00ff\u00fe")],
)
def test_a_header_is_utf_8_and_latin_1_where_it_is_not(
    serve: Serve, sent: bytes, seen: str
) -> None:
    with serve() as serving:
        head = b"GET / HTTP/1.1\r\nHost: a\r\nX-Name: " + sent + b"\r\n\r\n"
        assert serving.client().send(head).answer().json["headers"]["x-name"] == seen


def test_a_path_in_raw_utf_8_is_read_as_such(serve: Serve) -> None:
    with serve() as serving:
        head = b"GET /caf\xc3\xa9?q=\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"
        seen = serving.client().send(head).answer().json
    assert (seen["path"], seen["query"]) == ("/caf\u00e9", "q=\u00e9")


def test_an_answer_goes_out_with_its_length_date_and_headers(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(201, (("location", "/notes/1"), ("content-type", "text/plain")), b"made")

    with serve(answer) as serving:
        received = serving.get()
    headers = dict(received.headers)
    assert (received.status, received.body) == (201, b"made")
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers.pop("date"))
    assert headers == {
        "location": "/notes/1",
        "content-type": "text/plain",
        "content-length": "4",
    }


def test_each_cookie_is_set_on_a_line_of_its_own(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(200, (("set-cookie", "a=1"), ("x-b", "2"), ("set-cookie", "c=3")), b"")

    with serve(answer) as serving:
        received = serving.get()
    assert [value for name, value in received.headers if name == "set-cookie"] == ["a=1", "c=3"]


def test_what_an_answer_says_about_the_connection_is_dropped(serve: Serve) -> None:
    lies = (("content-length", "99"), ("transfer-encoding", "chunked"), ("connection", "close"))

    async def answer(request: Request) -> Answer:
        return Answer(200, (*lies, ("date", "never"), ("x-kept", "1")), b"four")

    with serve(answer) as serving:
        client = serving.client()
        for _ in range(2):
            received = client.get()
            assert received.body == b"four"
            assert [name for name, _ in received.headers] == ["x-kept", "date", "content-length"]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_has_no_length_either(serve: Serve, status: int) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(status, (("x-a", "1"),), b"dropped")

    with serve(answer) as serving:
        client = serving.client()
        for _ in range(2):
            received = client.get()
            assert (received.status, received.header("content-length")) == (status, None)


def test_a_connection_is_kept_for_many_requests(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        for number in range(50):
            received = client.get(f"/{number}")
            assert received.json["path"] == f"/{number}"
            assert received.header("connection") is None
        assert serving.server.connections == 1


def test_a_client_that_repeats_its_headers_may_change_one(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        sent = ["1", "1", "2", "2", "1"]
        seen = [client.get("/", f"X-N: {n}").json["headers"]["x-n"] for n in sent]
    assert seen == sent


def test_headers_of_one_request_are_not_those_of_the_next(serve: Serve) -> None:
    async def spoil(request: Request) -> Answer:
        answer = await echo(request)
        request.headers.clear()  # type: ignore[attr-defined]
        return answer

    with serve(spoil) as serving:
        client = serving.client()
        assert [client.get().json["headers"] for _ in range(3)] == [{"host": "localhost"}] * 3


def test_connection_close_is_honoured(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        received = client.get("/", "Connection: Foo, Close")
        assert received.header("connection") == "close"
        assert client.is_closed


def test_http_1_0_closes_unless_it_asks_to_keep(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client().send(b"GET / HTTP/1.0\r\n\r\n")
        received = client.answer()
        assert (received.status, received.header("connection")) == (200, "close")
        assert client.is_closed
        client = serving.client()
        for _ in range(2):
            client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert client.answer().header("connection") == "keep-alive"


def test_head_is_answered_like_get_without_the_body(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(200, (), b"x" * 1234)

    with serve(answer) as serving:
        client = serving.client()
        for _ in range(2):
            received = client.send(request("HEAD", "/")).answer(to_head=True)
            assert received.header("content-length") == "1234"
        assert client.get().body == b"x" * 1234


def test_an_unknown_method_is_for_the_handler_to_refuse(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        for method in ("BREW", "get", "M-SEARCH", "PROPFIND", "TRACE"):
            assert client.send(request(method, "/")).answer().json["method"] == method


def test_an_absolute_target_names_the_host(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        seen = client.get("http://example.org:81/a?b=c").json
        assert (seen["path"], seen["query"]) == ("/a", "b=c")
        assert seen["headers"]["host"] == "example.org:81"
        assert client.get("http://example.org?b").json["path"] == "/"
        assert client.get("/").json["headers"]["host"] == "localhost"


def test_options_may_ask_about_the_whole_server(serve: Serve) -> None:
    with serve() as serving:
        assert serving.client().send(request("OPTIONS", "*")).answer().json["path"] == "*"


def test_blank_lines_before_a_request_are_skipped(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        for blank in (b"\r\n", b"\r\n" * 5000):
            assert client.send(blank, request("GET", "/x")).answer().json["path"] == "/x"


def test_an_upgrade_is_ignored(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        lines = ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMA")
        client.send(request("POST", "/a", *lines, body=b"x"), request("GET", "/b"))
        assert [client.answer().json["path"] for _ in range(2)] == ["/a", "/b"]


def test_a_request_may_come_byte_by_byte(serve: Serve) -> None:
    chunks = b"3;a=b\r\nabc\r\n0\r\nX-T: 1\r\n\r\n"
    with serve() as serving:
        client = serving.client()
        for sent in (request("POST", "/a", body=b"abc"), request("POST", "/a", CHUNKED) + chunks):
            for byte in sent:
                client.send(bytes([byte]))
            assert client.answer().json["body"] == "abc"


def test_a_chunked_body_is_put_together_and_its_trailers_dropped(serve: Serve) -> None:
    chunks = b"5;name=value;x\r\nhello\r\nA\r\n, chunked!\r\n000\r\nX-Trailer: 1\r\n\r\n"
    with serve() as serving:
        client = serving.client()
        for _ in range(2):
            client.send(request("POST", "/", CHUNKED), chunks)
            seen = client.answer().json
            assert seen["body"] == "hello, chunked!"
            assert "x-trailer" not in seen["headers"]


def test_a_large_body_arrives_whole(serve: Serve) -> None:
    async def measure(request: Request) -> Answer:
        return Answer(200, (), b"%d" % len(request.body))

    part = b"\xff" * 1000
    with serve(measure) as serving:
        client = serving.client().send(request("POST", "/", body=part * 4000))
        assert client.answer().body == b"4000000"
        client.send(
            request("POST", "/", CHUNKED), (b"3e8\r\n" + part + b"\r\n") * 4000, b"0\r\n\r\n"
        )
        assert client.answer().body == b"4000000"


def test_expect_100_continue_is_answered_before_the_body(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        for _ in range(2):
            client.send(request("POST", "/", "Expect: 100-continue", "Content-Length: 5"))
            assert client.answer().status == 100
            client.send(b"hello")
            assert client.answer().json["body"] == "hello"


def test_100_continue_waits_for_the_answers_before_it(serve: Serve) -> None:
    gate = Gate()
    with serve(gate) as serving:
        client = serving.client().send(request("GET", "/1"))
        client.send(request("POST", "/2", "Expect: 100-continue", "Content-Length: 1"))
        serving.until(lambda: gate.came == ["/1"])
        gate.open(serving, "/1", "/2")
        assert [client.answer().status for _ in range(2)] == [200, 100]
        assert client.send(b"x").answer().body == b"/2"


def test_100_continue_is_not_said_when_the_body_is_there_already(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        client.send(request("POST", "/", "Expect: 100-continue", body=b"hello"))
        assert client.answer().json["body"] == "hello"
