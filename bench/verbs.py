"""What stands between a handler and its table: the check of a grant, and a verb around its port."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter_ns

from bench.figure import Measured, Plan, Row
from skylift import App, Struct, Table
from skylift.graph.build import build
from skylift.invocation import Invocation, current, reach
from skylift.local.backend import LocalBackend
from skylift.local.report import StderrReport
from skylift.system import SystemClock, SystemEntropy

CALLS = 20_000


class Note(Struct):
    id: str
    text: str


notes = Table("notes", Note, key="id")
GRANTS = frozenset((name, verb) for name in ("notes", "votes") for verb in sorted(Table.verbs))


def rows(plan: Plan) -> list[Row]:
    return asyncio.run(_rows(plan.rounds * 2 + 1))


async def _rows(rounds: int) -> list[Row]:
    clock = SystemClock()
    backend = LocalBackend(None, clock, SystemEntropy(), StderrReport(clock), full=False)
    ports = backend.ports(build(App("verbs", sys.modules[__name__])))
    current.set(Invocation("verbs", GRANTS, ports))
    await notes.put(Note("1", "a note"))
    port = ports.adapters["notes"]
    found: dict[str, list[float]] = {"check": [], "reach": [], "port": [], "verb": []}
    for _ in range(rounds):
        empty = _each_ns(lambda: None)
        found["check"].append(_each_ns(lambda: ("notes", "get") in GRANTS) - empty)
        found["reach"].append(_each_ns(lambda: reach("notes", "get")) - empty)
        found["port"].append(await _awaited_ns(lambda: port.get(("1",))))
        found["verb"].append(await _awaited_ns(lambda: notes.get("1")))
    await backend.close()
    each = {name: Measured.of(values) for name, values in found.items()}
    return [
        Row("grant check (frozenset test)", "ns", each["check"], note="0.05 us were intended"),
        Row("grant check and way to the adapter", "ns", each["reach"]),
        Row("get through the verb", "ns", each["verb"], {"its port alone": each["port"]}),
    ]


def _each_ns(call: Callable[[], object]) -> float:
    begun = perf_counter_ns()
    for _ in range(CALLS):
        call()
    return (perf_counter_ns() - begun) / CALLS


async def _awaited_ns(call: Callable[[], Awaitable[object]]) -> float:
    begun = perf_counter_ns()
    for _ in range(CALLS):
        await call()
    return (perf_counter_ns() - begun) / CALLS
