"""Timers when a million wait: what they take of memory, whether `set` stays as fast as with a
thousand, and how late those are that are due meanwhile. On disk, one caller that waits for each;
beside it the adapter of AWS, which sets the same on MiniStack.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Measured, Plan, Row
from skylift import App, Struct, Timer, gather, now
from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.client_rest import Rest, called, path_of
from skylift.aws.runtime.send_sqs import SqsSender
from skylift.aws.runtime.timer_scheduler import Place, SchedulerTimer
from skylift.aws.runtime.wait import drive
from skylift.graph.build import build
from skylift.invocation import EVERYTHING, Invocation, current
from skylift.local.backend import LocalBackend
from skylift.local.report import StderrReport
from skylift.system import SystemClock, SystemEntropy
from tests.rehearsal.ministack import Ministack

SMALL = 1_000
BATCH = 2_000
CALLS = 1_000  # of `set` in a round
DUE = 500  # in a round, within a second
SOON_S, WITHIN_S = 0.2, 1.0
RATIO, MEMORY_MB, LATE_MS = 1.5, 8.0, 60_000.0
DAY = timedelta(days=1)
CALLS_THERE, FAR_S, SOON = 200, 86_400.0, 30.0
BODY = '{"due":"2061-07-28T12:00:00.000000Z","skylift":1,"body":{"room":"1","due":0}}'


class Close(Struct):
    room: str
    due: float = 0


closing = Timer("closing", Close)
late_s: list[float] = []


@closing.on_due
async def close(due: Close) -> None:
    late_s.append(time.time() - due.due)


def rows(plan: Plan) -> list[Row]:
    with TemporaryDirectory(prefix="bench-timers-") as folder:
        return asyncio.run(_rows(plan, Path(folder)))


async def _rows(plan: Plan, folder: Path) -> list[Row]:
    paths = {count: folder / f"{count}.db" for count in (SMALL, plan.items)}
    backends = {count: _opened(path) for count, path in paths.items()}
    for count, backend in backends.items():
        await _loaded(backend, count)
    chance = random.Random(1)
    times: dict[int, list[float]] = {count: [] for count in backends}
    late: list[float] = []
    for _ in range(plan.rounds + 1):
        for count, backend in backends.items():
            times[count].append(await _set_us(backend, count, chance))
        late.append(await _late_ms(backends[plan.items]))
    for backend in backends.values():
        await backend.close()
    memory = _memory_mb(paths[plan.items]) - _memory_mb(paths[SMALL])
    pending = f"{plan.items:,} pending timers"
    return [
        _growth(times[plan.items][1:], times[SMALL][1:], plan.items),  # the first round warms up
        Row(
            *("set, with a thousand pending", "us", Measured.of(times[SMALL][1:])),
            peers={"MiniStack": Measured.of(_ministack_us(folder, plan.rounds))},
        ),
        Row(f"memory of {pending}", "MB", Measured(memory, memory, memory), limit=MEMORY_MB),
        Row(f"p99 late, beside {pending}", "ms", Measured.of(late[1:]), limit=LATE_MS),
    ]


def _growth(big: Sequence[float], small: Sequence[float], items: int) -> Row:
    ratios = Measured.of([one / other for one, other in zip(big, small, strict=True)])
    said = [f"{statistics.median(found):.1f} us" for found in (big, small)]
    note = f"p50 {said[0]} with {items:,} pending, {said[1]} with {SMALL:,}"
    return Row("growth of set", "times", ratios, limit=RATIO, note=note)


def _opened(path: Path) -> LocalBackend:
    clock = SystemClock()
    return LocalBackend(path, clock, SystemEntropy(), StderrReport(clock), full=False)


def _enter(backend: LocalBackend) -> None:
    graph = build(App("timers", sys.modules[__name__]))
    ports = backend.ports(graph)
    backend.engines(graph, ports)
    current.set(Invocation("timers", EVERYTHING, ports))


async def _loaded(backend: LocalBackend, count: int) -> None:
    _enter(backend)
    at = now() + DAY
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        later = [at + timedelta(milliseconds=n) for n in numbers]
        sets = (
            closing.set(f"{n}", due, Close(f"{n}")) for n, due in zip(numbers, later, strict=True)
        )
        await gather(*sets)


async def _set_us(backend: LocalBackend, count: int, chance: random.Random) -> float:
    """Each replaces one that waits."""
    _enter(backend)
    at, took = now() + DAY, list[float]()
    for _ in range(CALLS):
        which = chance.randrange(count)
        begun = time.perf_counter()
        await closing.set(f"{which}", at + timedelta(milliseconds=which), Close(f"{which}"))
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e6


async def _late_ms(backend: LocalBackend) -> float:
    """From when they are due to when their handler runs, of all but one in a hundred."""
    _enter(backend)
    late_s.clear()
    begins = now() + timedelta(seconds=SOON_S)
    for n in range(DUE):
        at = begins + timedelta(seconds=WITHIN_S * n / DUE)
        await closing.set(f"soon-{n}", at, Close("", at.timestamp()))
    while len(late_s) < DUE:
        await asyncio.sleep(0.01)
    assert min(late_s) >= 0, "a timer was early"
    return sorted(late_s)[DUE * 99 // 100] * 1e3


def _ministack_us(folder: Path, rounds: int) -> list[float]:
    """The medians of rounds of `set` by the adapter of a deployed function."""
    clock, entropy = SystemClock(), SystemEntropy()
    with Ministack(folder) as stack:
        client = Client("scheduler", stack.environment, World(clock, entropy, time.sleep))
        group = Rest("CreateScheduleGroup", "POST", path_of("schedule-groups", "g"))
        drive(called(client, group, dict[str, str], deadline=clock.time() + SOON))
        place = Place("g", "arn:aws:sqs:eu-west-1:000000000000:q", "arn:aws:iam::0:role/r", "")
        timer = SchedulerTimer(client, place, SqsSender(client, "", clock, entropy), clock)
        for number in range(SMALL):
            drive(timer.set(f"{number}", clock.time() + FAR_S, BODY))
        found = [_median_us(timer, clock) for _ in range(rounds)]
        client.close()
    return found


def _median_us(timer: SchedulerTimer, clock: SystemClock) -> float:
    took: list[float] = []
    for number in range(CALLS_THERE):
        begun = time.perf_counter()
        drive(timer.set(f"{number}", clock.time() + FAR_S, BODY))
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e6


def _memory_mb(path: Path) -> float:
    """Of a process of its own that has opened this state, and waits."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.timers", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(told.stdout)


async def _wait(path: Path) -> None:
    backend = _opened(path)
    _enter(backend)
    await closing.set("one-more", now() + DAY, Close(""))
    status = Path("/proc/self/status").read_text()
    (anonymous,) = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    print(int(anonymous.split()[1]) / 1024)
    await backend.close()


if __name__ == "__main__":
    asyncio.run(_wait(Path(sys.argv[1])))
