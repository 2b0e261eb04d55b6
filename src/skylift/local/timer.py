"""Timers in SQLite, one SQL table each. What waits is a row; in memory there is the time of the
next one, however many there are. When it comes, one transaction moves what is due into the inbox of
the timer's function, so that it is lost by no crash and comes twice by none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ..graph.model import Graph
from ..ports import Clock, Outgoing
from ..resources.timer import Due, Timer, order_of
from .alarm import Alarms, Ringing
from .database import Database
from .inbox import Receivers
from .queue import SqliteQueue
from .schema import quoted

STEP = 256  # moved in one transaction: others wait for no more
AGAIN_S = 1.0  # after what could not be written
NEVER = float("inf")
PREFIX = "timer:"


class SqliteTimer:
    """The TimerPort of one declared timer. It lives on over reloads; `wire` brings the function
    that is declared now.
    """

    def __init__(self, database: Database, timer: Timer[Any], clock: Clock) -> None:
        self._name = timer.name
        self._database, self._clock, self._execute = database, clock, database.execute
        self._table = quoted(f"{PREFIX}{timer.name}")
        self._inbox: SqliteQueue | None = None
        self._alarms: Alarms | None = None
        self._alarm: Ringing | None = None
        self._alarm_at, self._is_moving = NEVER, False
        self._ensure()
        self._prepare_sql()

    def wire(self, graph: Graph, receivers: Receivers) -> None:
        self._inbox = None
        for node in graph.functions:  # by name: a reload has declared another
            trigger = node.function.trigger
            if isinstance(trigger, Due) and trigger.resource.name == self._name:
                self._inbox = receivers.inbox(node)

    # -- the port

    async def set(self, id: str, at: float, body: str) -> None:
        await self._database.write(self._set, id, at, body)

    async def cancel(self, id: str) -> None:
        await self._database.write(self._cancel, id)

    def next_at(self) -> float | None:
        """When the next one is due."""
        due = self._execute(self._next).get
        return None if due is None or self._inbox is None else due / 1e6

    # -- what comes by the clock

    def watch(self, alarms: Alarms) -> None:
        """Have what is due move, from now on; also what has become due before."""
        self._alarms = alarms
        self._look()

    def unwatch(self) -> None:
        self._alarms = None
        self._silence()

    def _look(self) -> None:
        """Move what is due, or wake when the next one is."""
        due = self._execute(self._next).get
        if due is not None:
            self._wake_at(due / 1e6)

    def _wake_at(self, at: float) -> None:
        if self._alarms is None or self._inbox is None:
            return
        if round(at * 1e6) <= self._now():
            self._begin_move()
        elif at < self._alarm_at:
            self._silence()
            self._alarm_at = at
            self._alarm = self._alarms.at(at, self._ring)

    def _ring(self) -> None:
        """Perhaps early; and the clock may have been set anew."""
        self._alarm, self._alarm_at = None, NEVER
        self._look()

    def _silence(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, NEVER

    def _begin_move(self) -> None:
        if not self._is_moving:
            self._is_moving = True
            self._database.write(self._move).add_done_callback(self._moved)

    def _moved(self, work: asyncio.Future[None]) -> None:
        self._is_moving = False
        if work.cancelled():
            return
        if work.exception():  # told by those who wait for their writes
            self._wake_at(self._clock.time() + AGAIN_S)
        else:
            self._look()

    # -- inside the transaction

    def insert(self, messages: Sequence[Outgoing]) -> None:
        """The orders of a transaction, one after another."""
        for order in map(order_of, messages):
            if body := bytes(order.body).decode():
                self._set(order.id, order.at, body)
            else:
                self._cancel(order.id)

    def _set(self, id: str, at: float, body: str) -> None:
        self._execute(self._insert, (id, round(at * 1e6), body))
        self._database.then(self._wake_at, at)

    def _cancel(self, id: str) -> None:
        self._execute(self._remove_id, (id,))

    def _move(self) -> None:
        """The first that are due; the rest, if there is one, in the next tick."""
        if self._inbox is None or self._alarms is None:
            return
        due = self._execute(self._select, (self._now(), STEP)).fetchall()
        self._inbox.insert([Outgoing(body) for _, body in due])
        self._database.connection.executemany(self._remove, [(seq,) for seq, _ in due])

    def _now(self) -> int:
        """As close as a time is said: what is due now is due."""
        return round(self._clock.time() * 1_000_000)

    # -- SQL

    def _ensure(self) -> None:
        self._execute(
            f"CREATE TABLE IF NOT EXISTS {self._table} (seq INTEGER PRIMARY KEY, "
            "id TEXT NOT NULL UNIQUE, due INTEGER NOT NULL, body TEXT NOT NULL) STRICT"
        )
        index = quoted(f"{PREFIX}{self._name} by due")
        self._execute(f"CREATE INDEX IF NOT EXISTS {index} ON {self._table} (due)")

    def _prepare_sql(self) -> None:
        self._insert = (
            f"INSERT INTO {self._table} (id, due, body) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET due = excluded.due, body = excluded.body"
        )
        self._remove_id = f"DELETE FROM {self._table} WHERE id = ?"
        self._remove = f"DELETE FROM {self._table} WHERE seq = ?"
        self._next = f"SELECT min(due) FROM {self._table}"
        self._select = f"SELECT seq, body FROM {self._table} WHERE due <= ? ORDER BY due LIMIT ?"
