"""Topics in SQLite: nothing is kept but the ids by which a FIFO topic knows what it has had. What
is published is put into the inbox of each subscriber that wants it and into each queue that is fed,
in one commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from msgspec import json

from ..graph.model import Graph
from ..patterns import Pattern, filter_policy
from ..ports import Clock, Outgoing
from ..resources.topic import Subscription, Topic
from .database import Database
from .inbox import Receivers
from .queue import DEDUP_US, SqliteQueue

SETUP = """
CREATE TABLE IF NOT EXISTS published (
    topic TEXT NOT NULL, id TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (topic, id))
    STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS published_by_until ON published (topic, until);
"""


class Receiver(NamedTuple):
    """Who is given what his filter lets through."""

    queue: SqliteQueue
    pattern: Pattern


class SqliteTopic:
    """The SendPort of one declared topic; `wire` tells it to whom."""

    def __init__(self, database: Database, topic: Topic[Any], clock: Clock) -> None:
        self._topic, self._database, self._clock = topic, database, clock
        self._receivers: list[Receiver] = []
        self._filters = False
        if topic.fifo:
            database.execute(SETUP)

    def wire(self, graph: Graph, receivers: Receivers) -> None:
        self._receivers = [
            Receiver(queue, filter_policy(where, self._topic.message))
            for queue, where in self._subscribed(graph, receivers)
        ]
        self._filters = any(one.pattern.document for one in self._receivers)

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        await self._database.write(self.insert, messages)
        return [None] * len(messages)

    async def sweep(self, now_s: float, limit: int = 500) -> int:
        """Forget at most so many ids that tell no doubles any more; how many."""
        if not self._topic.fifo:
            return 0
        return await self._database.write(self._forget, int(now_s * 1e6), limit)

    # -- inside the transaction

    def insert(self, messages: Sequence[Outgoing]) -> None:
        new = [one for one in messages if not (one.dedup and self._is_double(one.dedup))]
        told = [json.decode(one.body) if self._filters else None for one in new]
        for queue, pattern in self._receivers:
            wanted = [
                one
                for one, said in zip(new, told, strict=True)
                if not pattern.document or pattern.matches(said)
            ]
            if wanted:
                queue.insert(wanted)

    def _is_double(self, id: str) -> bool:
        """Of the whole topic, whatever the group. From now on it is known."""
        now, name = int(self._clock.time() * 1e6), self._topic.name
        execute = self._database.execute
        if execute(KNOWN, (name, id, now)).get is not None:
            return True
        execute("INSERT OR REPLACE INTO published VALUES (?, ?, ?)", (name, id, now + DEDUP_US))
        return False

    def _forget(self, now: int, limit: int) -> int:
        name = self._topic.name
        self._database.execute(FORGET, (name, name, now, limit))
        return int(self._database.connection.changes())

    def _subscribed(self, graph: Graph, receivers: Receivers) -> Iterator[tuple[SqliteQueue, Any]]:
        for node in graph.triggered_by(self._topic):
            yield receivers.inbox(node), cast(Subscription, node.function.trigger).where
        for feed in self._topic.fed:
            yield receivers.queue(feed.queue.name), feed.where


KNOWN = "SELECT 1 FROM published WHERE topic = ? AND id = ? AND until > ?"
FORGET = (
    "DELETE FROM published WHERE topic = ? AND id IN "
    "(SELECT id FROM published WHERE topic = ? AND until <= ? LIMIT ?)"
)
