"""What is not exactly HTTP/1.1 is refused with 400 and a close, before a handler sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from skylift.http import Answer, Request
from tests.system.serving import Client, Serving, echo, request, says

Serve = Callable[..., Serving]
START = b"GET / HTTP/1.1\r\n"
HOST = b"Host: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

HEADS = {
    "no version": b"GET /\r\n" + HOST,
    "a version of another protocol": b"GET / SIP/2.0\r\n" + HOST,
    "HTTP/2": b"GET / HTTP/2.0\r\n" + HOST,
    "HTTP/1.2": b"GET / HTTP/1.2\r\n" + HOST,
    "two blanks": b"GET  / HTTP/1.1\r\n" + HOST,
    "a blank at the end": b"GET / HTTP/1.1 \r\n" + HOST,
    "a tab": b"GET\t/ HTTP/1.1\r\n" + HOST,
    "a blank before the method": b" GET / HTTP/1.1\r\n" + HOST,
    "no target": b"GET HTTP/1.1\r\n" + HOST,
    "a relative target": b"GET a HTTP/1.1\r\n" + HOST,
    "a fragment": b"GET /a#b HTTP/1.1\r\n" + HOST,
    "a blank in the target": b"GET /a b HTTP/1.1\r\n" + HOST,
    "NUL in the target": b"GET /\0 HTTP/1.1\r\n" + HOST,
    "DEL in the target": b"GET /\x7f HTTP/1.1\r\n" + HOST,
    "a raw byte that is no UTF-8 in the target": b"GET /\xff HTTP/1.1\r\n" + HOST,
    "a star for another method": b"GET * HTTP/1.1\r\n" + HOST,
    "the target of CONNECT": b"CONNECT a:80 HTTP/1.1\r\n" + HOST,
    "an absolute target without host": b"GET http:///a HTTP/1.1\r\n" + HOST,
    "an absolute target with user": b"GET http://me@a/ HTTP/1.1\r\n" + HOST,
    "an absolute target of another scheme": b"GET ftp://a/ HTTP/1.1\r\n" + HOST,
    "a method that is no token": b"G(T / HTTP/1.1\r\n" + HOST,
    "no Host": START,
    "two Hosts": START + HOST + HOST,
    "two Hosts that differ": START + HOST + b"host: b\r\n",
    "a Host that is a list": START + b"Host: a, b\r\n",
    "a Host with a path": START + b"Host: a/b\r\n",
    "a header without colon": START + HOST + b"X-A\r\n",
    "a header without name": START + HOST + b": a\r\n",
    "a blank before the colon": START + HOST + b"X-A : 1\r\n",
    "a name that is no token": START + HOST + b"X(A): 1\r\n",
    "a name beyond ASCII": START + HOST + b"X-\xc3\xa9: 1\r\n",
    "a folded line": START + HOST + b"X-A: 1\r\n 2\r\n",
    "a line folded with a tab": START + HOST + b"X-A: 1\r\n\t2\r\n",
    "a folded first line": START + b" X: 1\r\n" + HOST,
    "NUL in a value": START + HOST + b"X-A: 1\x002\r\n",
    "a bare CR in a value": START + HOST + b"X-A: 1\r2\r\n",
    "a bare LF in a value": START + HOST + b"X-A: 1\nX-B: 2\r\n",
    "a bare LF after the request line": b"GET / HTTP/1.1\n" + HOST,
    "an escape in a value": START + HOST + b"X-A: \x1b[31m\r\n",
    "an empty length": START + HOST + b"Content-Length:\r\n",
    "a length that is no number": START + HOST + b"Content-Length: five\r\n",
    "a negative length": START + HOST + b"Content-Length: -1\r\n",
    "a length with a sign": START + HOST + b"Content-Length: +1\r\n",
    "a hexadecimal length": START + HOST + b"Content-Length: 0x1\r\n",
    "a length in other digits": START + HOST + "Content-Length: \u0661\r\n".encode(),
    "a length beyond all bounds": START + HOST + b"Content-Length: " + b"9" * 400 + b"\r\n",
    "a length with an underscore": START + HOST + b"Content-Length: 1_0\r\n",
    "two lengths": START + HOST + b"Content-Length: 1\r\nContent-Length: 1\r\n",
    "lengths that conflict": START + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n",
    "a list of lengths": START + HOST + b"Content-Length: 1, 1\r\n",
    "chunks with a length": START + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
    "a length with chunks": START + HOST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
    "an unknown coding": START + HOST + b"Transfer-Encoding: gzip\r\n",
    "a coding before chunked": START + HOST + b"Transfer-Encoding: gzip, chunked\r\n",
    "chunked twice": START + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "almost chunked": START + HOST + b"Transfer-Encoding: xchunked\r\n",
    "chunked with a tab inside": START + HOST + b"Transfer-Encoding: chun\tked\r\n",
    "chunks in HTTP/1.0": b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n",
}

BODIES = {
    "a size that is no number": b"x\r\n",
    "an empty size": b"\r\n",
    "a negative size": b"-1\r\n",
    "a size with 0x": b"0x1\r\na\r\n",
    "a size with a blank": b"1 \r\na\r\n",
    "a size with a blank before": b" 1\r\na\r\n",
    "a size with an underscore": b"1_0\r\n",
    "a size of too many digits": b"000000001\r\na\r\n",
    "a size line ended by LF": b"1\na\r\n",
    "an endless extension": b"1;" + b"a" * 300,
    "an extension that is no token": b"1;a b\r\na\r\n",
    "a chunk longer than its size": b"1\r\nab\r\n0\r\n\r\n",
    "a chunk ended by LF": b"1\r\na\n0\r\n\r\n",
    "a trailer that is no header": b"0\r\nnonsense\r\n\r\n",
    "a folded trailer": b"0\r\nX: 1\r\n 2\r\n\r\n",
}


def refused(client: Client) -> bool:
    """400 in AWS's words, and nothing after it."""
    received = client.answer()
    assert received.header("connection") == "close"
    return says(received, 400, "Bad Request") and client.is_closed


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_malformed_head_is_refused(serve: Serve, head: bytes) -> None:
    seen: list[Request] = []

    async def answer(request: Request) -> Answer:
        seen.append(request)
        return await echo(request)

    smuggled = request("GET", "/smuggled")
    with serve(answer) as serving:
        assert refused(serving.client().send(head, b"\r\n", smuggled))
        assert seen == []


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_malformed_chunk_is_refused(serve: Serve, body: bytes) -> None:
    with serve() as serving:
        assert refused(serving.client().send(CHUNKED, body))


def test_a_tls_handshake_is_refused_at_once(serve: Serve) -> None:
    with serve() as serving:
        assert refused(serving.client().send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"))


def test_lines_ended_by_a_bare_lf_are_refused_at_once(serve: Serve) -> None:
    with serve() as serving:
        assert refused(serving.client().send(b"GET / HTTP/1.1\nHost: a\n\n"))


def test_the_requests_before_a_malformed_one_are_answered(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        client.send(request("GET", "/1"), request("POST", "/2", body=b"x"), b"garbage\r\n\r\n")
        assert [client.answer().json["path"] for _ in range(2)] == ["/1", "/2"]
        assert refused(client)


def test_one_client_s_garbage_does_not_touch_another(serve: Serve) -> None:
    with serve() as serving:
        other = serving.client()
        assert other.get("/1").status == 200
        assert refused(serving.client().send(b"\0\0\0\0"))
        assert other.get("/2").status == 200


def test_the_refusal_reaches_a_client_that_is_still_sending(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        client.send(b"GARBAGE\r\n\r\n" + b"x" * 3_000_000)
        assert says(client.answer(), 400, "Bad Request")
