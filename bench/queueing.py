"""A queue, live: messages sent and handled a second while both go on, and how long one waits that
comes into a system at rest. One small JSON message, a handler that counts, the same durability.

At most 1,000 messages wait, so nobody's producer runs away; the rate counts what was handled. Ours
sends from one handler with 32 sends outstanding, which are its commits' company; a peer's producer
is a process of its own.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.contender import HOST, asked
from bench.crew import Crew, Working, working
from bench.figure import Measured, Plan, Row
from bench.load import load
from bench.peers.crews import HUEY, LITEQUEUE, LITEQUEUE_ALONE, OURS, ours, peers

WARM_S = 1.1  # ours counts a second after a request as one of many requests
IDLE_SAMPLES = 200  # a round, 5 ms between two
LIVE = {HUEY: 5.0, LITEQUEUE: 2.0, LITEQUEUE_ALONE: 2.0}
IDLE_MS = 1.0
ROUNDS_MAX = 4  # each starts every contender anew
CONNECTIONS = 32
COUNT = asked("POST", "/counts")


@dataclass
class Found:
    """What the rounds of one contender gave."""

    rates: list[float] = field(default_factory=list[float])
    cpu_us: list[float] = field(default_factory=list[float])
    p50_ms: list[float] = field(default_factory=list[float])
    p95_ms: list[float] = field(default_factory=list[float])
    max_ms: list[float] = field(default_factory=list[float])
    requested: list[float] = field(default_factory=list[float])

    def live(self, crew: Working, seconds: float) -> None:
        rate, cpu_s = crew.live(WARM_S, seconds)
        self.rates.append(rate)
        self.cpu_us.append(cpu_s * 1e6)

    def idle(self, crew: Working, count: int) -> None:
        times = sorted(crew.idle_ms(count))
        self.p50_ms.append(statistics.median(times))
        self.p95_ms.append(times[int(len(times) * 0.95)])
        self.max_ms.append(times[-1])


def rows(plan: Plan) -> list[Row]:
    crews = [ours(), *peers()]
    normal: dict[str, Found] = {crew.name: Found() for crew in crews}
    full: dict[str, Found] = {crew.name: Found() for crew in crews}
    rounds = min(plan.rounds, ROUNDS_MAX)
    for turn in range(rounds):
        for crew in crews if turn % 2 == 0 else reversed(crews):
            _round(crew, normal[crew.name], plan)
            _full_round(crew, full[crew.name], plan)
    return [
        _row("live", "msg/s", normal, "rates", times=LIVE, more_is_better=True),
        _row("live, CPU of all processes", "us/msg", normal, "cpu_us"),
        _requested(normal[OURS]),
        _row("live, full durability", "msg/s", full, "rates", times=LIVE, more_is_better=True),
        _row("idle p50", "ms", _woken(normal), "p50_ms", limit=IDLE_MS),
        _row("idle p95", "ms", _woken(normal), "p95_ms"),
        _row("idle max", "ms", _woken(normal), "max_ms"),
    ]


def _round(crew: Crew, found: Found, plan: Plan) -> None:
    with working(crew) as running:
        found.live(running, plan.seconds)
        found.idle(running, IDLE_SAMPLES)
        if crew.name == OURS:
            found.requested.append(_asked_and_handled(running, plan.seconds))


def _full_round(crew: Crew, found: Found, plan: Plan) -> None:
    with working(crew, full=True) as running:
        found.live(running, plan.seconds / 2)


def _asked_and_handled(running: Working, seconds: float) -> float:
    """Messages a second when each is sent by a request of its own."""
    before = running.board.handled
    report = load(HOST, running.place.port, COUNT, connections=CONNECTIONS, seconds=seconds)
    if set(report.statuses) != {204}:
        raise RuntimeError(f"{running.name} answered {report.statuses}")
    return (running.board.handled - before) / report.seconds


def _requested(found: Found) -> Row:
    note = "POST -> send -> 204, and the handler, in one process; 32 connections"
    return Row("queue sent by requests", "msg/s", Measured.of(found.requested), note=note)


def _woken(found: Mapping[str, Found]) -> dict[str, Found]:
    """Those in which somebody has to notice that a message came."""
    return {name: one for name, one in found.items() if name != LITEQUEUE_ALONE}


def _row(
    what: str,
    unit: str,
    found: Mapping[str, Found],
    measure: str,
    *,
    limit: float | None = None,
    times: Mapping[str, float] | None = None,
    more_is_better: bool = False,
) -> Row:
    each = {name: Measured.of(getattr(one, measure)) for name, one in found.items()}
    own = each.pop(OURS)
    return Row(f"queue {what}", unit, own, each, limit, times or {}, more_is_better)
