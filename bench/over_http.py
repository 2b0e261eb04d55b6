"""HTTP create and read: 32 keep-alive connections, the same bytes sent to everyone, every row
durable against kill -9 when it is acknowledged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import json

from bench.contender import HOST, Running, all_started, answer, asked
from bench.figure import Measured, Plan, Row, interleaved
from bench.load import Report, load
from bench.peers.lineup import (
    BARE,
    FASTAPI,
    FASTAPI_THREADED,
    LITESTAR,
    OURS,
    granian,
    skylift,
    uvicorn,
)

CONTENDERS = [
    skylift("serve", "bench/apps/jotter"),
    uvicorn(FASTAPI, "bench.peers.fastapi_notes:app"),
    uvicorn(FASTAPI_THREADED, "bench.peers.fastapi_notes:app_threaded"),
    granian(LITESTAR, "bench.peers.litestar_notes:app"),
    granian(BARE, "bench.peers.asgi_notes:app"),
]
CONNECTIONS = 32
WARM_S = 0.5
READABLE = 200  # rows that are read in turn
TEXT = "a note of the length that people write when they want to remember something"
CREATE = asked("POST", "/notes", json.encode({"text": TEXT}))
TARGETS = {
    "create": {FASTAPI: 2.0, LITESTAR: 1.3},
    "read": {FASTAPI: 2.0, LITESTAR: 1.0},
}


def rows(plan: Plan) -> list[Row]:
    with all_started(CONTENDERS) as running:
        found = _verb(plan, running, "create", {name: [CREATE] for name in running}, 201)
        reads = {name: _reads(one) for name, one in running.items()}
        return found + _verb(plan, running, "read", reads, 200)


def _reads(running: Running) -> list[bytes]:
    bodies = [answer(running.port, CREATE).partition(b"\r\n\r\n")[2] for _ in range(READABLE)]
    return [asked("GET", f"/notes/{json.decode(body)['id']}") for body in bodies]


def _verb(
    plan: Plan,
    running: Mapping[str, Running],
    verb: str,
    requests: Mapping[str, Sequence[bytes]],
    status: int,
) -> list[Row]:
    reports: dict[str, list[Report]] = {name: [] for name in running}
    costs: dict[str, list[float]] = {name: [] for name in running}

    def measured(name: str) -> float:
        one = running[name]
        before = one.session.cpu_s()
        report = _loaded(one, requests[name], status, plan.seconds)
        costs[name].append((one.session.cpu_s() - before) / report.count * 1e6)
        reports[name].append(report)
        return report.rate

    for name, one in running.items():
        _loaded(one, requests[name], status, WARM_S)
    rates = interleaved(list(running), plan.rounds, measured)
    p50 = {name: Measured.of([one.p50_us / 1e3 for one in reports[name]]) for name in running}
    p99 = {name: Measured.of([one.p99_us / 1e3 for one in reports[name]]) for name in running}
    cpu = {name: Measured.of(costs[name]) for name in running}
    row = partial(_row, verb, rates)
    return [
        row("", "req/s", rates, times=TARGETS[verb], more_is_better=True),
        row(" p50", "ms", p50),
        row(" p99", "ms", p99),
        row(" server CPU", "us/req", cpu),
    ]


def _loaded(one: Running, requests: Sequence[bytes], status: int, seconds: float) -> Report:
    report = load(HOST, one.port, requests, connections=CONNECTIONS, seconds=seconds)
    if set(report.statuses) != {status}:
        raise RuntimeError(f"{one.name} answered {report.statuses}, not {status} alone")
    return report


def _row(
    verb: str,
    rates: Mapping[str, Measured],
    what: str,
    unit: str,
    found: Mapping[str, Measured],
    times: Mapping[str, float] | None = None,
    more_is_better: bool = False,
) -> Row:
    """FastAPI stands there once, with whichever kind of handler was faster in this run."""
    fast = max((FASTAPI, FASTAPI_THREADED), key=lambda name: rates[name].median)
    peers = {FASTAPI: found[fast], LITESTAR: found[LITESTAR], BARE: found[BARE]}
    note = f"FastAPI with {'plain def' if fast == FASTAPI_THREADED else 'async def'} handlers"
    return Row(
        f"HTTP {verb}{what}",
        unit,
        found[OURS],
        peers,
        times=times or {},
        more_is_better=more_is_better,
        note=note if times else "",
    )
