"""What a command may ask of an app's state: of the process that owns it, or of the command's own
when nobody does. Requests and answers are values; how they travel is not known here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from msgspec import Struct

from ..codec.envelope import Opened, Undecodable, moment, opened
from ..errors import SkyliftError, StateError, did_you_mean
from ..graph.bus import is_own
from ..graph.model import Graph, Node
from ..ports import Ports
from ..ports.delivery import Letter
from ..resources.bus import Bus
from ..resources.queue import Consumption
from .backend import LocalBackend
from .bus import SqliteBus
from .control_secret import (
    ListSecrets,
    RemoveSecret,
    SetSecret,
    list_secrets,
    remove_secret,
    set_secret,
)
from .dead import SqliteDead
from .direct import Called, Unusable, called, trace_id
from .mail import Mail, mails
from .queue import Waiting
from .secret import Secrets

PEEK_MAX = 100
MAILS_MAX = 1_000
PEEK_BYTES_MAX = 8 << 20  # of bodies in one answer; one more message may be larger


class ListQueues(Struct, tag="queue ls"):
    """How many messages are where."""


class PeekQueue(Struct, tag="queue peek"):
    queue: str
    limit: int
    dead_only: bool = False


class RedriveQueue(Struct, tag="queue redrive"):
    queue: str
    limit: int | None = None


class PurgeQueue(Struct, tag="queue purge"):
    queue: str
    dead: bool = False


class InvokeFunction(Struct, tag="invoke"):
    function: str
    event: str


class ListMail(Struct, tag="mail"):
    """What was mailed, to one address or to all: the newest."""

    address: str
    limit: int


class ReplayBus(Struct, tag="bus replay"):
    bus: str
    since: float
    until: float
    function: str = ""  # alone; "" is whoever listens


class DeliverEvents(Struct, tag="bus deliver"):
    """Another app's, on a bus that both share."""

    owner: str
    bus: str
    bodies: list[str]


Request: TypeAlias = (
    ListQueues
    | PeekQueue
    | RedriveQueue
    | PurgeQueue
    | InvokeFunction
    | ListMail
    | ReplayBus
    | DeliverEvents
    | SetSecret
    | RemoveSecret
    | ListSecrets
)


class QueueCounts(Struct):
    queue: str
    ready: int
    in_flight: int
    delayed: int
    dead: int


class Peeked(Struct):
    """`body` is what was sent, with its envelope; `message` what is in it."""

    id: str
    trace: str
    sent_at: float
    group: str
    attempts: int
    body: str
    message: str


class PeekedLetter(Peeked):
    reason: str
    error: str


class PeekedMessage(Peeked):
    state: str  # ready, in flight, delayed
    due: float | None


class QueueContent(Struct):
    queue: str
    function: str | None  # the consumer
    counts: QueueCounts
    dead: list[PeekedLetter]
    waiting: list[PeekedMessage]


class Moved(Struct):
    """How many messages were sent back, or deleted, of which queue."""

    queue: str
    count: int
    counts: QueueCounts  # afterwards


class Replayed(Struct):
    bus: str
    count: int  # events


class Refused(Exception):
    """A request that cannot be done: what is wrong, and what next."""

    def __init__(self, error: str, hint: str = "") -> None:
        super().__init__(error)
        self.error, self.hint = error, hint


