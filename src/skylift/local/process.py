"""An app being served: it owns its state folder, runs its backend and listens for each Api. The
composition of the local layer, and with the command line the only place that hands out the real
clock and the real chance.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, cast

from ..engine.answer import gateway
from ..errors import StateError
from ..graph.model import Graph
from ..http import Answer, Request
from ..resources.api import Api, Route
from ..system import SystemClock, SystemEntropy
from .backend import LocalBackend
from .database import STATE_FILE, make_private
from .http.cors import with_cors
from .http.server import HttpServer
from .owner import Owner, unusable
from .report import StderrReport

Answering = Callable[[Request], Awaitable[Answer]]


class AppProcess:
    """Made by `started`. `reload` swaps the graph under the running servers: what runs finishes on
    the old code.
    """

    def __init__(
        self, app: str, owner: Owner, backend: LocalBackend, host: str, ports: Iterator[int]
    ) -> None:
        self.app, self._owner, self._backend = app, owner, backend
        self._clock = SystemClock()
        self._report = StderrReport(self._clock)
        self._host, self._ports = host, ports
        self.servers: dict[str, HttpServer] = {}

    async def reload(self, graph: Graph) -> None:
        """Serve this graph from now on. DeclarationError when the state does not fit it, OSError
        when the port of a new Api is taken: then nothing changed.
        """
        if self.app != graph.app:
            raise StateError(
                f"the app is called {graph.app!r} now, but this is the state of {self.app!r}\n"
                "    hint: give it its name back, or start again to begin a state of its own"
            )
        listening = await self._listening([api.name for api in graph.of(Api)])
        try:
            answering = _with_gateways(graph, self._backend.engines(graph))
        except BaseException:
            for server in listening.values():
                await server.stop(0)
            raise
        self.servers |= listening
        for name in self.servers.keys() - answering.keys():
            await self.servers.pop(name).stop(0)
        for name, answer in answering.items():
            self.servers[name].answer = answer
        self._owner.say(f"{graph.app} at {', '.join(self.addresses().values()) or 'no address'}")

    def addresses(self) -> dict[str, str]:
        shown = f"[{self._host}]" if ":" in self._host else self._host
        return {name: f"http://{shown}:{one.port}" for name, one in self.servers.items()}

    async def stop(self, grace_s: float) -> None:
        """Stop taking, let what runs finish, close the state."""
        for server in self.servers.values():
            await server.stop(grace_s)
        await self._backend.close(grace_s)
        self._owner.release()

    async def _listening(self, names: list[str]) -> dict[str, HttpServer]:
        """A server for each Api that has none yet."""
        found: dict[str, HttpServer] = {}
        try:
            for name in names:
                if name not in self.servers:
                    server = HttpServer(
                        _unready,
                        self._clock,
                        on_error=self._report.broken,
                        traffic=self._backend.traffic,
                    )
                    await server.start(self._host, self._next_port())
                    found[name] = server
        except OSError:
            for server in found.values():
                await server.stop(0)
            raise
        return found

    def _next_port(self) -> int:
        port = next(self._ports, None)
        if port is None:
            raise OSError("there is no port left for one more Api")
        return port


async def started(
    graph: Graph, folder: Path, *, host: str, ports: Iterator[int], full: bool
) -> AppProcess:
    """The app, listening. StateError when the folder cannot be owned, OSError when a port is
    taken.
    """
    make_private(folder)
    owner = Owner(folder)
    clock = SystemClock()
    try:
        backend = LocalBackend(
            folder / STATE_FILE, clock, SystemEntropy(), StderrReport(clock), full=full
        )
    except OSError as error:  # of the files beside the database
        owner.release()
        raise unusable(folder, error) from error
    except BaseException:
        owner.release()
        raise
    process = AppProcess(graph.app, owner, backend, host, ports)
    try:
        await process.reload(graph)
    except BaseException:
        await process.stop(0)
        raise
    return process


async def _unready(_request: Request) -> Answer:
    return gateway(503, "Service Unavailable")


def _with_gateways(graph: Graph, engines: dict[str, Any]) -> dict[str, Answering]:
    answering: dict[str, Answering] = dict(engines)
    for api in graph.of(Api):
        if api.cors is not None:
            routes = (cast(Route, node.function.trigger) for node in graph.triggered_by(api))
            methods = sorted({route.method for route in routes})
            answering[api.name] = with_cors(answering[api.name], api.cors, methods)
    return answering
