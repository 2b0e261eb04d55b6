"""Clients that are slow, fall silent or go away: they cost what the limits say and no more."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable

import pytest

from skylift.http import Answer, Request
from skylift.local.http.limits import Limits
from tests.system.serving import Gate, Serving, request, says

Serve = Callable[..., Serving]
IMPATIENT = Limits(receive_s=0.2, idle_s=0.4, drain_s=0.2, linger_s=0.2)
MIB = 1024 * 1024
TEXT = (("content-type", "text/plain"),)


# -- slow and silent clients


@pytest.mark.parametrize(
    "part",
    [
        b"G",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        request("POST", "/", "Content-Length: 5") + b"hell",
        request("POST", "/", "Transfer-Encoding: chunked") + b"5\r\nhell",
        request("POST", "/", "Transfer-Encoding: chunked") + b"0\r\n",
        request("POST", "/", "Expect: 100-continue", "Content-Length: 5"),
    ],
)
def test_a_request_that_does_not_come_whole_in_time_is_408(serve: Serve, part: bytes) -> None:
    with serve(limits=IMPATIENT) as serving:
        client = serving.client()
        assert client.get().status == 200
        client.send(part)
        started = time.monotonic()
        received = client.answer()
        if received.status == 100:
            received = client.answer()
        assert says(received, 408, "Request Timeout")
        assert time.monotonic() - started >= 0.2
        assert client.is_closed


def test_bytes_that_trickle_in_do_not_buy_time(serve: Serve) -> None:
    with serve(limits=IMPATIENT) as serving:
        client = serving.client().send(b"GET / HTTP/1.1\r\nX: ")
        ended = time.monotonic() + 4 * IMPATIENT.receive_s
        while not client.is_readable and time.monotonic() < ended:
            client.send(b"x")
            time.sleep(0.02)
        assert client.is_readable
        assert says(client.answer(), 408, "Request Timeout")


def test_an_idle_connection_is_closed_without_a_word(serve: Serve) -> None:
    with serve(limits=IMPATIENT) as serving:
        silent, client = serving.client(), serving.client()
        started = time.monotonic()
        assert client.get().status == 200
        assert client.is_closed
        assert silent.is_closed
        assert time.monotonic() - started >= 0.4


def test_a_slow_handler_is_not_an_idle_client(serve: Serve) -> None:
    gate = Gate()
    limits = Limits(receive_s=0.02, idle_s=0.02, drain_s=0.02, linger_s=0.02)
    with serve(gate, limits=limits) as serving:
        client = serving.client().send(request("GET", "/1"), request("GET", "/2"))
        serving.until(lambda: len(gate.came) == 2)
        serving.run(asyncio.sleep(0.1))
        gate.open(serving, "/1", "/2")
        assert [client.answer().body for _ in range(2)] == [b"/1", b"/2"]


def test_a_request_held_up_by_those_before_it_is_not_late(serve: Serve) -> None:
    gate = Gate()
    limits = Limits(pipelined_max=1, receive_s=0.04)
    with serve(gate, limits=limits) as serving:
        client = serving.client().send(request("GET", "/1"), request("POST", "/2", body=b"x")[:-1])
        serving.run(asyncio.sleep(0.1))
        gate.open(serving, "/1", "/2")
        assert client.answer().body == b"/1"
        assert client.send(b"x").answer().body == b"/2"


def test_a_client_that_does_not_read_is_sent_no_more_and_then_dropped(serve: Serve) -> None:
    answered: list[str] = []

    async def answer(request: Request) -> Answer:
        answered.append(request.path)
        return Answer(200, (), b"x" * MIB)

    limits = Limits(pipelined_max=2, drain_s=0.3)
    with serve(answer, limits=limits) as serving:
        client = serving.client(receive_buffer=8192)
        client.send(*(request("GET", f"/{number}") for number in range(100)))
        serving.until(lambda: len(answered) >= 2)
        serving.until(lambda: serving.server.connections == 0)
        assert len(answered) < 20
        assert len(client.rest()) < len(answered) * MIB


def test_a_client_that_reads_slowly_but_reads_gets_everything(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(200, TEXT, b"x" * MIB * 5)

    with serve(answer, limits=Limits(drain_s=0.2)) as serving:
        client = serving.client(receive_buffer=65_536)
        client.send(request("GET", "/", "Connection: close"))
        received = b""
        while part := client.socket.recv(262_144):
            received += part
            time.sleep(0.02)  # a quarter of a second of time-outs at least
        assert len(received) > 5 * MIB
        assert received.endswith(b"x")


def test_a_client_that_reads_again_gets_its_pipelined_answers(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(200, (("x-path", request.path),), b"x" * MIB)

    with serve(answer, limits=Limits(pipelined_max=2)) as serving:
        client = serving.client(receive_buffer=8192)
        client.send(*(request("GET", f"/{number}") for number in range(30)))
        paths = [client.answer().header("x-path") for _ in range(30)]
    assert paths == [f"/{number}" for number in range(30)]


def test_a_client_busy_reading_is_not_late_with_its_next_request(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(200, TEXT, request.body or b"x" * MIB * 5)

    with serve(answer, limits=Limits(receive_s=0.3)) as serving:
        client = serving.client(receive_buffer=65_536)
        client.send(request("GET", "/"), request("POST", "/", body=b"xy")[:-1])
        for _ in range(4):
            time.sleep(0.1)  # longer in all than a request may take
        assert len(client.answer().body) == 5 * MIB
        time.sleep(0.1)  # for the server to look at its connections
        assert client.send(b"y").answer().body == b"xy"


# -- clients that go away


def test_a_half_closed_client_still_gets_its_answers(serve: Serve) -> None:
    gate = Gate()
    with serve(gate) as serving:
        client = serving.client().send(request("GET", "/1"), request("POST", "/2", body=b"x"))
        client.finish_sending()
        serving.until(lambda: len(gate.came) == 2)
        gate.open(serving, "/2", "/1")
        assert [client.answer().body for _ in range(2)] == [b"/1", b"/2"]
        assert client.is_closed


def test_a_half_closed_client_gets_more_answers_than_may_be_under_way(serve: Serve) -> None:
    with serve(limits=Limits(pipelined_max=2)) as serving:
        client = serving.client().send(*(request("GET", f"/{number}") for number in range(9)))
        client.finish_sending()
        assert [client.answer().json["path"] for _ in range(9)] == [f"/{n}" for n in range(9)]
        assert client.is_closed


def test_a_client_that_half_closes_inside_a_request_is_refused(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client().send(request("POST", "/", "Content-Length: 5"), b"hell")
        assert says(client.finish_sending().answer(), 400, "Bad Request")
        assert client.is_closed


def test_a_client_that_half_closes_between_requests_is_closed(serve: Serve) -> None:
    with serve() as serving:
        client = serving.client()
        assert client.get().status == 200
        assert client.finish_sending().is_closed


@pytest.mark.parametrize("leave", ["vanish", "close"])
def test_a_client_that_leaves_before_its_answer_does_not_stop_the_handler(
    serve: Serve, leave: str
) -> None:
    gate = Gate()
    with serve(gate) as serving:
        client = serving.client().send(request("GET", "/1"), request("GET", "/2"))
        serving.until(lambda: len(gate.came) == 2)
        getattr(client, leave)()
        gc.collect()
        gate.open(serving, "/2", "/1")
        serving.until(lambda: sorted(gate.left) == ["/1", "/2"])
        serving.until(lambda: serving.server.connections == 0)
    assert gate.cancelled == []
    assert serving.errors == []


@pytest.mark.parametrize("sent", [b"", b"GET / HT", request("POST", "/", "Content-Length: 9")])
def test_a_client_that_leaves_inside_a_request_leaves_nothing_behind(
    serve: Serve, sent: bytes
) -> None:
    with serve() as serving:
        client = serving.client().send(sent)
        serving.until(lambda: serving.server.connections == 1)
        client.vanish()
        serving.until(lambda: serving.server.connections == 0)


def test_a_client_that_leaves_inside_its_answer_leaves_nothing_behind(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(200, TEXT, b"x" * MIB * 5)

    with serve(answer) as serving:
        client = serving.client(receive_buffer=8192).send(request("GET", "/"))
        assert client.socket.recv(100).startswith(b"HTTP/1.1 200")
        client.vanish()
        serving.until(lambda: serving.server.connections == 0)


def test_requests_are_not_kept_once_answered(serve: Serve) -> None:
    def alive() -> int:
        gc.collect()
        return sum(isinstance(thing, Request) for thing in gc.get_objects())

    with serve() as serving:
        client = serving.client()
        client.get()
        before = alive()
        for _ in range(20):
            client.get()
        serving.until(lambda: alive() <= before)  # the last was answered before it was let go
