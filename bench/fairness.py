"""What a route's callers notice of a queue that is being worked off: one client, 50 requests a
second, read and create in turn, while 100,000 messages are ready; and while they wait at a gate.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle

from msgspec import json

from bench.backlog import LOADED, SERVER, told
from bench.contender import HOST, Running, answer, asked, is_whole, started
from bench.figure import Measured, Plan, Row

READY = 100_000
SLICES = 5  # of a round, in turn at rest and beside the queue
EVERY_S = 0.02
SETTLE_S = 0.1  # after the gate opens: those that waited at it all run at once
ADDED = 1.2
KINDS = {"writing": "one table write", "computing": "50 us of computing"}
CREATE = asked("POST", "/notes", json.encode({"text": "a note that somebody waits for"}))


Rounds = dict[str, list[list[float]]]  # milliseconds of every request, by route and round


@dataclass
class Found:
    rest: Rounds = field(default_factory=dict[str, list[list[float]]])
    busy: Rounds = field(default_factory=dict[str, list[list[float]]])
    rates: list[float] = field(default_factory=list[float])


def rows(plan: Plan) -> list[Row]:
    return [row for kind in KINDS for row in _rows(plan, kind)]


def _rows(plan: Plan, kind: str) -> list[Row]:
    found, missing = Found(), READY
    with started(SERVER) as server:
        requests = {"create": CREATE, "read": _reading(server)}
        for _ in range(plan.rounds):
            for _ in range(0, missing, LOADED):
                told(server, f"/crowd/{kind}", LOADED)
            missing = _round(server, requests, found, plan.seconds)
        told(server, "/crowd/open")  # a handler that waits would hold up the end
    return [_row(found, kind, route) for route in requests] + [_drained(found, kind)]


def _round(server: Running, requests: Mapping[str, bytes], found: Found, seconds: float) -> int:
    """How many messages were worked off in it."""
    for times in (found.rest, found.busy):
        for route in requests:
            times.setdefault(route, []).append([])
    worked, took = 0, 0.0
    for _ in range(SLICES):
        _ask(server, requests, found.rest, seconds / SLICES)
        before, begun = told(server, "/crowd/open")["count"], time.perf_counter()
        time.sleep(SETTLE_S)
        _ask(server, requests, found.busy, seconds / SLICES)
        worked += told(server, "/crowd/close")["count"] - before
        took += time.perf_counter() - begun
    found.rates.append(worked / took)
    return worked


def _reading(server: Running) -> bytes:
    note = json.decode(answer(server.port, CREATE).partition(b"\r\n\r\n")[2])
    return asked("GET", f"/notes/{note['id']}")


def _ask(server: Running, requests: Mapping[str, bytes], found: Rounds, seconds: float) -> None:
    """Requests in turn at a steady pace on one connection; how long each answer took."""
    with socket.create_connection((HOST, server.port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for route, _ in zip(cycle(requests), _beats(seconds), strict=False):
            begun = time.perf_counter()
            wire.sendall(requests[route])
            received = b""
            while not is_whole(received):
                received += wire.recv(65_536)
            found[route][-1].append((time.perf_counter() - begun) * 1e3)
            if not received.startswith(b"HTTP/1.1 2"):
                raise RuntimeError(f"answered {received!r}")


def _beats(seconds: float) -> Iterator[None]:
    begun = time.perf_counter()
    for beat in range(int(seconds / EVERY_S)):
        time.sleep(max(0.0, begun + beat * EVERY_S - time.perf_counter()))
        yield


def _row(found: Found, kind: str, route: str) -> Row:
    rest, busy = found.rest[route], found.busy[route]
    # A round holds too few answers for a p95: all rounds together, and half of them as the range.
    halves = [_slower(busy[half::2] or busy, rest[half::2] or rest) for half in (0, 1)]
    ratio = Measured(_slower(busy, rest), min(halves), max(halves))
    said = [
        f"p50 {_part(times, 0.5):.2f}, p95 {_part(times, 0.95):.2f} ms {when}"
        for times, when in ((_pooled(rest), "at rest"), (_pooled(busy), "beside the queue"))
    ]
    return Row(
        f"p95 of a {route} beside {READY:,} messages, {KINDS[kind]} each",
        "times",
        ratio,
        limit=ADDED,
        note=", ".join(said),
    )


def _slower(busy: list[list[float]], rest: list[list[float]]) -> float:
    return _part(_pooled(busy), 0.95) / _part(_pooled(rest), 0.95)


def _drained(found: Found, kind: str) -> Row:
    return Row(f"messages worked off meanwhile, {KINDS[kind]}", "msg/s", Measured.of(found.rates))


def _pooled(rounds: list[list[float]]) -> list[float]:
    return [time for times in rounds for time in times]


def _part(times: list[float], part: float) -> float:
    return sorted(times)[int(len(times) * part)]
