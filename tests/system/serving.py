"""An HttpServer in a thread of its own, and raw sockets towards it: what a test sends is sent."""

from __future__ import annotations

import asyncio
import json
import select
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from types import TracebackType
from typing import Any, NamedTuple

from skylift.http import Answer, Request
from skylift.local.http.limits import Limits
from skylift.local.http.server import HttpServer
from skylift.system import SystemClock

HOST = "127.0.0.1"
PATIENCE_S = 5.0
JSON = (("content-type", "application/json"),)


class Received(NamedTuple):
    """A response as it came; `headers` in order, with repeats."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return dict(self.headers).get(name)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def echo(request: Request) -> Answer:
    """Everything a handler sees, as JSON; the body as latin-1."""
    seen = {
        "method": request.method,
        "path": request.path,
        "query": request.query_string,
        "headers": dict(request.headers),
        "body": request.body.decode("latin-1"),
        "ip": request.ip,
    }
    return Answer(200, JSON, json.dumps(seen).encode())


class Client:
    """One connection, blocking."""

    def __init__(self, port: int, *, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_S)
        try:
            self.socket.connect((HOST, port))
        except OSError:
            self.socket.close()
            raise
        self.file = self.socket.makefile("rb")

    def send(self, *parts: bytes) -> Client:
        self.socket.sendall(b"".join(parts))
        return self

    def get(self, path: str = "/", *lines: str) -> Received:
        return self.send(request("GET", path, *lines)).answer()

    def answer(self, *, to_head: bool = False) -> Received:
        """The next response."""
        line = self.file.readline()
        if not line:
            raise ConnectionError("closed before an answer")
        version, status, _ = line.decode().split(" ", 2)
        assert version == "HTTP/1.1"
        headers: list[tuple[str, str]] = []
        while (text := self.file.readline().decode()) != "\r\n":
            assert text.endswith("\r\n"), text
            name, _, value = text.rstrip("\r\n").partition(": ")
            headers.append((name, value))
        bodiless = to_head or status in ("100", "204", "304")
        length = 0 if bodiless else int(dict(headers)["content-length"])
        return Received(int(status), headers, self.file.read(length))

    def rest(self) -> bytes:
        """All that still comes until the server closes."""
        return self.file.read()

    @property
    def is_closed(self) -> bool:
        """The server has closed, and said nothing more before."""
        return self.rest() == b""

    @property
    def is_readable(self) -> bool:
        """Something has come, and be it the end."""
        return bool(select.select([self.socket], [], [], 0)[0])

    def finish_sending(self) -> Client:
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def vanish(self) -> None:
        """Close with a reset, as a crashed client does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close()

    def close(self) -> None:
        self.file.close()
        self.socket.close()


class Serving:
    """A server for one test: `with Serving(answer) as serving: serving.client().get("/")`."""

    def __init__(
        self,
        answer: Callable[[Request], Awaitable[Answer]] = echo,
        *,
        limits: Limits | None = None,
        loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        self.errors: list[BaseException] = []
        self.unhandled: list[dict[str, Any]] = []
        self.server = HttpServer(answer, SystemClock(), on_error=self.errors.append, limits=limits)
        self.loop = loop()
        self.loop.set_exception_handler(lambda _, context: self.unhandled.append(context))
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._clients = ExitStack()

    def __enter__(self) -> Serving:
        self._thread.start()
        self.run(self.server.start(HOST, 0))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clients.close()
        self.run(self.server.stop(0.0))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
        if error is None:
            assert not self.unhandled, self.unhandled[0]
            assert self.server.connections == 0

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run it on the server's loop and wait."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE_S)

    def client(self, *, receive_buffer: int | None = None) -> Client:
        client = Client(self.server.port, receive_buffer=receive_buffer)
        self._clients.callback(client.close)
        return client

    def get(self, path: str = "/", *lines: str) -> Received:
        """One request on a connection of its own."""
        return self.client().get(path, *lines)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds, as the loop sees it."""

        async def watch() -> None:
            async with asyncio.timeout(PATIENCE_S):
                while not holds():
                    await asyncio.sleep(0.005)

        self.run(watch())


class Gate:
    """A handler that waits: it counts who came, and lets them pass when opened."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.left: list[str] = []
        self.cancelled: list[str] = []
        self._opened: dict[str, asyncio.Event] = {}

    async def __call__(self, request: Request) -> Answer:
        path = request.path
        self.came.append(path)
        try:
            await self._event(path).wait()
        except asyncio.CancelledError:
            self.cancelled.append(path)
            raise
        self.left.append(path)
        return Answer(200, (), path.encode())

    def open(self, serving: Serving, *paths: str) -> None:
        for path in paths:
            serving.loop.call_soon_threadsafe(self._event(path).set)

    def _event(self, path: str) -> asyncio.Event:
        return self._opened.setdefault(path, asyncio.Event())


def request(method: str, path: str, *lines: str, body: bytes = b"") -> bytes:
    """A proper request; content-length is said when there is a body."""
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def says(received: Received, status: int, message: str) -> bool:
    """The gateway answered by itself, in AWS's words."""
    return (received.status, received.json) == (status, {"message": message})
