"""Reading HTTP answers: what http.client reads of a sound one is read, however it is split; of a
broken one nothing is believed.
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable
from random import Random

import pytest

from skylift.aws.runtime.answer import Answer, Reader, Unread

NAMES = (b"Date", b"Server", b"x-amzn-RequestId", b"X-A", b"Connection", b"x-~", b"Content-Type")
VALUES = (b"", b"a", b" b ", b"\tc", b"keep-alive", b"d, e", b"caf\xc3\xa9", b"a:b", b'"x"')


def pieces(data: bytes, dice: Random) -> Callable[[], bytes]:
    """The bytes, split anywhere, and then the end."""
    left = [data]

    def receive() -> bytes:
        size = dice.choice((1, 2, 7, 100, 100_000))
        piece, left[0] = left[0][:size], left[0][size:]
        return piece

    return receive


def sound(dice: Random) -> bytes:
    body = dice.randbytes(dice.choice((0, 1, 2, 100, 3000)))
    lines = [
        dice.choice(NAMES) + b":" + dice.choice((b"", b" ")) + dice.choice(VALUES)
        for _ in range(dice.randrange(6))
    ]
    if dice.random() < 0.5:
        lines.append(b"Content-Length: %d" % len(body))
    else:
        lines.append(b"transfer-encoding: chunked")
        body = chunked(body, dice)
    dice.shuffle(lines)
    status = dice.choice((b"200 OK", b"200", b"200 ", b"400 Bad Request", b"503 a b", b"599 \xff"))
    interim = b"HTTP/1.1 100 Continue\r\n\r\n" if dice.random() < 0.2 else b""
    version = dice.choice((b"HTTP/1.1 ", b"HTTP/1.1 ", b"HTTP/1.0 "))
    return interim + b"\r\n".join([version + status, *lines, b"", b""]) + body


def chunked(body: bytes, dice: Random) -> bytes:
    parts: list[bytes] = []
    while body:
        size = dice.randrange(1, len(body) + 1)
        form = dice.choice((b"%x", b"%X", b"0%x", b"%x;a=b", b"%x ;a"))
        parts.append(form % size + b"\r\n" + body[:size] + b"\r\n")
        body = body[size:]
    trailer = dice.choice((b"", b"", b"X-T: 1\r\n", b"a: b\r\nc: d\r\n"))
    return b"".join(parts) + b"0\r\n" + trailer + b"\r\n"


class Fake:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def as_http_client(data: bytes) -> tuple[int, dict[str, str], bytes]:
    found = http.client.HTTPResponse(Fake(data))  # pyright: ignore[reportArgumentType]
    found.begin()
    headers: dict[str, str] = {}
    for name, value in found.getheaders():
        key, said = name.lower(), value.strip(" \t")
        headers[key] = f"{headers[key]},{said}" if key in headers else said
    return found.status, headers, found.read()


@pytest.mark.parametrize("seed", range(10))
def test_a_sound_answer_is_read_as_http_client_reads_it(seed: int) -> None:
    dice = Random(seed)
    for _ in range(200):
        data = sound(dice)
        found = Reader(pieces(data, dice)).answer()
        assert (found.status, found.headers, found.body) == as_http_client(data), data


@pytest.mark.parametrize("seed", range(10))
def test_a_broken_answer_is_unread_and_nothing_worse(seed: int) -> None:
    dice = Random(seed + 100)
    unread = 0
    for _ in range(400):
        data = bytearray(sound(dice))
        for _ in range(dice.randrange(1, 5)):
            place = dice.randrange(len(data) + 1)
            data[place : place + dice.randrange(5)] = dice.choice(
                (b"", b"\r\n", b"\n", b"\0", b"9", b"f", b":", b" ", b"\r\n\r\n", dice.randbytes(2))
            )
        try:
            found = Reader(pieces(bytes(data), dice)).answer(10_000)
            assert isinstance(found, Answer)
        except Unread:
            unread += 1
    assert unread > 50


@pytest.mark.parametrize("seed", range(3))
def test_an_answer_cut_anywhere_is_unread(seed: int) -> None:
    dice = Random(seed)
    data = sound(dice)
    for end in range(len(data)):
        with pytest.raises(Unread) as raised:
            Reader(pieces(data[:end], dice)).answer()
        assert raised.value.began == (end > 0)


@pytest.mark.parametrize(
    ("head", "is_last"),
    [
        (b"HTTP/1.1 200 OK\r\n", False),
        (b"HTTP/1.0 200 OK\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", False),
        (b"HTTP/1.1 200 OK\r\nConnection: x\r\nconnection: Close\r\n", True),
    ],
)
def test_an_answer_says_whether_another_may_follow(head: bytes, is_last: bool) -> None:
    data = head + b"Content-Length: 2\r\n\r\n{}"
    for more in (b"", b"x"):
        receive = iter([data + more, b""]).__next__
        assert Reader(receive).answer().is_last == (is_last or bool(more))


@pytest.mark.parametrize("status", [204, 304])
def test_some_answers_have_no_body_whatever_they_say(status: int) -> None:
    data = b"HTTP/1.1 %d X\r\nContent-Length: 5\r\n\r\n" % status
    assert Reader(iter([data, b""]).__next__).answer().body == b""


def test_a_body_may_be_as_large_as_its_bound_and_no_larger() -> None:
    for coding in (b"Content-Length: 100\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n64\r\n"):
        data = b"HTTP/1.1 200 OK\r\n" + coding + b"x" * 100 + b"\r\n0\r\n\r\n"
        assert Reader(iter([data, b""]).__next__).answer(100).body == b"x" * 100
        with pytest.raises(Unread, match="more than 99 bytes"):
            Reader(iter([data, b""]).__next__).answer(99)


def test_chunks_together_are_no_larger_than_a_body_may_be() -> None:
    chunk = b"32\r\n" + b"x" * 50 + b"\r\n"
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 2 + b"0\r\n\r\n"
    assert Reader(iter([data, b""]).__next__).answer(100).body == b"x" * 100
    with pytest.raises(Unread, match="more than 49 bytes"):
        Reader(iter([data, b""]).__next__).answer(99)
