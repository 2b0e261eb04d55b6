"""Does a queue stay as fast when a million messages wait in it. Two servers, one with the backlog:
messages come out in order, so what is compared is a send, working off the first of them, and both
at once, which is send -> handler -> ack at a constant backlog.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import json

from bench.contender import Running, answer, asked, started
from bench.figure import Measured, Plan, Row
from bench.peers.lineup import skylift

RATIO = 1.5
ROUNDS_MAX = 5
SENDS = 2_000  # timed one by one
DRAINED = 20_000
LOADED = 10_000  # in one request
ANSWER_S_MAX = 60.0
SERVER = skylift("serve", "bench/apps/backlog")


@dataclass
class Found:
    send_us: list[float] = field(default_factory=list[float])
    drain_us: list[float] = field(default_factory=list[float])
    live_us: list[float] = field(default_factory=list[float])


def rows(plan: Plan) -> list[Row]:
    items = plan.items
    with started(SERVER) as empty, started(SERVER) as full:
        told(full, "/waiting/send", 1)
        bare_mb = full.session.memory_mb()
        for _ in range(0, items, LOADED):
            told(full, "/waiting/load", LOADED)
        held_mb = full.session.memory_mb()
        small, big = Found(), Found()
        for _ in range(min(plan.rounds, ROUNDS_MAX) + 1):
            _round(empty, small)
            _round(full, big)
        for server in (empty, full):
            told(server, "/waiting/open")  # a handler that waits would hold up the end
    note = f"with {items:,} waiting, {bare_mb:.0f} MB before they came"
    return [
        _row("send", big.send_us, small.send_us, items),
        _row("working off", big.drain_us, small.drain_us, items),
        _row("send -> handler -> ack", big.live_us, small.live_us, items),
        Row("memory with a backlog, RSS", "MB", Measured(held_mb, held_mb, held_mb), note=note),
    ]


def _round(server: Running, found: Found) -> None:
    """Leaves as many waiting as it found."""
    found.send_us.append(told(server, "/waiting/send", SENDS)["p50_us"])
    told(server, "/waiting/load", DRAINED - SENDS)
    found.drain_us.append(told(server, "/waiting/drain", DRAINED)["seconds"] / DRAINED * 1e6)
    found.live_us.append(told(server, "/waiting/live", DRAINED)["seconds"] / DRAINED * 1e6)


def _row(what: str, big: Sequence[float], small: Sequence[float], items: int) -> Row:
    """Without the first round: it warms up."""
    big, small = big[1:], small[1:]
    ratios = Measured.of([one / other for one, other in zip(big, small, strict=True)])
    said = [f"{statistics.median(found):.1f} us" for found in (big, small)]
    note = f"{said[0]} a message with {items:,} waiting, {said[1]} with none"
    return Row(f"backlog: {what}", "times", ratios, limit=RATIO, note=note)


def told(server: Running, path: str, count: int = 0) -> Any:
    """What the server answers, decoded."""
    body = json.encode({"count": count}) if count else b""
    received = answer(server.port, asked("POST", path, body), ANSWER_S_MAX)
    if not received.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(f"{path} answered {received!r}:\n{server.session.said()}")
    text = received.partition(b"\r\n\r\n")[2]
    return json.decode(text) if text else None
