"""The local backend of one app: its database, an adapter for each declared resource, and an engine
for each Api.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import apsw

from ..engine.api import ApiEngine
from ..engine.dead import DeadEngine, DeadFunction
from ..engine.deliver import QueueEngine, QueueFunction
from ..engine.entrance import HttpFunction
from ..engine.invoke import Target
from ..errors import StateError
from ..graph.model import Graph, Node
from ..graph.queue import LEASE_TIMEOUTS
from ..http import Answer, Request
from ..ports import Clock, Entropy, Ports, Report
from ..resources.api import Api, Route
from ..resources.dead import Burial
from ..resources.queue import Consumer, Consumption, Queue
from ..resources.resource import Resource
from ..resources.table import Table
from .alarm import Alarms, LoopAlarms
from .database import Database
from .dead import SqliteDead
from .failure import described
from .haste import hastened
from .once import SqliteLedger
from .pump import IN_FLIGHT_MAX, Deliver, Lane, Pump
from .queue import SqliteQueue
from .sweep import Sweeper
from .table import SqliteStore, SqliteTable
from .traffic import Traffic
from .workers import LoopWorkers

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
        claims: bool = True,
        retry_s_max: float | None = None,  # while developing, nobody likes to wait
    ) -> None:
        """Without `claims` it delivers nothing: a command looks at the state for a moment."""
        self.database = Database(path, full=full, claims=claims)
        self._path = path
        self._clock, self._entropy, self._report = clock, entropy, report
        self._workers = LoopWorkers(clock, report)
        self.sweeper = Sweeper(clock)
        self.queues: dict[str, SqliteQueue] = {}  # they know what is in flight: reloads keep them
        self.dead: dict[str, SqliteDead] = {}  # by queue too
        self._ledger: SqliteLedger | None = None  # it knows what is running: reloads keep it
        self.lanes: dict[SqliteQueue | SqliteDead, Lane] = {}
        self._retry_s_max = retry_s_max
        self.traffic = Traffic(clock)
        self.pump = Pump(clock, alarms or LoopAlarms(clock), self.traffic)
        if alarms is None:  # who moves the clock himself sweeps when he does
            self.sweeper.start()

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
                queues = {k: one for k, one in adapters.items() if isinstance(one, SqliteQueue)}
                dead = {name: self._dead_letters(name, queue) for name, queue in queues.items()}
                ledger = self._ledger or SqliteLedger(self.database, self._clock, self._entropy)
        except apsw.Error as error:
            raise StateError(described(error, self._path)) from error
        self.database.flight.settled()
        for resource in graph.resources:  # not before all were admitted
            if isinstance(resource, Queue):
                queues[resource.name].declare(cast("Queue[Any]", resource))
        self.queues, self.dead, self._ledger = queues, dead, ledger
        self.sweeper.swept = [*adapters.values(), *dead.values(), ledger]
        self._workers.renew()
        for node in graph.functions:
            if isinstance(node.function.trigger, Consumption):
                consumer = cast("Consumer[..., Any, Any]", node.function)
                adapters[consumer.dead.name] = dead[node.function.trigger.resource.name]
        return Ports(
            adapters=adapters,
            store=SqliteStore(self.database, adapters, ledger),
            ledger=ledger,
            clock=self._clock,
            entropy=self._entropy,
            workers=self._workers,
            report=self._report,
        )

    def _adapter(self, resource: Resource) -> Any:
        known = self.queues.get(resource.name)
        if known is not None and isinstance(resource, Queue):
            known.admit(cast("Queue[Any]", resource))
            return known
        return ADAPTERS[type(resource)](self.database, resource, self._clock)

    def _dead_letters(self, name: str, queue: SqliteQueue) -> SqliteDead:
        return self.dead.get(name) or SqliteDead(self.database, queue, self._clock)

    def engines(
        self, graph: Graph, ports: Ports | None = None
    ) -> dict[str, Callable[[Request], Any]]:
        """What answers the requests of each Api, by its name. From now on messages are delivered to
        this graph's functions. `ports` are those of `ports(graph)`, as somebody has dressed them.
        """
        ports = ports or self.ports(graph)
        self.pump.serve([self._lane(node, ports) for node in graph.functions if is_fed(node)])
        return {api.name: self._answering(graph, api, ports) for api in graph.of(Api)}

    def _lane(self, node: Node, ports: Ports) -> Lane:
        source, deliver, batch = FED[type(node.function.trigger)](self, node, ports)
        limits = node.function.limits
        if isinstance(source, SqliteQueue) and source.declared.lease_s:
            source.lease_s = source.declared.lease_s
        else:
            source.lease_s = LEASE_TIMEOUTS * limits["timeout_s"]
        lane = self.lanes.setdefault(source, Lane(source))
        source.on_ready = partial(self.pump.look, lane)
        retry_s_max = self._retry_s_max
        lane.deliver = deliver if retry_s_max is None else hastened(deliver, retry_s_max)
        lane.batch, lane.concurrency_max = batch, limits["concurrency_max"] or IN_FLIGHT_MAX
        return lane

    def _of_queue(self, node: Node, ports: Ports) -> tuple[SqliteQueue, Deliver, int]:
        function = queue_function(node)
        deliver = QueueEngine(function, ports).deliver
        return self.queues[function.source], deliver, function.batch

    def _of_dead(self, node: Node, ports: Ports) -> tuple[SqliteDead, Deliver, int]:
        function = dead_function(node)
        queue = function.letters.function.trigger.resource.name
        return self.dead[queue], DeadEngine(function, ports).deliver, 1

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

    def running(self) -> dict[str, int]:
        """How often each function runs now."""
        return self._workers.counts()

    async def close(self) -> None:
        """Hand back what is being delivered, and close the state."""
        await self.pump.stop(0)
        self.sweeper.stop()
        self._workers.close()
        await self.database.close()


FED: dict[type[Any], Callable[..., tuple[Any, Deliver, int]]] = {  # by type of trigger
    Consumption: LocalBackend._of_queue,  # pyright: ignore[reportPrivateUsage]
    Burial: LocalBackend._of_dead,  # pyright: ignore[reportPrivateUsage]
}


def is_fed(node: Node) -> bool:
    """Something is taken from somewhere and handed to it."""
    return type(node.function.trigger) in FED


def queue_function(node: Node) -> QueueFunction:
    trigger = node.function.trigger
    assert isinstance(trigger, Consumption)
    queue = trigger.resource
    return QueueFunction(
        *(target_of(node), queue.name, node.signature, queue.codec, trigger.batch),
        *(trigger.attempts_max, trigger.backoff, queue.fifo, trigger.once, trigger.once_by),
    )


def dead_function(node: Node) -> DeadFunction:
    trigger = node.function.trigger
    assert isinstance(trigger, Burial)
    letters, attempts_max = trigger.resource, trigger.attempts_max
    return DeadFunction(target_of(node), node.signature, letters, attempts_max, trigger.backoff)


def http_function(node: Node) -> HttpFunction:
    route = node.function.trigger
    assert isinstance(route, Route)
    return HttpFunction(
        *(target_of(node), route.method, route.path, route.status, node.signature),
        *(node.function.handler.__doc__, route.once),
    )


def target_of(node: Node) -> Target:
    limits = node.function.limits
    return Target(
        *(node.name, node.function.handler, node.signature.is_async, node.grants),
        *(limits["timeout_s"], limits["concurrency_max"], limits["isolate"]),
    )
