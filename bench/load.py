"""The one HTTP client of the benches: raw keep-alive sockets on one epoll, the same for every peer.

`load(host, port, request, connections=32, seconds=2)` keeps one request a connection under way.
"""

from __future__ import annotations

import re
import select
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count as counting
from itertools import cycle
from time import perf_counter

Requests = bytes | Sequence[bytes] | Callable[[int], bytes]

RECEIVED_MAX = 262_144
SILENCE_S_MAX = 30.0
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
UNTIL_LAST_CHUNK = -1


@dataclass(frozen=True)
class Report:
    """How many answers in which time, the latencies, and how often each status came."""

    count: int
    seconds: float
    p50_us: float
    p99_us: float
    statuses: dict[int, int]

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    def __str__(self) -> str:
        statuses = ", ".join(f"{count} x {status}" for status, count in self.statuses.items())
        times = f"p50 {self.p50_us:,.0f} us  p99 {self.p99_us:,.0f} us"
        return f"{self.rate:,.0f}/s  {times}  {statuses}"


def load(
    host: str,
    port: int,
    request: Requests,
    *,
    connections: int = 32,
    seconds: float | None = None,
    count: int | None = None,
) -> Report:
    """Load for `seconds`, or until `count` answers have come.

    `request` is one request, several that are sent in turn, or a function of 0, 1, 2, … that makes
    each. Answers to HEAD are not understood. ConnectionError when the server closes a connection.
    """
    if (seconds is None) == (count is None):
        raise ValueError("say either seconds= or count=")
    run = Run(_sequence(request), sys.maxsize if count is None else count)
    try:
        run.connect(host, port, connections)
        return run.report(seconds if seconds is not None else float("inf"))
    finally:
        run.close()


class Wire:
    """A connection: what of its request is unsent, what of the answer came, when it began."""

    __slots__ = ("begun", "is_stuck", "received", "socket", "unsent")

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.received = self.unsent = b""
        self.begun = 0.0
        self.is_stuck = False  # the socket took no more of the request


class Run:
    def __init__(self, requests: Iterator[bytes], count: int) -> None:
        self.requests, self.left = requests, count
        self.poll = select.epoll()
        self.wires: dict[int, Wire] = {}
        self.bodies: dict[bytes, int] = {}  # head of an answer -> length of its body
        self.statuses: Counter[bytes] = Counter()
        self.latencies: list[float] = []

    def connect(self, host: str, port: int, connections: int) -> None:
        for _ in range(min(connections, self.left)):
            wire = Wire(host, port)
            self.wires[wire.socket.fileno()] = wire
            self.poll.register(wire.socket, select.EPOLLIN)

    def close(self) -> None:
        for wire in self.wires.values():
            wire.socket.close()
        self.poll.close()

    def report(self, seconds: float) -> Report:
        started = now = perf_counter()
        for wire in self.wires.values():
            self.ask(wire, now)
        under_way = len(self.wires)
        while under_way and now < started + seconds:
            events = self.poll.poll(SILENCE_S_MAX)
            if not events:
                raise TimeoutError(f"no answer for {SILENCE_S_MAX:.0f} s")
            for fd, event in events:
                wire = self.wires[fd]
                if event & select.EPOLLOUT:
                    self.send(wire)
                elif self.receive(wire):
                    now = perf_counter()
                    self.latencies.append(now - wire.begun)
                    under_way -= not self.ask(wire, now)
        took = perf_counter() - started
        times = sorted(self.latencies) or [0.0]
        p50, p99 = (times[int(len(times) * part)] * 1e6 for part in (0.5, 0.99))
        statuses = {int(status): count for status, count in sorted(self.statuses.items())}
        return Report(len(self.latencies), took, p50, p99, statuses)

    def ask(self, wire: Wire, now: float) -> bool:
        """Send the next request; False when none is left."""
        if not self.left:
            return False
        self.left -= 1
        wire.begun, wire.unsent = now, next(self.requests)
        self.send(wire)
        return True

    def send(self, wire: Wire) -> None:
        try:
            sent = wire.socket.send(wire.unsent)
        except BlockingIOError:
            sent = 0
        was_stuck = wire.is_stuck
        wire.is_stuck = sent < len(wire.unsent)
        if wire.is_stuck:
            wire.unsent = wire.unsent[sent:]
        if wire.is_stuck != was_stuck:
            events = select.EPOLLIN | select.EPOLLOUT if wire.is_stuck else select.EPOLLIN
            self.poll.modify(wire.socket, events)

    def receive(self, wire: Wire) -> bool:
        """Take what came; True when the answer is whole."""
        data = wire.socket.recv(RECEIVED_MAX)
        if not data:
            raise ConnectionError(f"closed by the server after {wire.received[:200]!r}")
        if wire.received:
            data = wire.received + data
        head, end, body = data.partition(b"\r\n\r\n")
        if not end or not self.is_whole(head, body):
            wire.received = data
            return False
        wire.received = b""
        self.statuses[head[9:12]] += 1
        return True

    def is_whole(self, head: bytes, body: bytes) -> bool:
        length = self.bodies.get(head)
        if length is None:
            stated = LENGTH.search(head)
            length = int(stated[1]) if stated else 0
            if CHUNKED.search(head):
                length = UNTIL_LAST_CHUNK
            self.bodies[head] = length
        if length == UNTIL_LAST_CHUNK:
            return body.endswith(b"0\r\n\r\n")
        return len(body) >= length


def _sequence(request: Requests) -> Iterator[bytes]:
    if callable(request):
        return map(request, counting())
    return cycle([request] if isinstance(request, bytes) else request)


def main() -> None:
    host, port, path = sys.argv[1:4]
    request = f"GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()
    print(load(host, int(port), request, seconds=3))


if __name__ == "__main__":
    main()
