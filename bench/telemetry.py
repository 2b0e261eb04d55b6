"""What telemetry costs: HTTP creates, and a queue, with it and without, in the same run."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.contender import HOST, Contender, Running, all_started
from bench.crew import working
from bench.figure import Measured, Plan, Row, interleaved
from bench.load import load
from bench.over_http import CONNECTIONS, CREATE, WARM_S
from bench.peers import crews
from bench.peers.lineup import OURS, skylift
from bench.queueing import WARM_S as QUEUE_WARM_S

DEAF = "without telemetry"
APP = "bench/apps/jotter"
QUEUE_ROUNDS_MAX = 5  # each starts both anew
SHARE_MAX = 0.10  # of the throughput


def deaf(port: int, folder: Path) -> Sequence[str]:
    options = [f"--port={port}", f"--state={folder / 'state'}"]
    return [sys.executable, "-m", "bench.peers.deaf", "serve", APP, *options]


QUEUES = {
    OURS: crews.ours(),
    DEAF: crews.ours(DEAF, sys.executable, "-m", "bench.peers.deaf"),
}
CONTENDERS = [skylift("serve", APP), Contender(DEAF, deaf, "/_skylift/health")]


def rows(plan: Plan) -> list[Row]:
    with all_started(CONTENDERS) as running:
        p99: dict[str, list[float]] = {name: [] for name in running}
        costs: dict[str, list[float]] = {name: [] for name in running}
        measure = partial(_measured, running, plan.seconds, p99, costs)
        for one in running.values():
            load(HOST, one.port, CREATE, connections=CONNECTIONS, seconds=WARM_S)
        rates = interleaved(list(running), plan.rounds, measure)
    cpu = {name: Measured.of(rounds) for name, rounds in costs.items()}
    late = {name: Measured.of(rounds) for name, rounds in p99.items()}
    rounds = min(plan.rounds, QUEUE_ROUNDS_MAX)
    queues = interleaved(list(QUEUES), rounds, partial(_queue_rate, plan.seconds))
    return [
        _rate_row("HTTP create, req/s", rates),
        _row("HTTP create, server CPU, us/req", cpu),
        _row("HTTP create, p99, ms", late),
        _rate_row("queue live, msg/s", queues),
    ]


def _queue_rate(seconds: float, name: str) -> float:
    with working(QUEUES[name]) as running:
        return running.live(QUEUE_WARM_S, seconds)[0]


def _rate_row(what: str, rates: dict[str, Measured]) -> Row:
    share = 1 - rates[OURS].median / rates[DEAF].median
    return _row(what, rates, {DEAF: 1 - SHARE_MAX}, f"telemetry takes {share:.1%} of throughput")


def _measured(
    running: Mapping[str, Running],
    seconds: float,
    p99: dict[str, list[float]],
    costs: dict[str, list[float]],
    name: str,
) -> float:
    one = running[name]
    before = one.session.cpu_s()
    report = load(HOST, one.port, CREATE, connections=CONNECTIONS, seconds=seconds)
    if set(report.statuses) != {201}:
        raise RuntimeError(f"{name} answered {report.statuses}")
    costs[name].append((one.session.cpu_s() - before) / report.count * 1e6)
    p99[name].append(report.p99_us / 1e3)
    return report.rate


def _row(
    what: str, found: dict[str, Measured], times: dict[str, float] | None = None, note: str = ""
) -> Row:
    return Row(
        f"telemetry: {what}",
        "",
        found[OURS],
        {DEAF: found[DEAF]},
        times=times or {},
        more_is_better=times is not None,
        note=note,
    )
