"""An app being served: it owns its state folder, runs its backend and listens for each Api. The
composition of the local layer, and with the command line the only place that hands out the real
clock and the real chance.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ..engine.answer import gateway
from ..errors import StateError
from ..graph.model import Graph
from ..http import Request
from ..resources.api import Api
from ..resources.site import Site
from ..resources.timer import Timer
from ..system import ENVIRONMENT, SystemClock, SystemEntropy
from ..telemetry.store import TELEMETRY_FILE
from ..telemetry.writer import Writer
from .backend import LocalBackend
from .control import Control
from .control_server import ControlServer
from .database import STATE_FILE, make_private
from .forgotten import REMEDY, stored
from .http.cors import with_gateways
from .http.server import HttpServer
from .owner import Owner, owned, unusable
from .realtime import door
from .report import StderrReport
from .site import Answered, served, with_sites

SAY_AFTER_S = 1.0  # of a stop that waits


class AppProcess:
    """Made by `started`. `reload` swaps the graph under the running servers: what runs finishes on
    the old code.
    """

    def __init__(
        self,
        app: str,
        owner: Owner,
        backend: LocalBackend,
        telemetry: Writer,
        *,
        host: str,
        ports: Iterator[int],
    ) -> None:
        self.app, self._owner, self._backend = app, owner, backend
        self._control: ControlServer | None = None
        self._telemetry = telemetry
        self._clock = SystemClock()
        self._host, self._ports = host, ports
        self.servers: dict[str, HttpServer] = {}
        self._apis: dict[str, Api] = {}  # by whose address they have
        self._told_of = set[str]()  # queues and timers that are not declared any more

    async def reload(self, graph: Graph) -> None:
        """Serve this graph from now on. DeclarationError when the state does not fit it, OSError
        when the port of a new Api or site is taken: then nothing changed.
        """
        if self.app != graph.app:
            raise StateError(
                f"the app is called {graph.app!r} now, but this is the state of {self.app!r}\n"
                "    hint: give it its name back, or start again to begin a state of its own"
            )
        listening = await self._listening(served(graph))
        try:
            adapters = self._backend.ports(graph)
            engines = self._backend.engines(graph, adapters)
            answering = with_sites(graph, with_gateways(graph, engines))
        except BaseException:
            for server in listening.values():
                await server.stop(0)
            raise
        self.servers |= listening
        for name in self.servers.keys() - answering.keys():
            await self.servers.pop(name).stop(0)
        for name, answer in answering.items():
            self.servers[name].answer = answer
        await self._let_ask(Control(self._backend, graph, adapters))
        named = {one.name: one for one in graph.of(Api)}
        named |= {one.name: one.api for one in graph.of(Site) if one.api is not None}
        self._apis = {name: api for name, api in named.items() if name in self.servers}
        timers = (one.name for one in graph.resources if one.kind == Timer.kind)
        self._say_forgotten({*self._backend.sources, *timers})
        for one in self._backend.unset(graph):
            self._telemetry.recorder.warned("skylift", f"{one.reason}: {one.remedy}")
        self._owner.say(f"{graph.app} at {', '.join(self.addresses().values()) or 'no address'}")

    def addresses(self) -> dict[str, str]:
        shown = f"[{self._host}]" if ":" in self._host else self._host
        return {name: f"http://{shown}:{one.port}" for name, one in self.servers.items()}

    def is_described(self, name: str) -> bool:
        """There is an Api at this address."""
        return name in self._apis

    def is_public(self, name: str) -> bool:
        """There is one that asks nobody who he is, unless a route does."""
        return self.is_described(name) and self._apis[name].auth is None

    async def stop(self, grace_s: float) -> None:
        """Stop taking, let what runs finish, close the state."""
        saying = asyncio.create_task(self._say_who_runs(grace_s))
        await asyncio.gather(
            *([self._control.stop(grace_s)] if self._control else []),
            self._backend.pump.stop(grace_s),
            *(server.stop(grace_s) for server in self.servers.values()),
        )
        saying.cancel()
        await self._backend.close()
        await asyncio.to_thread(self._telemetry.close)
        self._owner.release()

    async def _say_who_runs(self, grace_s: float) -> None:
        """Once, while a stop waits."""
        await asyncio.sleep(SAY_AFTER_S)
        counts = self._backend.running()
        if counts and grace_s > SAY_AFTER_S:
            named = ", ".join(f"{name} ({count})" for name, count in counts.items())
            said = f"it stops when these have ended, at most {grace_s:g} s: {named}"
            self._telemetry.recorder.warned("skylift", said)

    def _say_forgotten(self, declared: set[str]) -> None:
        """Of queues and timers that were taken out with something in them, once each."""
        found = stored(self._backend.database.execute, declared)
        self._told_of &= {one.name for one in found}
        for one in found:
            if one.name not in self._told_of:
                self._told_of.add(one.name)
                self._telemetry.recorder.warned("skylift", f"{one.told}: {REMEDY}")

    async def _let_ask(self, control: Control) -> None:
        """Have commands ask this from now on. An app runs without them where no socket can be."""
        if self._control is not None:
            self._control.control = control
            return
        server = ControlServer(control, self._telemetry.recorder.broken)
        try:
            await server.start(self._owner.folder)
        except OSError as error:
            self._telemetry.recorder.warned("skylift", f"no command can ask this app: {error}")
        else:
            self._control = server

    async def _listening(self, names: list[str]) -> dict[str, HttpServer]:
        """A server for each site, and each Api behind none, that has none yet."""
        found: dict[str, HttpServer] = {}
        tried: list[int] = []
        try:
            for name in names:
                if name not in self.servers:
                    tried.append(self._next_port())
                    found[name] = await self._server(tried[-1])
        except OSError:
            self._ports = chain(tried, self._ports)  # the next edit finds them again
            for server in found.values():
                await server.stop(0)
            raise
        return found

    async def _server(self, port: int) -> HttpServer:
        on_error, traffic = self._telemetry.recorder.broken, self._backend.traffic
        server = HttpServer(
            *(_unready, self._clock),
            on_error=on_error,
            traffic=traffic,
            doors=lambda request: door(request, self._backend),
        )
        await server.start(self._host, port)
        return server

    def _next_port(self) -> int:
        port = next(self._ports, None)
        if port is None:
            raise OSError("there is no port left for one more of them")
        return port


async def started(
    graph: Graph,
    folder: Path,
    *,
    host: str,
    ports: Iterator[int],
    full: bool,
    retry_s_max: float | None = None,
) -> AppProcess:
    """The app, listening. StateError when the folder cannot be owned, OSError when a port is
    taken.
    """
    make_private(folder)
    owner = await owned(folder)
    clock, entropy = SystemClock(), SystemEntropy()
    telemetry = Writer(folder / TELEMETRY_FILE, clock, entropy, StderrReport(clock))
    try:
        backend = LocalBackend(
            *(folder / STATE_FILE, clock, entropy, telemetry.recorder),
            full=full,
            retry_s_max=retry_s_max,
            environment=ENVIRONMENT,
        )
    except OSError as error:  # of the files beside the database
        owner.release()
        raise unusable(folder, error) from error
    except BaseException:
        owner.release()
        raise
    telemetry.start()
    process = AppProcess(graph.app, owner, backend, telemetry, host=host, ports=ports)
    try:
        await process.reload(graph)
    except BaseException:
        await process.stop(0)
        raise
    return process


async def _unready(_request: Request) -> Answered:
    return gateway(503, "Service Unavailable")
