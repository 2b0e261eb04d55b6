"""The local backend of one app: its database, an adapter for each declared resource, and an engine
for each Api.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from ..engine.api import ApiEngine, HttpFunction
from ..engine.invoke import Target
from ..errors import StateError
from ..graph.model import Graph, Node
from ..http import Answer, Request
from ..ports import Clock, Entropy, Ports, Report
from ..resources.api import Api, Route
from ..resources.resource import Resource
from ..resources.table import Table
from .database import Database
from .failure import described
from .sweep import Sweeper
from .table import SqliteStore, SqliteTable
from .workers import LoopWorkers

SEAL_BYTES = 32
ADAPTERS: dict[type[Resource], Callable[[Database, Any, Clock], Any]] = {Table: SqliteTable}


class LocalBackend:
    """What one app runs on here. `engines` again with a newer graph is a reload: what runs finishes
    on the old ones.
    """

    def __init__(
        self, path: Path | None, clock: Clock, entropy: Entropy, report: Report, *, full: bool
    ) -> None:
        self.database = Database(path, full=full)
        self._path = path
        self._clock, self._entropy, self._report = clock, entropy, report
        self._workers = LoopWorkers(clock)
        self._seal_key = _seal_key(self.database, entropy)
        self._sweeper = Sweeper(clock)

    def ports(self, graph: Graph) -> Ports:
        """Adapters for every resource; DeclarationError when the stored state does not fit the
        declarations. Then, as after a StateError, nothing of it was changed.
        """
        try:
            with self.database.connection:  # all tables or none: old code may have to run on
                adapters = {
                    resource.name: ADAPTERS[type(resource)](self.database, resource, self._clock)
                    for resource in graph.resources
                    if type(resource) in ADAPTERS
                }
        except apsw.Error as error:
            raise StateError(described(error, self._path)) from error
        self._sweeper.tables = list(adapters.values())
        return Ports(
            adapters=adapters,
            store=SqliteStore(self.database, adapters),
            clock=self._clock,
            entropy=self._entropy,
            workers=self._workers,
            report=self._report,
            seal_key=self._seal_key,
        )

    def engines(self, graph: Graph) -> dict[str, Callable[[Request], Any]]:
        """What answers the requests of each Api, by its name."""
        ports = self.ports(graph)
        return {api.name: self._answering(graph, api, ports) for api in graph.of(Api)}

    def _answering(self, graph: Graph, api: Api, ports: Ports) -> Callable[[Request], Any]:
        functions = [http_function(node) for node in graph.triggered_by(api)]
        answer = ApiEngine(graph.app, functions, ports).answer
        if not self.database.full:
            return answer

        async def answer_when_durable(request: Request) -> Answer:
            answered = await answer(request)
            await self.database.durable()  # what it read may be committed and not yet on the disk
            return answered

        return answer_when_durable

    async def close(self) -> None:
        self._sweeper.stop()
        self._workers.close()
        await self.database.close()


def http_function(node: Node) -> HttpFunction:
    route = node.function.trigger
    assert isinstance(route, Route)
    target = Target(
        node.name,
        node.function.handler,
        node.signature.is_async,
        node.grants,
        node.function.limits["timeout_s"],
        node.function.limits["concurrency_max"],
    )
    doc = node.function.handler.__doc__
    return HttpFunction(target, route.method, route.path, route.status, node.signature, doc)


def _seal_key(database: Database, entropy: Entropy) -> bytes:
    found = database.execute("SELECT value FROM meta WHERE name = 'seal'").fetchone()
    if found is not None:
        return bytes(found[0])
    key = entropy.token_bytes(SEAL_BYTES)
    database.execute("INSERT INTO meta VALUES ('seal', ?)", (key,))
    return key
