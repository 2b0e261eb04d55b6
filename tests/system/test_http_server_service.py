"""Handlers that fail, a handler that is replaced, and a server that stops."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable

import pytest

from skylift.http import Answer, Request
from skylift.local.http.server import HttpServer
from skylift.system import SystemClock
from tests.system.serving import HOST, Gate, Serving, echo, request, says

Serve = Callable[..., Serving]


# -- handlers that fail


def test_an_exception_is_500_and_told(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        if request.path == "/bad":
            raise ZeroDivisionError("our bug")
        return await echo(request)

    with serve(answer) as serving:
        client = serving.client()
        assert says(client.get("/bad"), 500, "Internal Server Error")
        assert client.get("/good").status == 200
    assert [repr(error) for error in serving.errors] == ["ZeroDivisionError('our bug')"]


def test_an_exception_in_answer_to_head_has_no_body(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        raise ZeroDivisionError

    with serve(answer) as serving:
        client = serving.client()
        for _ in range(2):
            assert client.send(request("HEAD", "/")).answer(to_head=True).status == 500


def test_a_handler_that_cancels_itself_is_500_and_told(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        raise asyncio.CancelledError

    with serve(answer) as serving:
        client = serving.client()
        for _ in range(2):
            assert says(client.get(), 500, "Internal Server Error")
    assert [type(error) for error in serving.errors] == [asyncio.CancelledError] * 2


def test_a_handler_that_raises_what_only_a_close_raises_is_500_and_told(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        raise GeneratorExit

    with serve(answer) as serving:
        client = serving.client()
        for _ in range(2):
            assert says(client.get(), 500, "Internal Server Error")
    assert [type(error) for error in serving.errors] == [GeneratorExit] * 2


@pytest.mark.parametrize(
    "headers",
    [
        (("x-a", "1\r\nx-b: 2"),),
        (("x-a", "1\nx-b: 2"),),
        (("x-a", "1\r"),),
        (("x-a", "\0"),),
        (("x-a", "\x1b[31m"),),
        (("x-a\r\nx-b", "1"),),
        (("x a", "1"),),
        (("", "1"),),
        (("x-a:", "1"),),
        (("set-cookie", "a=1\r\nset-cookie: b=2"),),
        (("x-a", "\ud800"),),
    ],
    ids=repr,
)
def test_a_header_that_would_break_the_answer_is_500_and_never_written(
    serve: Serve, headers: tuple[tuple[str, str], ...]
) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(200, headers, b"secret")

    with serve(answer) as serving:
        received = serving.get()
        assert says(received, 500, "Internal Server Error")
        assert [name for name, _ in received.headers] == ["content-type", "date", "content-length"]
    assert isinstance(serving.errors[0], ValueError)


@pytest.mark.parametrize("status", [0, 99, 100, 101, 199, 600, -200, 2000])
def test_a_status_that_is_none_is_500(serve: Serve, status: int) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(status, (), b"")

    with serve(answer) as serving:
        assert says(serving.get(), 500, "Internal Server Error")
    assert str(status) in str(serving.errors[0])


def test_an_unusual_status_and_a_header_beyond_ascii_are_written(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        return Answer(299, (("x-name", "caf\u00e9 \u20ac\t!"),), b"")

    with serve(answer) as serving:
        received = serving.get()
    assert (received.status, received.header("x-name")) == (299, "caf\u00e9 \u20ac\t!")


def test_what_is_no_answer_is_500(serve: Serve) -> None:
    async def answer(request: Request) -> Answer:
        return None  # type: ignore[return-value]

    with serve(answer) as serving:
        assert says(serving.get(), 500, "Internal Server Error")
    assert isinstance(serving.errors[0], AttributeError)


# -- a handler that is replaced


def test_requests_under_way_finish_on_the_handler_they_began_with(serve: Serve) -> None:
    gate = Gate()

    async def new(request: Request) -> Answer:
        return Answer(200, (), b"new")

    with serve(gate) as serving:
        old, other = serving.client().send(request("GET", "/old")), serving.client()
        serving.until(lambda: gate.came == ["/old"])
        serving.server.answer = new
        assert serving.server.answer is new
        assert other.get().body == b"new"
        gate.open(serving, "/old")
        assert old.answer().body == b"/old"
        assert old.get().body == b"new"


# -- starting and stopping


def test_a_taken_port_is_an_error_and_leaves_nothing_running() -> None:
    async def main() -> None:
        first, second = (HttpServer(echo, SystemClock(), on_error=print) for _ in range(2))
        await first.start(HOST, 0)
        with pytest.raises(OSError, match="address already in use") as caught:
            await second.start(HOST, first.port)
        assert caught.value.errno == errno.EADDRINUSE
        await first.stop(0)
        await second.start(HOST, 0)
        await second.stop(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_stop_closes_what_is_idle_and_accepts_no_more(serve: Serve) -> None:
    with serve() as serving:
        fresh, used, partial = (serving.client() for _ in range(3))
        used.get()
        partial.send(b"GET / HT")
        serving.until(lambda: serving.server.connections == 3)
        serving.run(serving.server.stop(60.0))
        assert [client.is_closed for client in (fresh, used)] == [True, True]
        with pytest.raises(ConnectionError):
            serving.client()


def test_a_stop_waits_for_requests_under_way_and_closes_their_connections(serve: Serve) -> None:
    gate = Gate()
    with serve(gate) as serving:
        client = serving.client().send(request("GET", "/1"), request("GET", "/2"))
        serving.until(lambda: len(gate.came) == 2)
        stop = asyncio.run_coroutine_threadsafe(serving.server.stop(60.0), serving.loop)
        serving.run(asyncio.sleep(0))  # it has begun
        client.send(request("GET", "/3"))
        gate.open(serving, "/1")
        assert client.answer().header("connection") is None
        assert not stop.done()
        gate.open(serving, "/2")
        received = client.answer()
        assert (received.body, received.header("connection")) == (b"/2", "close")
        assert client.is_closed
        stop.result(1.0)  # though the client has not closed its side
        assert (gate.came, gate.cancelled) == (["/1", "/2"], [])


def test_what_outlasts_the_grace_is_cancelled_and_closed(serve: Serve) -> None:
    gate = Gate()
    with serve(gate) as serving:
        client, gone = (serving.client().send(request("GET", path)) for path in ("/1", "/2"))
        serving.until(lambda: len(gate.came) == 2)
        gone.vanish()
        serving.run(serving.server.stop(0.05))
        assert sorted(gate.cancelled) == ["/1", "/2"]
        with pytest.raises(ConnectionError):
            client.answer()
        assert serving.server.connections == 0
    assert serving.errors == []


def test_a_handler_that_ignores_its_cancellation_does_not_hold_up_the_stop(serve: Serve) -> None:
    released = asyncio.Event()

    async def answer(request: Request) -> Answer:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                pass
        return Answer(200, (), b"")

    with serve(answer) as serving:
        client = serving.client().send(request("GET", "/"))
        serving.until(lambda: serving.server.connections == 1)
        serving.run(serving.server.stop(0.0))
        with pytest.raises(ConnectionError):
            client.answer()
        serving.loop.call_soon_threadsafe(released.set)
        serving.until(lambda: serving.server.connections == 0)
