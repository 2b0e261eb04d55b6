"""Which server answers a trivial request at the least cost: own protocol, uvicorn, granian.

`python bench/servers.py [ROUNDS]` interleaves rounds of wrk and prints medians. The CPU a request
costs the server process is the figure to trust on a machine that does other things as well.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BODY = b'{"status":"ok"}'
HEADERS = (("content-type", "application/json"),)
HOST = "127.0.0.1"
SECONDS = 2
TICKS = os.sysconf("SC_CLK_TCK")


# -- what is served


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    headers = [(b"content-type", b"application/json"), (b"content-length", b"15")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def serve_own(port: int, loop: asyncio.AbstractEventLoop) -> None:
    from skylift.http import Answer, Request
    from skylift.local.http.server import HttpServer
    from skylift.system import SystemClock

    answer = Answer(200, HEADERS, BODY)

    async def answered(request: Request) -> Answer:
        return answer

    async def main() -> None:
        server = HttpServer(answered, SystemClock(), on_error=print)
        await server.start(HOST, port)
        await asyncio.Event().wait()

    loop.run_until_complete(main())


def serve_httptools(port: int, loop: asyncio.AbstractEventLoop) -> None:
    """The least that httptools needs: no limits, no time-outs, no order among pipelined answers."""
    import httptools

    from skylift.http import Answer, Request
    from skylift.local.http.reply import AS_VERSION, written

    answer = Answer(200, HEADERS, BODY)

    async def answered(request: Request) -> Answer:
        return answer

    class Protocol(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport
            self.parser = httptools.HttpRequestParser(self)
            self.headers: dict[str, str] = {}

        def data_received(self, data: bytes) -> None:
            self.parser.feed_data(data)

        def on_url(self, url: bytes) -> None:
            self.url = url
            self.headers = {}
            self.body = b""

        def on_header(self, name: bytes, value: bytes) -> None:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

        def on_body(self, body: bytes) -> None:
            self.body += body

        def on_message_complete(self) -> None:
            path, _, query = self.url.decode().partition("?")
            method = self.parser.get_method().decode()
            self.keep_alive = self.parser.should_keep_alive()
            request = Request(method, path, query, self.headers, self.body)
            self.task = asyncio.Task(self.serve(request), loop=loop, name="http")

        async def serve(self, request: Request) -> None:
            self.transport.write(written(await answered(request), DATE, AS_VERSION))

    date = time.strftime("date: %a, %d %b %Y %H:%M:%S GMT\r\n", time.gmtime())
    DATE = date.encode()
    loop.run_until_complete(loop.create_server(Protocol, HOST, port))
    loop.run_forever()


def serve_uvicorn(port: int) -> None:
    import uvicorn

    uvicorn.run(
        asgi, host=HOST, port=port, loop="uvloop", http="httptools", log_level="error",
        access_log=False, lifespan="off",
    )  # fmt: skip


def serve_granian(port: int) -> None:
    from granian.constants import Interfaces, Loops
    from granian.server import Server

    Server(
        "servers:asgi", address=HOST, port=port, interface=Interfaces.ASGINL, workers=1,
        loop=Loops.uvloop, log_enabled=False,
    ).serve()  # fmt: skip


def uv() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


SERVERS: dict[str, Callable[[int], None]] = {
    "own, uvloop": lambda port: serve_own(port, uv()),
    "own, asyncio": lambda port: serve_own(port, asyncio.new_event_loop()),
    "httptools, uvloop": lambda port: serve_httptools(port, uv()),
    "httptools, asyncio": lambda port: serve_httptools(port, asyncio.new_event_loop()),
    "uvicorn": serve_uvicorn,
    "granian": serve_granian,
}


# -- how it is measured


class Served:
    """One server in a process of its own, on core 0; the load runs on core 1."""

    def __init__(self, name: str) -> None:
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port: int = free.getsockname()[1]
        command = ["taskset", "-c", "0", sys.executable, __file__, "serve", name, str(self.port)]
        self.process = subprocess.Popen(command, cwd=Path(__file__).parent, start_new_session=True)
        self._wait()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                socket.create_connection((HOST, self.port)).close()
            except ConnectionRefusedError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError(f"{self.process.args} does not listen")

    def cpu_s(self) -> float:
        """User and system time of the process and its children, which granian works in."""
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                values = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(values[3]) == self.process.pid:  # the session we started
                total += int(values[11]) + int(values[12])
        return total / TICKS

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def wrk(port: int) -> tuple[int, float]:
    """How many requests, and how many a second."""
    url = f"http://{HOST}:{port}/notes/1"
    command = ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{SECONDS}s", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    count, rate = (
        re.search(r"(\d+) requests in", said),
        re.search(r"Requests/sec:\s+([\d.]+)", said),
    )
    assert count is not None, said
    assert rate is not None, said
    return int(count[1]), float(rate[1])


def main(rounds: int) -> None:
    served = {name: Served(name) for name in SERVERS}
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    costs: dict[str, list[float]] = {name: [] for name in SERVERS}
    try:
        for _ in range(rounds):
            for name, server in served.items():
                before = server.cpu_s()
                count, rate = wrk(server.port)
                rates[name].append(rate)
                costs[name].append((server.cpu_s() - before) / count * 1e6)
    finally:
        for server in served.values():
            server.stop()
    print(f"{'':20}{'req/s':>10}{'min':>10}{'max':>10}{'CPU us/req':>12}")
    for name in SERVERS:
        rate, low, high = statistics.median(rates[name]), min(rates[name]), max(rates[name])
        cost = statistics.median(costs[name])
        print(f"{name:20}{rate:10,.0f}{low:10,.0f}{high:10,.0f}{cost:12.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        SERVERS[sys.argv[2]](int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
