"""The local backend of one app: its database, an adapter for each declared resource, and an engine
for each Api.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import apsw

from ..engine.api import ApiEngine
from ..engine.dead import DeadEngine
from ..engine.deliver import QueueEngine
from ..engine.guard import Guards
from ..engine.setting import SaidSetting, unread
from ..errors import DeclarationError, Mistake, StateError
from ..graph.collect import dead_of
from ..graph.model import Graph, Node
from ..graph.queue import LEASE_TIMEOUTS
from ..http import Answer, Request
from ..ports import Clock, Entropy, Ports, Report
from ..resources.api import Api
from ..resources.bus import Bus
from ..resources.channel import Channel
from ..resources.dead import Burial
from ..resources.queue import Consumption, Queue
from ..resources.resource import Resource
from ..resources.schedule import Schedule
from ..resources.secret import Secret
from ..resources.setting import Setting
from ..resources.site import Site, prefix
from ..resources.table import Table
from ..resources.timer import Timer
from ..resources.topic import Topic
from ..resources.users import Users
from .alarm import Alarms, LoopAlarms
from .bus import SqliteBus
from .channel import MemoryChannel
from .database import Database
from .dead import SqliteDead
from .failure import described
from .haste import hastened
from .inbox import Receivers, inbox_queues, letters_of, wire
from .node import dead_function, guard_functions, http_function, message_function
from .once import SqliteLedger
from .pump import IN_FLIGHT_MAX, Deliver, Lane, Pump
from .queue import SqliteQueue
from .schedule import SqliteSchedule
from .secret import Secrets, SqliteSecret, unset
from .store import SqliteStore
from .sweep import Sweeper
from .table import SqliteTable
from .timer import SqliteTimer
from .topic import SqliteTopic
from .traffic import Traffic
from .users import SqliteUsers
from .vault import Vault
from .workers import LoopWorkers

if TYPE_CHECKING:
    pass

ADAPTERS: dict[type[Resource], Callable[[Database, Any, Clock], Any]] = {
    Table: SqliteTable,
    Queue: SqliteQueue,
    Bus: SqliteBus,
    Schedule: SqliteSchedule,
    Timer: SqliteTimer,
    Topic: SqliteTopic,
    Users: SqliteUsers,
    Channel: MemoryChannel,
}
SETTINGS: type[Setting[Any]] = Setting
# What is not in the database alone.
SURROUNDED: dict[type[Resource], Callable[[Secrets, Any, Mapping[str, str]], Any]] = {
    Setting: lambda _, setting, environment: SaidSetting(setting, environment),
    Secret: lambda secrets, secret, _: SqliteSecret(secrets, secret),
}
NOTHING_SAID: Mapping[str, str] = {}


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
        environment: Mapping[str, str] = NOTHING_SAID,
    ) -> None:
        """Without `claims` it delivers nothing: a command looks at the state for a moment. The
        environment says settings, and where the key of secrets is.
        """
        self.database = Database(path, full=full, claims=claims)
        self._path, self._environment = path, environment
        self.secrets: Secrets | None = None
        self._clock, self._entropy, self._report = clock, entropy, report
        self._workers = LoopWorkers(clock, report)
        self.sweeper = Sweeper(clock)
        self.queues: dict[str, SqliteQueue] = {}  # they know what is in flight: reloads keep them
        self.inboxes: dict[str, SqliteQueue] = {}  # by function; they too
        self.dead: dict[str, SqliteDead] = {}  # by queue, or by function where it has an inbox
        self._ledger: SqliteLedger | None = None  # it knows what is running: reloads keep it
        self.lanes: dict[SqliteQueue | SqliteDead, Lane] = {}
        self._retry_s_max = retry_s_max
        self.traffic = Traffic(clock)
        self._alarms, self._claims = alarms or LoopAlarms(clock), claims
        self.pump = Pump(clock, self._alarms, self.traffic)
        self._adapters: dict[str, Any] = {}
        self._watching: list[Any] = []  # adapters that wait for their time
        if alarms is None:  # who moves the clock himself sweeps when he does
            self.sweeper.start()

    def ports(self, graph: Graph) -> Ports:
        """Adapters for every resource; DeclarationError when the stored state does not fit the
        declarations, or a setting has no value. Then, as after a StateError, nothing of it was
        changed.
        """
        if wrong := [*unread(graph.of(SETTINGS), self._environment)]:
            raise DeclarationError(*wrong)
        try:
            with self.database.connection:  # all tables or none: old code may have to run on
                self.secrets = self.secrets or self._opened_secrets(graph.app)
                adapters = {
                    resource.name: self._adapter(resource)
                    for resource in graph.resources
                    if type(resource) in ADAPTERS.keys() | SURROUNDED.keys()
                }
                queues = {k: one for k, one in adapters.items() if isinstance(one, SqliteQueue)}
                named = inbox_queues(graph)
                inboxes = self._opened_inboxes(graph, named)
                dead = self._dead_letters(queues, inboxes)
                ledger = self._ledger or SqliteLedger(self.database, self._clock, self._entropy)
        except apsw.Error as error:
            raise StateError(described(error, self._path)) from error
        self.database.flight.settled()
        for resource in graph.resources:  # not before all were admitted
            if isinstance(resource, Queue):
                queues[resource.name].declare(cast("Queue[Any]", resource))
        for name, queue in named.items():
            inboxes[name].declare(queue)
        self.queues, self.inboxes, self.dead, self._ledger = queues, inboxes, dead, ledger
        self._adapters = dict(adapters)
        wire(self._adapters.values(), graph, Receivers(inboxes, queues))
        swept = [one for one in adapters.values() if hasattr(one, "sweep")]
        self.sweeper.swept = [*swept, *dead.values(), ledger]
        self._workers.renew()
        for node in graph.functions:
            letters = dead_of(node.function)
            if letters is not None:
                adapters[letters.name] = dead[letters_of(node.function)]
        adapters |= {name: one for name, one in inboxes.items() if name not in adapters}
        return Ports(
            adapters=adapters,
            store=SqliteStore(self.database, adapters, ledger),
            ledger=ledger,
            clock=self._clock,
            entropy=self._entropy,
            workers=self._workers,
            report=self._report,
        )

    @property
    def sources(self) -> dict[str, SqliteQueue]:
        """Everything that messages lie in, by the name of a queue or of a function."""
        return {**self.queues, **self.inboxes}

    @property
    def users(self) -> dict[str, SqliteUsers]:
        """Those of each declaration, by its name."""
        found = self._adapters.items()
        return {name: one for name, one in found if isinstance(one, SqliteUsers)}

    def _adapter(self, resource: Resource) -> Any:
        known = self.queues.get(resource.name)
        if known is not None and isinstance(resource, Queue):
            known.admit(cast("Queue[Any]", resource))
            return known
        waiting = self._adapters.get(resource.name)
        if isinstance(waiting, MemoryChannel) and isinstance(resource, Channel):
            return waiting  # who is subscribed stays so
        if isinstance(waiting, SqliteTimer) and isinstance(resource, Timer):
            return waiting  # what still runs on older code sets it too
        if type(resource) in SURROUNDED:
            assert self.secrets is not None
            return SURROUNDED[type(resource)](self.secrets, resource, self._environment)
        return ADAPTERS[type(resource)](self.database, resource, self._clock)

    def _opened_secrets(self, app: str) -> Secrets:
        vault = Vault(app, self._environment)
        return Secrets(self.database, vault, self._clock, self._entropy)

    def unset(self, graph: Graph) -> list[Mistake]:
        """The secrets that have no value yet and need one."""
        known = self.secrets.names() if self.secrets is not None else {}
        needed = (one for one in graph.of(Secret) if not one.optional)
        return [unset(one, graph.app) for one in needed if one.name not in known]

    def _opened_inboxes(
        self, graph: Graph, named: Mapping[str, Queue[Any]]
    ) -> dict[str, SqliteQueue]:
        letters = {node.name: letters_of(node.function) for node in graph.functions}
        for name, queue in named.items():
            if name in self.inboxes:
                self.inboxes[name].admit(queue)
        return {
            name: self.inboxes.get(name)
            or SqliteQueue(self.database, queue, self._clock, letters[name])
            for name, queue in named.items()
        }

    def _dead_letters(
        self, queues: Mapping[str, SqliteQueue], inboxes: Mapping[str, SqliteQueue]
    ) -> dict[str, SqliteDead]:
        """What was started shares those of its queue, and a redrive sends them there."""
        sources = {**queues, **{k: one for k, one in inboxes.items() if one.letters not in queues}}
        found = {
            name: self.dead.get(name) or SqliteDead(self.database, one, self._clock)
            for name, one in sources.items()
        }
        for one in inboxes.values():
            one.on_buried = sources[one.letters].on_buried
        return found

    def engines(
        self, graph: Graph, ports: Ports | None = None
    ) -> dict[str, Callable[[Request], Any]]:
        """What answers the requests of each Api, by its name. From now on messages are delivered to
        this graph's functions. `ports` are those of `ports(graph)`, as somebody has dressed them.
        """
        ports = ports or self.ports(graph)
        self.pump.serve([lane for node in graph.functions for lane in self._lanes(node, ports)])
        self.guards = Guards(guard_functions(graph), ports)
        self._watch()
        return {api.name: self._answering(graph, api, ports) for api in graph.of(Api)}

    def _lanes(self, node: Node, ports: Ports) -> Iterator[Lane]:
        """From where a function is given something."""
        trigger = node.function.trigger
        if isinstance(trigger, Consumption):
            function = message_function(node)
            source = self.queues[function.source]
            yield self._lane(node, source, QueueEngine(function, ports).deliver, function.batch)
        elif isinstance(trigger, Burial):
            dead = self.dead[letters_of(trigger.resource.function)]
            yield self._lane(node, dead, DeadEngine(dead_function(node), ports).deliver)
        inbox = self.inboxes.get(node.name)
        if inbox is not None:
            function = message_function(node, is_started=isinstance(trigger, Consumption))
            yield self._lane(node, inbox, QueueEngine(function, ports).deliver)

    def _lane(
        self, node: Node, source: SqliteQueue | SqliteDead, deliver: Deliver, batch: int = 1
    ) -> Lane:
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

    def _watch(self) -> None:
        """Have what waits for its time wake by this graph's declarations, and by no older ones."""
        for one in self._watching:
            one.unwatch()
        self._watching = [one for one in self._adapters.values() if hasattr(one, "watch")]
        for one in self._watching if self._claims else ():
            one.watch(self._alarms)

    def _answering(self, graph: Graph, api: Api, ports: Ports) -> Callable[[Request], Any]:
        functions = [http_function(node) for node in graph.triggered_by(api)]
        server = prefix(api, graph.of(Site))
        answer = ApiEngine(graph.app, functions, ports, rate=api.throttle, server=server).answer
        if not self.database.full:
            return answer

        async def answer_when_durable(request: Request) -> Answer:
            answered = await answer(request)
            await self.database.durable()  # what it read may be committed and not yet on the disk
            return answered

        return answer_when_durable

    @property
    def channels(self) -> dict[str, MemoryChannel]:
        found = self._adapters.items()
        return {name: one for name, one in found if isinstance(one, MemoryChannel)}

    @property
    def timers(self) -> list[SqliteTimer]:
        return [one for one in self._adapters.values() if isinstance(one, SqliteTimer)]

    def running(self) -> dict[str, int]:
        """How often each function runs now."""
        return self._workers.counts()

    async def close(self) -> None:
        """Hand back what is being delivered, and close the state."""
        for one in self._watching:
            one.unwatch()
        await self.pump.stop(0)
        self.sweeper.stop()
        self._workers.close()
        await self.database.close()
