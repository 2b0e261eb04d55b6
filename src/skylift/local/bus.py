"""A bus in SQLite: what is published becomes a row in the inbox of each function and in each queue
that asked for it, in the commit of whoever publishes. There is no relay and no queue between. With
archive_days the event itself is kept too, and a shared bus has it written down for other apps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from msgspec import DecodeError, json

from ..graph.model import Graph
from ..patterns import event_pattern
from ..patterns.match import Matches
from ..ports import Clock, Outgoing
from ..resources.bus import Bus, Rule, type_of
from .alarm import Alarms
from .archive import Archive
from .database import Database
from .forward import Forwarder
from .inbox import Receivers
from .queue import SqliteQueue

REPLAYED_MAX = 200  # in one commit, so that nobody waits long


class Listener(NamedTuple):
    """Who gets events of one type: a function's inbox or a queue."""

    function: str  # "" is none
    into: SqliteQueue
    matches: Matches
    is_choosy: bool


class SqliteBus:
    """The SendPort of one declared bus."""

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self.declared = bus
        self._database = database
        self._listeners: dict[str, list[Listener]] = {}  # by the name of an event's type
        self._archive = Archive(database, bus.name, bus.archive_days, clock)
        self._forwarder = Forwarder(database, bus.shared, bus.name) if bus.shared else None

    def wire(self, graph: Graph, receivers: Receivers) -> None:
        listeners: dict[str, list[Listener]] = {}
        for type_name, one in _listening(self.declared, graph, receivers):
            listeners.setdefault(type_name, []).append(one)
        self._listeners = listeners

    def watch(self, _: Alarms) -> None:
        if self._forwarder is not None:
            hears = bool(self._listeners) or self.declared.archive_days > 0
            self._forwarder.start(is_listening=hears)

    def unwatch(self) -> None:
        if self._forwarder is not None:
            self._forwarder.stop()

    # -- the port

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        await self._database.write(self.insert, messages)
        return [None] * len(messages)

    # -- what the process does beside it

    async def hear(self, bodies: Sequence[str]) -> None:
        """What another app has published."""
        await self._database.write(self._arrived, [Outgoing(body) for body in bodies])

    async def replay(self, since: float, until: float, only: str = "") -> int:
        """Deliver again what was published between two times, to all or to one function; how many
        events. They keep their ids.
        """
        count = after = 0
        while kept := self._archive.between(since, until, after, REPLAYED_MAX):
            again = [Outgoing(one.body) for one in kept]
            await self._database.write(self._told_again, again, only)
            count, after = count + len(kept), kept[-1].seq
        return count

    async def sweep(self, now_s: float, limit: int = 500) -> int:
        """Remove at most `limit` events that are kept no longer; how many."""
        return await self._database.write(self._archive.forget, now_s, limit)

    # -- inside the transaction

    def insert(self, messages: Sequence[Outgoing]) -> None:
        self._arrived(messages)
        if self._forwarder is not None:
            self._forwarder.insert(messages)

    def _arrived(self, messages: Sequence[Outgoing]) -> None:
        self._deliver(messages)
        self._archive.keep(messages)

    def _told_again(self, messages: Sequence[Outgoing], only: str) -> None:
        self._deliver(messages, only)
        if self._forwarder is not None and not only:
            self._forwarder.insert(messages)

    def _deliver(self, messages: Sequence[Outgoing], only: str = "") -> None:
        for one in messages:
            for listener in self._wanting(one.body, only):
                listener.into.insert([one])

    def _wanting(self, body: str, only: str) -> Iterator[Listener]:
        event: object = None
        try:
            said = type_of(body)
        except DecodeError:  # damaged in the archive, or by whom the bus is shared with: nobody's,
            said = ""  # and the others that come with it are told
        for one in self._listeners.get(said, ()):
            if only and one.function != only:
                continue
            if one.is_choosy and event is None:
                event = json.decode(body)
            if not one.is_choosy or one.matches(event):
                yield one


def _listening(bus: Bus, graph: Graph, receivers: Receivers) -> Iterator[tuple[str, Listener]]:
    for node in graph.triggered_by(bus):
        rule = cast(Rule, node.function.trigger)
        pattern = event_pattern(rule.where, rule.message)
        into = receivers.inbox(node)
        yield rule.event, Listener(node.name, into, pattern.matches, bool(pattern.document))
    for feed in bus.fed:
        pattern = event_pattern(feed.where, feed.message)
        into = receivers.queue(feed.queue.name)
        yield feed.message.__name__, Listener("", into, pattern.matches, bool(pattern.document))
