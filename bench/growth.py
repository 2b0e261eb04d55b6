"""Do a table's verbs stay as fast when it grows: the same verbs on 1,000 items and on a million,
on disk, one caller that waits for each.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Measured, Plan, Row
from skylift import App, Struct, Table
from skylift.graph.build import build
from skylift.invocation import EVERYTHING, Invocation, current
from skylift.local.backend import LocalBackend
from skylift.local.report import StderrReport
from skylift.system import SystemClock, SystemEntropy

SMALL = 1_000
SHELF = 100  # items of a partition
OWNED = 50  # things of an owner
PAGE = 20  # items a query yields
BATCH = 2_000
CALLS = 2_000  # of each verb in a round: enough to warm what a busy table has warm
RATIO = 1.5
LOAD_S = 90.0
TEXT = "about two hundred bytes a thing, as most rows are: " * 3


class Thing(Struct):
    shelf: int
    number: int
    owner: str
    text: str


things = Table[Thing, int, int](
    "things", Thing, key=("shelf", "number"), indexes={"by_owner": ("owner", "number")}
)
Verb = Callable[[int, int], Awaitable[object]]  # an item of the table, how many it has


def rows(plan: Plan) -> list[Row]:
    with TemporaryDirectory(prefix="bench-growth-") as folder:
        return asyncio.run(_rows(plan, Path(folder)))


async def _rows(plan: Plan, folder: Path) -> list[Row]:
    small, big = _opened(folder / "small.db"), _opened(folder / "big.db")
    await _loaded(small, SMALL)
    took = await _loaded(big, plan.items)
    sizes = {SMALL: small, plan.items: big}
    times: dict[tuple[str, int], list[float]] = {(v, n): [] for v in VERBS for n in sizes}
    chance = random.Random(1)
    for _ in range(2 * plan.rounds + 1):
        for verb, call in VERBS.items():
            for count, backend in sizes.items():
                times[verb, count].append(await _p50_us(backend, call, count, chance))
    for backend in (small, big):
        await backend.close()
    found = [
        _row(verb, times[verb, plan.items][1:], times[verb, SMALL][1:], plan.items)
        for verb in VERBS  # without the first round: it warms up
    ]
    load = Measured(took, took, took)
    return [*found, Row(f"loading {plan.items:,} items", "s", load, limit=LOAD_S)]


def _row(verb: str, big: Sequence[float], small: Sequence[float], items: int) -> Row:
    ratios = Measured.of([one / other for one, other in zip(big, small, strict=True)])
    said = [f"{statistics.median(found):.1f} us" for found in (big, small)]
    note = f"p50 {said[0]} at {items:,} items, {said[1]} at {SMALL:,}"
    limit = RATIO if verb in ("put", "get", "query") else None
    return Row(f"growth of {verb}", "times", ratios, limit=limit, note=note)


def _opened(path: Path) -> LocalBackend:
    clock = SystemClock()
    return LocalBackend(path, clock, SystemEntropy(), StderrReport(clock), full=False)


def _enter(backend: LocalBackend) -> None:
    ports = backend.ports(build(App("growth", sys.modules[__name__])))
    current.set(Invocation("growth", EVERYTHING, ports))


async def _loaded(backend: LocalBackend, count: int) -> float:
    """Seconds it takes to put so many items, in batches."""
    _enter(backend)
    begun = time.perf_counter()
    for start in range(0, count, BATCH):
        await things.put_many([_thing(n, count) for n in range(start, min(start + BATCH, count))])
    return time.perf_counter() - begun


async def _p50_us(backend: LocalBackend, call: Verb, count: int, chance: random.Random) -> float:
    _enter(backend)
    took: list[float] = []
    for _ in range(CALLS):
        which = chance.randrange(count)
        begun = time.perf_counter()
        await call(which, count)
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e6


def _thing(n: int, count: int) -> Thing:
    """Item n of so many: an owner's things stand far apart, as many whatever the size."""
    return Thing(n // SHELF, n % SHELF, f"owner-{n % (count // OWNED)}", TEXT)


async def _put(n: int, count: int) -> None:
    await things.put(_thing(n, count))


async def _get(n: int, _count: int) -> None:
    assert await things.get(n // SHELF, n % SHELF) is not None


async def _query(n: int, _count: int) -> None:
    found = [thing async for thing in things.query(n // SHELF, limit=PAGE)]
    assert len(found) == PAGE


async def _query_index(n: int, count: int) -> None:
    owner = _thing(n, count).owner
    found = [thing async for thing in things.query(owner, index="by_owner", limit=PAGE)]
    assert len(found) == PAGE


VERBS: dict[str, Verb] = {
    "put": _put,
    "get": _get,
    "query": _query,
    "query by index, rows far apart": _query_index,
}
