"""The local backend of one app: its database, an adapter for each declared resource, and an engine
for each Api.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import apsw

from ..engine.api import ApiEngine, HttpFunction
from ..engine.deliver import QueueEngine, QueueFunction
from ..engine.invoke import Target
from ..errors import StateError
from ..graph.model import Graph, Node
from ..http import Answer, Request
from ..ports import Clock, Entropy, Ports, Report
from ..resources.api import Api, Route
from ..resources.queue import Consumer, Consumption, Queue
from ..resources.resource import Resource
from ..resources.table import Table
from .alarm import Alarms, LoopAlarms
from .database import Database
from .dead import SqliteDead
from .failure import described
from .pump import IN_FLIGHT_MAX, Lane, Pump
from .queue import SqliteQueue
from .sweep import Sweeper
from .table import SqliteStore, SqliteTable
from .traffic import Traffic
from .workers import LoopWorkers

SEAL_BYTES = 32
LEASE_TIMEOUTS = 6  # a lease outlasts so many time-outs of its consumer
ADAPTERS: dict[type[Resource], Callable[[Database, Any, Clock], Any]] = {
    Table: SqliteTable,
    Queue: SqliteQueue,
}


class LocalBackend:
    """What one app runs on here. `engines` again with a newer graph is a reload: what runs finishes
    on the old ones.
    """

    def __init__(
        self,
        path: Path | None,
        clock: Clock,
        entropy: Entropy,
        report: Report,
        *,
        full: bool = False,
        alarms: Alarms | None = None,
    ) -> None:
        self.database = Database(path, full=full)
        self._path = path
        self._clock, self._entropy, self._report = clock, entropy, report
        self._workers = LoopWorkers(clock)
        self._seal_key = _seal_key(self.database, entropy)
        self._sweeper = Sweeper(clock)
        self._queues: dict[str, SqliteQueue] = {}  # they know what is in flight: reloads keep them
        self._lanes: dict[str, Lane] = {}
        self.traffic = Traffic(clock)
        self.pump = Pump(clock, alarms or LoopAlarms(clock), self.traffic)

    def ports(self, graph: Graph) -> Ports:
        """Adapters for every resource; DeclarationError when the stored state does not fit the
        declarations. Then, as after a StateError, nothing of it was changed.
        """
        try:
            with self.database.connection:  # all tables or none: old code may have to run on
                adapters = {
                    resource.name: self._adapter(resource)
                    for resource in graph.resources
                    if type(resource) in ADAPTERS
                }
        except apsw.Error as error:
            raise StateError(described(error, self._path)) from error
        self.database.flight.settled()
        self._queues = {name: one for name, one in adapters.items() if isinstance(one, SqliteQueue)}
        self._sweeper.swept = list(adapters.values())
        for node in graph.functions:
            if isinstance(node.function, Consumer):
                queue = self._queues[node.function.trigger.resource.name]
                dead = node.function.dead.name
                adapters[dead] = SqliteDead(self.database, queue, self._clock)
        return Ports(
            adapters=adapters,
            store=SqliteStore(self.database, adapters),
            ledger=cast(Any, None),
            clock=self._clock,
            entropy=self._entropy,
            workers=self._workers,
            report=self._report,
            seal_key=self._seal_key,
        )

    def _adapter(self, resource: Resource) -> Any:
        known = self._queues.get(resource.name)
        if known is not None and isinstance(resource, Queue):
            known.declare(resource)
            return known
        return ADAPTERS[type(resource)](self.database, resource, self._clock)

    def engines(self, graph: Graph) -> dict[str, Callable[[Request], Any]]:
        """What answers the requests of each Api, by its name. From now on messages are delivered to
        this graph's functions.
        """
        ports = self.ports(graph)
        self.pump.serve([self._lane(node, ports) for node in graph.functions if is_fed(node)])
        return {api.name: self._answering(graph, api, ports) for api in graph.of(Api)}

    def _lane(self, node: Node, ports: Ports) -> Lane:
        function = queue_function(node)
        queue = self._queues[function.source]
        queue.lease_s = queue.declared.lease_s or LEASE_TIMEOUTS * function.target.timeout_s
        lane = self._lanes.setdefault(function.source, Lane(queue))
        queue.on_ready = partial(self.pump.look, lane)
        lane.deliver, lane.batch = QueueEngine(function, ports).deliver, function.batch
        lane.concurrency_max = function.target.concurrency_max or IN_FLIGHT_MAX
        return lane

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

    async def close(self, grace_s: float = 0) -> None:
        """Let deliveries finish, hand back those that do not in time, and close the state."""
        await self.pump.stop(grace_s)
        self._sweeper.stop()
        self._workers.close()
        await self.database.close()


def is_fed(node: Node) -> bool:
    return isinstance(node.function.trigger, Consumption)


def queue_function(node: Node) -> QueueFunction:
    trigger = node.function.trigger
    assert isinstance(trigger, Consumption)
    queue = trigger.resource
    return QueueFunction(
        *(target_of(node), queue.name, node.signature, queue.codec, trigger.batch),
        *(trigger.attempts_max, trigger.backoff, queue.fifo),
    )


def http_function(node: Node) -> HttpFunction:
    route = node.function.trigger
    assert isinstance(route, Route)
    doc = node.function.handler.__doc__
    return HttpFunction(
        target_of(node), route.method, route.path, route.status, node.signature, doc
    )


def target_of(node: Node) -> Target:
    limits = node.function.limits
    return Target(
        *(node.name, node.function.handler, node.signature.is_async, node.grants),
        *(limits["timeout_s"], limits["concurrency_max"]),
    )


def _seal_key(database: Database, entropy: Entropy) -> bytes:
    found = database.execute("SELECT value FROM meta WHERE name = 'seal'").fetchone()
    if found is not None:
        return bytes(found[0])
    key = entropy.token_bytes(SEAL_BYTES)
    database.execute("INSERT INTO meta VALUES ('seal', ?)", (key,))
    return key
