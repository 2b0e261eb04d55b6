"""What following a table costs whoever writes to it, and how soon a follower is told: the same
table with nobody, one and two functions that follow it, on disk, in one process with its writers;
and the lag of one app that is served here and deployed to MiniStack on this machine.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.cloud import MINISTACK, Side, sides
from bench.figure import Measured, Plan, Row, interleaved
from bench.peers.lineup import OURS
from skylift import App, Change, Struct, Table
from skylift.graph.build import build
from skylift.invocation import EVERYTHING, Invocation, current
from skylift.local.backend import LocalBackend
from skylift.local.report import StderrReport
from skylift.system import SystemClock, SystemEntropy

WRITERS = 32
ITEMS = 1_000
EVERY_S = 0.002  # between single writes
SINGLE = 300  # of a round
DRAINED_S_MAX = 60.0
APP = "bench/apps/ballot"
VOTES = {OURS: 60, MINISTACK: 20}  # of a round, each into an app at rest
REST_S, LOOK_S, PATIENCE_S = 0.1, 0.005, 60.0
PARTS: Mapping[str, float] = {"p50": 0.5, "p95": 0.95}


class Vote(Struct):
    id: str
    written: float = 0.0


plain = Table("plain", Vote, key="id")
followed = Table("followed", Vote, key="id")
twice = Table("twice", Vote, key="id")
TABLES = {"nobody": plain, "one": followed, "two": twice}
lags: list[float] = []
told = [0]


def note(change: Change[Vote]) -> None:
    assert change.after is not None
    told[0] += 1
    lags.append(time.perf_counter() - change.after.written)


@followed.on_change
async def tally(change: Change[Vote]) -> None:
    note(change)


@twice.on_change
async def tally_one(change: Change[Vote]) -> None:
    note(change)


@twice.on_change
async def tally_other(change: Change[Vote]) -> None:
    note(change)


FOLLOWERS = {"nobody": 0, "one": 1, "two": 2}


def rows(plan: Plan) -> list[Row]:
    with TemporaryDirectory(prefix="bench-stream-") as folder:
        in_process = asyncio.run(_in_process(plan, Path(folder) / "state.db"))
    return [*_served_and_deployed(plan), *in_process]


def _served_and_deployed(plan: Plan) -> list[Row]:
    slowest: dict[str, list[float]] = {OURS: [], MINISTACK: []}
    with sides(APP) as found:

        def median_ms(name: str) -> float:
            lags = _lags_of(found[name], VOTES[name])
            slowest[name].append(_part(lags, "p95"))
            return _part(lags, "p50")

        for side in found.values():
            _lags_of(side, 1)  # a cold start is another figure
        middle = interleaved(list(found), min(plan.rounds, 3), median_ms)
    last = {name: Measured.of(rounds) for name, rounds in slowest.items()}
    note = "from before the write in the route until the follower's first line, by one clock"
    return [
        Row(
            f"stream lag, here and there, {part}",
            "ms",
            of[OURS],
            {MINISTACK: of[MINISTACK]},
            note=note,
        )
        for part, of in (("p50", middle), ("p95", last))
    ]


def _lags_of(side: Side, count: int) -> list[float]:
    """What its follower has found, in milliseconds, shortest first."""
    found: list[float] = []
    with side.connected() as ask:
        for id in [uuid.uuid4().hex for _ in range(count)]:
            time.sleep(REST_S)
            status, said = ask("PUT", f"/votes/{id}")
            until = time.perf_counter() + PATIENCE_S
            while status == 200 and "lag_s" not in said:
                assert time.perf_counter() < until, "its follower was not told"
                time.sleep(LOOK_S)
                _, said = ask("GET", f"/votes/{id}/told")
            found.append(said["lag_s"] * 1e3)
    return sorted(found)


def _part(found: list[float], name: str) -> float:
    return found[int(len(found) * PARTS[name])]


async def _in_process(plan: Plan, path: Path) -> list[Row]:
    clock = SystemClock()
    backend = LocalBackend(path, clock, SystemEntropy(), StderrReport(clock), full=False)
    graph = build(App("stream", sys.modules[__name__]))
    ports = backend.ports(graph)
    backend.engines(graph, ports)
    current.set(Invocation("stream", EVERYTHING, ports))
    rates: dict[str, list[float]] = {name: [] for name in TABLES}
    slow: dict[str, list[float]] = {name: [] for name in PARTS}
    for turn in range(plan.rounds + 1):  # the first warms up
        for name, table in TABLES.items():
            rate = await _rate(table, FOLLOWERS[name], plan.seconds)
            rates[name] += [rate] if turn else []
        found = sorted(await _lags_ms())
        for name in PARTS:
            slow[name] += [_part(found, name)] if turn else []
    await backend.close()
    return [
        *[
            Row(f"lag: from a write to its follower's first line, {name}", "ms", Measured.of(found))
            for name, found in slow.items()
        ],
        *[
            Row(
                f"puts, {WRITERS} writers, {name} following and all told",
                "put/s",
                Measured.of(rates[name]),
                {"nobody": Measured.of(rates["nobody"])} if name != "nobody" else {},
                more_is_better=True,
            )
            for name in TABLES
        ],
    ]


async def _rate(table: Table[Vote, str], followers: int, seconds: float) -> float:
    """Written and told, a second."""
    told[0], written = 0, 0
    begun = time.perf_counter()

    async def write(writer: int) -> None:
        nonlocal written
        while time.perf_counter() - begun < seconds:
            id = str((writer * 31 + written) % ITEMS)
            await table.put(Vote(id, time.perf_counter()))
            written += 1

    await asyncio.gather(*[write(writer) for writer in range(WRITERS)])
    until = time.perf_counter() + DRAINED_S_MAX
    while told[0] < written * followers and time.perf_counter() < until:
        await asyncio.sleep(0.001)
    assert told[0] >= written * followers, "not all were told"
    return written / (time.perf_counter() - begun)


async def _lags_ms() -> list[float]:
    """Of single writes with a pause between them."""
    lags.clear()
    for number in range(SINGLE):
        vote: Any = Vote(str(number % ITEMS), time.perf_counter())
        await followed.put(vote)
        await asyncio.sleep(EVERY_S)
    return [lag * 1e3 for lag in lags]
