"""Two thousand subscribers on one process, told fifty times: from who publishes (a request) to each
receipt, and what a connection takes of the server's memory. The clients are on the same machine, in
one process of their own, and take their time of the same two cores.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from bench.contender import HOST, Running, started
from bench.figure import Measured, Plan, Row
from bench.peers.lineup import skylift
from bench.session import ROOT
from tests.system.sockets import PROTOCOL, TEXT, frame, handshake

SERVER = skylift("serve", "bench/apps/stadium")
SUBSCRIBERS, PUBLISHES = 2_000, 50
EVERY_S = 0.3  # between two publishes
ROUNDS_MAX = 3
P95_MS, CONNECTION_KB = 250.0, 40.0
AT_ONCE = 50  # connections that are being made
PATIENCE_S = 60.0
SUBSCRIBE = {"type": "subscribe", "id": "1", "channel": "/live/all"}
MARK = b'\\"at_s\\":'


def rows(plan: Plan) -> list[Row]:
    p95: list[float] = []
    median: list[float] = []
    kilobytes: list[float] = []
    for _ in range(min(plan.rounds, ROUNDS_MAX)):
        with started(SERVER) as server:
            found, taken = _round(server)
        ordered = sorted(found)
        p95.append(ordered[int(len(ordered) * 0.95)] * 1e3)
        median.append(statistics.median(ordered) * 1e3)
        kilobytes.append(taken / SUBSCRIBERS / 1024)
    told = f"{SUBSCRIBERS:,} subscribers, {PUBLISHES} publishes"
    return [
        Row(f"{told}: publish to receipt, p95", "ms", Measured.of(p95), limit=P95_MS),
        Row(f"{told}: publish to receipt, median", "ms", Measured.of(median)),
        Row("a subscriber", "KB", Measured.of(kilobytes), limit=CONNECTION_KB),
    ]


def _round(server: Running) -> tuple[list[float], int]:
    """Seconds to each receipt, and the bytes that all connections took."""
    before = _resident(server)
    command = [sys.executable, "-m", "bench.channel", str(server.port)]
    clients = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert clients.stdout is not None
        assert clients.stdout.readline() == b"ready\n"
        taken = _resident(server) - before
        publisher = http.client.HTTPConnection(HOST, server.port)
        for _ in range(PUBLISHES):
            time.sleep(EVERY_S)
            body = json.dumps({"at_s": time.monotonic()})
            publisher.request("POST", "/goals", body, {"content-type": "application/json"})
            answer = publisher.getresponse()
            answer.read()
            assert answer.status == 204
        out, _ = clients.communicate(timeout=PATIENCE_S)
    finally:
        clients.kill()
        clients.wait()
    found: list[float] = json.loads(out)
    assert len(found) == SUBSCRIBERS * PUBLISHES, "somebody was not told"
    return found, taken


def _resident(server: Running) -> int:
    with open(f"/proc/{server.session.process.pid}/statm") as file:
        return int(file.read().split()[1]) * 4096


# -- the clients


class Subscriber(asyncio.Protocol):
    def __init__(self, ready: asyncio.Future[None], receipts: list[float]) -> None:
        self._ready, self._receipts, self._read = ready, receipts, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        asked = frame(TEXT, json.dumps(SUBSCRIBE).encode())
        transport.write(handshake(PROTOCOL) + asked)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if not self._ready.done():
            self._read += data
            if b"subscribe_success" in self._read:
                self._ready.set_result(None)
            return
        for part in data.split(MARK)[1:]:
            self._receipts.append(now - float(part[: part.index(b",")]))


async def listen(port: int) -> Sequence[float]:
    loop, receipts = asyncio.get_running_loop(), list[float]()
    left = SUBSCRIBERS
    while left:
        some = [loop.create_future() for _ in range(min(AT_ONCE, left))]
        for ready in some:
            await loop.create_connection(lambda one=ready: Subscriber(one, receipts), HOST, port)
        await asyncio.gather(*some)
        left -= len(some)
    print("ready", flush=True)
    until = time.monotonic() + PATIENCE_S
    while len(receipts) < SUBSCRIBERS * PUBLISHES and time.monotonic() < until:
        await asyncio.sleep(0.1)
    return receipts


if __name__ == "__main__":
    print(json.dumps(asyncio.run(listen(int(sys.argv[1])))))
