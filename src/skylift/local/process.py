"""An app being served: it owns its state folder, runs its backend and listens for each Api. The
composition of the local layer, and with the command line the only place that hands out the real
clock and the real chance.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, cast

from ..graph.model import Graph
from ..http import Answer, Request
from ..resources.api import Api, Route
from ..system import SystemClock, SystemEntropy
from .backend import LocalBackend
from .database import STATE_FILE, make_private
from .http.cors import with_cors
from .http.server import HttpServer
from .owner import Owner
from .report import StderrReport

Answering = Callable[[Request], Awaitable[Answer]]


class AppProcess:
    """Made by `started`. `reload` swaps the graph under the running servers: what runs finishes on
    the old code.
    """

    def __init__(
        self, owner: Owner, backend: LocalBackend, host: str, ports: Iterator[int]
    ) -> None:
        self._owner, self._backend = owner, backend
        self._clock = SystemClock()
        self._report = StderrReport(self._clock)
        self._host, self._ports = host, ports
        self.servers: dict[str, HttpServer] = {}

    async def reload(self, graph: Graph) -> None:
        """Serve this graph from now on; DeclarationError, and nothing changed, when the state does
        not fit it.
        """
        answering = _with_gateways(graph, self._backend.engines(graph))
        for name in self.servers.keys() - answering.keys():
            await self.servers.pop(name).stop(0)
        for name, answer in answering.items():
            if name in self.servers:
                self.servers[name].answer = answer
            else:
                await self._listen(name, answer)
        self._owner.say(f"{graph.app} at {', '.join(self.addresses().values()) or 'no address'}")

    def addresses(self) -> dict[str, str]:
        shown = f"[{self._host}]" if ":" in self._host else self._host
        return {name: f"http://{shown}:{one.port}" for name, one in self.servers.items()}

    async def stop(self, grace_s: float) -> None:
        """Stop taking, let what runs finish, close the state."""
        for server in self.servers.values():
            await server.stop(grace_s)
        await self._backend.close()
        self._owner.release()

    async def _listen(self, name: str, answer: Answering) -> None:
        server = HttpServer(answer, self._clock, on_error=self._report.broken)
        await server.start(self._host, next(self._ports))
        self.servers[name] = server


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
    except BaseException:
        owner.release()
        raise
    process = AppProcess(owner, backend, host, ports)
    try:
        await process.reload(graph)
    except BaseException:
        await process.stop(0)
        raise
    return process


def _with_gateways(graph: Graph, engines: dict[str, Any]) -> dict[str, Answering]:
    answering: dict[str, Answering] = dict(engines)
    for api in graph.of(Api):
        if api.cors is not None:
            routes = (cast(Route, node.function.trigger) for node in graph.triggered_by(api))
            methods = sorted({route.method for route in routes})
            answering[api.name] = with_cors(answering[api.name], api.cors, methods)
    return answering