class Control:
    """The operations on one app. `graph` and `ports` may be replaced at any time, as a reload
    does.
    """

    def __init__(self, backend: LocalBackend, graph: Graph, ports: Ports) -> None:
        self._backend, self.graph, self.ports = backend, graph, ports

    async def answer(self, request: Request) -> Any:
        """What was asked for; Refused when it cannot be."""
        try:
            return await OPERATIONS[type(request)](self, request)
        except (SkyliftError, StateError) as error:  # a full disk, mostly
            raise Refused(str(error)) from error

    @property
    def secrets(self) -> Secrets:
        assert self._backend.secrets is not None  # there are ports
        return self._backend.secrets

    async def _list(self, _: ListQueues) -> list[QueueCounts]:
        return [await self._counts(name) for name in self._backend.sources]

    async def _peek(self, asked: PeekQueue) -> QueueContent:
        name, limit = self._queue_named(asked.queue), min(max(asked.limit, 1), PEEK_MAX)
        letters = await self._dead(name).peek(limit)
        waiting = [] if asked.dead_only else self._backend.sources[name].peek(limit)
        now = self.ports.clock.time()
        room = Room(PEEK_BYTES_MAX)
        return QueueContent(
            *(name, self._function(name), await self._counts(name)),
            dead=[_letter(one) for one in letters if room.takes(one.body)],
            waiting=[_message(one, now) for one in waiting if room.takes(one.row.body)],
        )

    async def _redrive(self, asked: RedriveQueue) -> Moved:
        name = self._queue_named(asked.queue)
        count = await self._dead(name).redrive(asked.limit)
        return Moved(name, count, await self._counts(name))

    async def _purge(self, asked: PurgeQueue) -> Moved:
        name = self._queue_named(asked.queue)
        purged = self._dead(name) if asked.dead else self._backend.sources[name]
        count = await purged.purge()
        return Moved(name, count, await self._counts(name))

    async def _invoke(self, asked: InvokeFunction) -> Called:
        node = self._node_named(asked.function)
        try:
            outcome = await called(node, self.ports, asked.event.encode())
        except Unusable as unusable:
            raise Refused(f"{asked.function}: {unusable.reason}", unusable.remedy) from unusable
        await self._backend.database.durable()
        return outcome

    async def _mail(self, asked: ListMail) -> list[Mail]:
        return mails(self._backend.database, asked.address, min(max(asked.limit, 1), MAILS_MAX))

    async def _replay(self, asked: ReplayBus) -> Replayed:
        bus = self._bus_named(asked.bus)
        if not is_own(bus, self.graph.app):
            hint = f"say it there: skylift bus replay {bus.shared} {bus.name}"
            raise Refused(f"bus {bus.name!r} and its archive are of app {bus.shared!r}", hint)
        if not bus.archive_days:
            hint = f"declare Bus({bus.name!r}, archive_days=7): it keeps what is published then"
            raise Refused(f"bus {bus.name!r} has no archive", hint)
        known = [node.name for node in self.graph.triggered_by(bus)]
        if asked.function and asked.function not in known:
            hint = did_you_mean(asked.function, known)
            raise Refused(f"bus {bus.name!r} calls no function {asked.function!r}", hint)
        port: SqliteBus = self.ports.adapters[bus.name]
        count = await port.replay(asked.since, asked.until, asked.function)
        return Replayed(bus.name, count)

    async def _deliver(self, asked: DeliverEvents) -> int:
        for bus in self.graph.of(Bus):
            if (bus.shared, bus.name) == (asked.owner, asked.bus):
                port: SqliteBus = self.ports.adapters[bus.name]
                await port.hear(asked.bodies)
                await self._backend.database.durable()
                return len(asked.bodies)
        raise Refused(f"{self.graph.app} has no bus {asked.bus!r} of app {asked.owner!r}")

    # -- names

    def _bus_named(self, said: str) -> Bus:
        known = {one.name: one for one in self.graph.of(Bus)}
        if said in known:
            return known[said]
        hint = did_you_mean(said, [*known])
        raise Refused(f"{self.graph.app} has no bus {said!r}", hint)

    def _queue_named(self, said: str) -> str:
        """The queue of this name, the one that a function of this name consumes, or its inbox."""
        sources, consumers = self._backend.sources, self._consumers()
        if said in sources:
            return said
        for queue, function in consumers.items():
            if said == function:
                return queue
        inboxes = [name for name in self._called_by(said) if name in sources]
        hint = f"what {said!r} brings lies with its functions: {', '.join(inboxes)}"
        if not inboxes:
            hint = did_you_mean(said, [*sources, *consumers.values()])
        raise Refused(f"{self.graph.app} has no queue {said!r}", hint)

    def _called_by(self, resource: str) -> list[str]:
        nodes = self.graph.functions
        return [node.name for node in nodes if node.function.trigger.resource.name == resource]

    def _node_named(self, said: str) -> Node:
        for node in self.graph.functions:
            if node.name == said:
                return node
        known = [node.name for node in self.graph.functions]
        raise Refused(f"{self.graph.app} has no function {said!r}", did_you_mean(said, known))

    def _consumers(self) -> dict[str, str]:
        """The consumer of each queue that has one."""
        return {
            node.function.trigger.resource.name: node.name
            for node in self.graph.functions
            if isinstance(node.function.trigger, Consumption)
        }

    def _function(self, name: str) -> str | None:
        """Who is given what lies there."""
        return name if name in self._backend.inboxes else self._consumers().get(name)

    def _dead(self, name: str) -> SqliteDead:
        return self._backend.dead[self._backend.sources[name].letters]

    async def _counts(self, name: str) -> QueueCounts:
        counts = await self._backend.sources[name].counts()
        return QueueCounts(name, counts.ready, counts.in_flight, counts.delayed, counts.dead)


class Room:
    """Of an answer, in letters. The first always has room."""

    def __init__(self, size: int) -> None:
        self._left = size

    def takes(self, text: str) -> bool:
        had, self._left = self._left, self._left - len(text)
        return had > 0


def _letter(letter: Letter) -> PeekedLetter:
    envelope = _opened(letter.body)
    sent = moment(envelope.sent_at)
    sent_at = sent.timestamp() if sent else letter.sent_at
    return PeekedLetter(
        *(letter.id, trace_id(letter.trace), sent_at, letter.group, letter.attempts),
        *(letter.body, envelope.body.decode(), letter.reason, letter.error),
    )


def _message(waiting: Waiting, now: float) -> PeekedMessage:
    row, envelope = waiting.row, _opened(waiting.row.body)
    due = row.due / 1e6 if row.due / 1e6 > now else None
    state = "in flight" if waiting.is_in_flight else "delayed" if due else "ready"
    return PeekedMessage(
        *(envelope.id or waiting.id, trace_id(envelope.trace), row.sent_at / 1e6, row.group),
        *(row.attempts, row.body, envelope.body.decode(), state, due),
    )


def _opened(body: str) -> Opened:
    """What cannot be opened is all body."""
    try:
        return opened(body)
    except Undecodable:
        return Opened(body.encode())


OPERATIONS: dict[type[Any], Callable[[Control, Any], Awaitable[Any]]] = {
    ListQueues: Control._list,  # pyright: ignore[reportPrivateUsage]
    PeekQueue: Control._peek,  # pyright: ignore[reportPrivateUsage]
    RedriveQueue: Control._redrive,  # pyright: ignore[reportPrivateUsage]
    PurgeQueue: Control._purge,  # pyright: ignore[reportPrivateUsage]
    InvokeFunction: Control._invoke,  # pyright: ignore[reportPrivateUsage]
    ListMail: Control._mail,  # pyright: ignore[reportPrivateUsage]
    ReplayBus: Control._replay,  # pyright: ignore[reportPrivateUsage]
    DeliverEvents: Control._deliver,  # pyright: ignore[reportPrivateUsage]
    SetSecret: lambda control, asked: set_secret(control.secrets, control.graph, asked),
    RemoveSecret: lambda control, asked: remove_secret(control.secrets, control.graph, asked),
    ListSecrets: lambda control, asked: list_secrets(control.secrets, control.graph, asked),
}
