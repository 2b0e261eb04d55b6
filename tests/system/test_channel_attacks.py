"""WebSocket clients that break the rules, are slow, or ask for too much: each is told so, nobody
else notices, and memory stays bounded.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.system.hall import Hall
from tests.system.sockets import (
    BINARY,
    CLOSE,
    CONTINUED,
    PING,
    PONG,
    TEXT,
    Socket,
    frame,
)

INIT = json.dumps({"type": "connection_init"}).encode()
KB = 1024


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    found = Hall(tmp_path_factory.mktemp("hall"))
    with found.served:
        yield found


@pytest.fixture(scope="module", autouse=True)
def unfinished(hall: Hall) -> Iterator[Future[tuple[int, float]]]:
    """A message that does not come whole. Its time passes while the others are tried: the code, and
    after how many seconds.
    """

    def ended() -> tuple[int, float]:
        began = time.monotonic()
        socket.send(frame(TEXT, INIT)[:-1])
        return socket.end().code, time.monotonic() - began

    with ThreadPoolExecutor(1) as threads, Socket(hall.port) as socket:
        socket.ask(type="connection_init")
        socket.wait(40)
        yield threads.submit(ended)
        socket.send(frame(CLOSE, b""))  # whoever asks for other tests does not wait for it


BROKEN = {  # masks are random: each has a name of its own
    "no mask": (frame(TEXT, INIT, masked=False), 1002),
    "binary": (frame(BINARY, b"x"), 1003),
    "no UTF-8": (frame(TEXT, b"\xff\xfe"), 1007),
    "a surrogate": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "a letter cut in two": (frame(TEXT, b"\xc3", last=False) + frame(CONTINUED, b"("), 1007),
    "goes on with nothing": (frame(CONTINUED, b"x"), 1002),
    "two at once": (frame(TEXT, b"x", last=False) + frame(TEXT, b"y"), 1002),
    "a ping in pieces": (frame(PING, b"x", last=False), 1002),
    "a long ping": (frame(PING, b"x" * 126), 1002),
    "opcode 3": (frame(0x3, b"x"), 1002),
    "opcode 11": (frame(0xB, b"x"), 1002),
    "a reserved bit": (frame(0x40 | TEXT, INIT), 1002),
    "a length in more bytes than it needs": (bytes([0x81, 0x80 | 126, 0, 5]), 1002),
    "a length in nine bytes": (bytes([0x81, 0x80 | 127, 0, 0, 0, 0, 0, 0, 1, 0]), 1002),
    "a length beyond all": (bytes([0x81, 0x80 | 127]) + b"\xff" * 8, 1009),
    "too long": (frame(TEXT, b"x" * (32 * KB + 1)), 1009),
    "too long in pieces": (
        frame(TEXT, b"x" * 20 * KB, last=False) + frame(CONTINUED, b"x" * 20 * KB),
        1009,
    ),
    "half a code": (frame(CLOSE, b"\x03"), 1002),
    "code 1005": (frame(CLOSE, (1005).to_bytes(2, "big")), 1002),
    "code 999": (frame(CLOSE, (999).to_bytes(2, "big")), 1002),
    "a reason not in UTF-8": (frame(CLOSE, (1000).to_bytes(2, "big") + b"\xff"), 1007),
    "bye": (frame(CLOSE, (1000).to_bytes(2, "big") + b"bye"), 1000),
    "no reason": (frame(CLOSE, b""), 1000),
}


@pytest.mark.parametrize(("sent", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_what_breaks_the_rules_ends_with_the_code_that_says_so(
    hall: Hall, sent: bytes, code: int
) -> None:
    with Socket(hall.port) as socket:
        socket.send(sent)
        assert socket.end().code == code


def test_a_message_may_come_in_pieces_with_pings_between_them_byte_by_byte(hall: Hall) -> None:
    pieces = frame(TEXT, INIT[:5], last=False) + frame(PING, b"are you there")
    pieces += frame(CONTINUED, b"", last=False) + frame(CONTINUED, INIT[5:])
    with Socket(hall.port) as socket:
        for byte in pieces:
            socket.send(bytes([byte]))
        assert socket.frame() == (PONG, b"are you there")
        assert socket.hear()["type"] == "connection_ack"


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"{", b"null", b"[]", b'"x"', b"{}", b'{"type":1}', b'{"type":"start"}'),
        b"[" * 10_000,
        b'{"type":"subscribe","id":[],"channel":"/news/all"}',
        b'{"type":"subscribe","id":"1","channel":{},"authorization":7}',
    ],
)
def test_what_is_no_message_is_said_to_be_none(hall: Hall, text: bytes) -> None:
    with Socket(hall.port) as socket:
        socket.send(frame(TEXT, text))
        assert socket.hear()["type"] == "error"
        assert socket.ask(type="connection_init")["type"] == "connection_ack"


def test_who_does_not_read_is_dropped_and_the_others_hear_everything(hall: Hall) -> None:
    token = hall.guest()
    text = "x" * 100 * KB
    before = memory(hall)
    with Socket(hall.port, receives=4 * KB) as deaf, Socket(hall.port) as other:
        for socket in (deaf, other):
            socket.subscribe("/news/all")
        for no in range(40):
            hall.post("/news", token, text=f"{no} {text}")
            assert other.events(1)[0]["text"].startswith(f"{no} ")
        assert memory(hall) - before < 20_000_000  # of the 4 MB that it has left unread
        assert deaf.end().code in (1013, 0)
        hall.post("/news", token, text="after")
        assert other.events(1)[0]["text"] == "after"


def test_pings_that_nobody_reads_the_answers_of_are_not_kept(hall: Hall) -> None:
    before = memory(hall)
    with Socket(hall.port, receives=4 * KB) as socket:
        socket.wait(2)
        pings = frame(PING, b"x" * 125) * 400_000
        with pytest.raises((TimeoutError, ConnectionError)):
            socket.send(pings)
        assert memory(hall) - before < 20_000_000


def test_a_flood_of_subscriptions_is_seen_to_one_by_one(hall: Hall) -> None:
    asked = [
        frame(
            TEXT, json.dumps({"type": "subscribe", "id": str(no), "channel": "/news/all"}).encode()
        )
        for no in range(1_000)
    ]
    with Socket(hall.port) as socket:
        socket.send(b"".join(asked))
        told = [socket.hear() for _ in range(1_000)]
    assert [one["type"] for one in told].count("subscribe_success") == 200
    assert [one["id"] for one in told] == [str(no) for no in range(1_000)]


def test_who_leaves_while_his_guard_is_asked_is_subscribed_to_nothing(hall: Hall) -> None:
    token = hall.guest()
    for _ in range(20):
        socket = Socket(hall.port, token)
        socket.say(type="subscribe", id="1", channel="/slow/a")
        socket.say(type="subscribe", id="2", channel="/news/all")
        socket.close()
    hall.post("/news", token, text="x")
    with Socket(hall.port) as socket:
        assert socket.subscribe("/news/all")["type"] == "subscribe_success"


def test_a_message_that_does_not_come_whole_is_not_waited_for(
    unfinished: Future[tuple[int, float]],
) -> None:
    code, after_s = unfinished.result()
    assert code == 1008
    assert after_s > 15


def memory(hall: Hall) -> int:
    with open(f"/proc/{hall.served.process.pid}/statm") as file:
        return int(file.read().split()[1]) * 4096
