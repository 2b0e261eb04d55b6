"""A bus in SQLite: what is published becomes a row in the inbox of each function and in each queue
that asked for it, in the commit of whoever publishes. There is no relay and no queue between. With
archive_days the event itself is kept too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import json

from ..graph.model import Graph, Node
from ..patterns import event_pattern
from ..patterns.match import Matches
from ..ports import Clock, Outgoing
from ..resources.bus import Bus, Rule, type_of
from .database import Database
from .inbox import Receivers
from .queue import SqliteQueue

DAY_US = 86_400 * 1_000_000
SETUP = """
CREATE TABLE IF NOT EXISTS archive (
    seq INTEGER PRIMARY KEY, bus TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS archive_by_time ON archive (bus, at, seq);
"""


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
        self._database, self._clock = database, clock
        self._execute = database.execute
        self._listeners: dict[str, list[Listener]] = {}  # by the name of an event's type
        self._execute(SETUP)

    def wire(self, graph: Graph, receivers: Receivers) -> None:
        listeners: dict[str, list[Listener]] = {}
        for type_name, one in _listening(self.declared, graph, receivers):
            listeners.setdefault(type_name, []).append(one)
        self._listeners = listeners

    # -- the port

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        await self._database.write(self.insert, messages)
        return [None] * len(messages)

    # -- inside the transaction

    def insert(self, messages: Sequence[Outgoing]) -> None:
        self.deliver(messages)
        if self.declared.archive_days:
            now = int(self._clock.time() * 1_000_000)
            for one in messages:
                insert = "INSERT INTO archive (bus, at, body) VALUES (?, ?, ?)"
                self._execute(insert, (self.declared.name, now, one.body))

    def deliver(self, messages: Sequence[Outgoing], only: str = "") -> None:
        """Into what listens here, or into the inbox of one function."""
        for one in messages:
            listeners = self._listeners.get(type_of(one.body), ())
            event: Any = None
            for listener in listeners:
                if only and listener.function != only:
                    continue
                if listener.is_choosy:
                    event = event or json.decode(one.body)
                    if not listener.matches(event):
                        continue
                listener.into.insert([one])

    # -- the archive

    async def sweep(self, now_s: float, limit: int = 500) -> int:
        """Remove at most `limit` events that are kept no longer; how many."""
        return await self._database.write(self._do_sweep, int(now_s * 1_000_000), limit)

    def _do_sweep(self, now: int, limit: int) -> int:
        oldest = now - self.declared.archive_days * DAY_US
        self._execute(
            "DELETE FROM archive WHERE seq IN "
            "(SELECT seq FROM archive WHERE bus = ? AND at < ? ORDER BY at LIMIT ?)",
            (self.declared.name, oldest, limit),
        )
        return self._database.connection.changes()


def _listening(bus: Bus, graph: Graph, receivers: Receivers) -> Iterator[tuple[str, Listener]]:
    for node in graph.functions:
        rule = _rule_of(node)
        if rule is not None and rule.resource is bus:
            pattern = event_pattern(rule.where, rule.message)
            inbox = receivers.inbox(node)
            choosy = bool(pattern.document)
            yield rule.event, Listener(node.name, inbox, pattern.matches, choosy)
    for feed in bus.fed:
        pattern = event_pattern(feed.where, feed.message)
        queue = receivers.queue(feed.queue.name)
        yield feed.message.__name__, Listener("", queue, pattern.matches, bool(pattern.document))


def _rule_of(node: Node) -> Rule | None:
    trigger = node.function.trigger
    return trigger if isinstance(trigger, Rule) else None
