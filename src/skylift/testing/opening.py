"""`async with running(app) as world`: an app in memory, in a test, on a clock of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from ..app import App
from ..errors import did_you_mean
from ..graph.build import build
from ..graph.model import Graph
from ..local.backend import NOTHING_SAID, SETTINGS, LocalBackend
from ..local.database import STATE_FILE, make_private
from ..local.http.cors import with_gateways
from ..local.owner import Owner
from ..local.table import SqliteTable
from ..local.vault import KEY_BYTES, KEY_VARIABLE
from ..local.workers import LoopWorkers
from ..ports import Ports
from ..resources.table import Table
from ..telemetry.memory import MemoryTelemetry
from .chance import Chance
from .clock import VirtualClock
from .contention import ContendedStore, ContendedTable, Contention
from .course import Course
from .inside import inside
from .lag import LaggingTable, Snapshot
from .session import session
from .workers import WorldWorkers
from .world import Parts, World

GRAPHS: WeakKeyDictionary[App, Graph] = WeakKeyDictionary()  # to read an app once is enough


@asynccontextmanager
async def running(
    app: App,
    *,
    contention: float = 0.0,
    seed: int | None = None,
    path: Path | None = None,
    settings: Mapping[str, str] = NOTHING_SAID,
    secrets: Mapping[str, str] = NOTHING_SAID,
) -> AsyncGenerator[World]:
    """The app, running until the block ends; inside, the verbs of its resources work, and every
    one of them is granted. DeclarationError when the app is not sound.

    `contention` is the share of tries at which a write meets another, as `seed` has it. With `path`
    the state is kept in this folder, for a later world. `settings` and `secrets` have their values,
    as texts.
    """
    async with AsyncExitStack() as stack:
        given = environment_of(app, settings)
        seed = session.seed if seed is None else seed
        parts, ports = await opened(app, seed, path, given, stack)
        await set_secrets(parts.backend, secrets)
        parts.contention.share = contention
        world = World(parts)
        if session.worlds is not None:
            session.worlds.append(world)
        stack.callback(world.end)
        stack.enter_context(inside(ports))
        yield world


async def opened(
    app: App, seed: int, path: Path | None, environment: Mapping[str, str], stack: AsyncExitStack
) -> tuple[Parts, Ports]:
    """All of it, to be closed by the stack."""
    graph = graph_of(app)
    clock = VirtualClock()
    telemetry = MemoryTelemetry(clock)
    stack.callback(telemetry.close)
    if path is not None:
        make_private(path)
        stack.callback(Owner(path).release)
    backend = LocalBackend(
        path / STATE_FILE if path is not None else None,
        clock,
        Chance(seed, "entropy"),
        telemetry.recorder,
        alarms=clock,
        environment=environment,
    )
    stack.push_async_callback(backend.close)
    contention = Contention(0, Chance(seed, "contention"))
    ports = backend.ports(graph)
    workers = WorldWorkers(cast(LoopWorkers, ports.workers), clock)
    snapshot = snapshot_of(graph, backend, clock)
    if snapshot is not None:
        stack.push_async_callback(snapshot.close)
    ports = replace(
        ports,
        adapters={k: dressed(k, one, contention, snapshot) for k, one in ports.adapters.items()},
        store=ContendedStore(ports.store, contention),
        workers=workers,
    )
    answering = with_gateways(graph, backend.engines(graph, ports))
    course = Course(backend, workers, clock, snapshot, seed=seed)
    stack.push_async_callback(course.stop)
    telemetry.tap_logging()
    parts = Parts(graph, backend, clock, course, contention, telemetry, answering, seed)
    return parts, ports


def environment_of(app: App, settings: Mapping[str, str]) -> dict[str, str]:
    """What is said to the app, and a key for its secrets."""
    variables = {one.name: one.variable for one in graph_of(app).of(SETTINGS)}
    for name in settings.keys() - variables.keys():
        raise KeyError(f"there is no setting {name!r}: {did_you_mean(name, [*variables])}")
    said = {variables[name]: text for name, text in settings.items()}
    return {KEY_VARIABLE: KEY_BYTES * "00", **said}


async def set_secrets(backend: LocalBackend, secrets: Mapping[str, str]) -> None:
    assert backend.secrets is not None
    for name, value in secrets.items():
        await backend.secrets.set(name, value)


def graph_of(app: App) -> Graph:
    graph = GRAPHS.get(app)
    if graph is None:
        graph = GRAPHS[app] = build(app)
    return graph


def snapshot_of(graph: Graph, backend: LocalBackend, clock: VirtualClock) -> Snapshot | None:
    """What indexes show; nothing where there are none."""
    tables = cast("Iterator[Table[Any, Any]]", graph.of(Table))
    indexed = [one for one in tables if one.indexes]
    return Snapshot(backend.database, indexed, clock) if indexed else None


def dressed(name: str, adapter: Any, contention: Contention, snapshot: Snapshot | None) -> Any:
    """The adapter as a test meets it."""
    if not isinstance(adapter, SqliteTable):
        return adapter
    table = ContendedTable(adapter, name, contention)
    lagging = snapshot.tables.get(name) if snapshot is not None else None
    return LaggingTable(table, lagging) if lagging is not None else table
