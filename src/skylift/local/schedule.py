"""Schedules in SQLite: a row each says since when it is there and up to which time its runs are
done. A run that is due comes into the inbox of the schedule's function in the commit that stores
its time, so that no crash and no clock that is set back has it come twice.

What went by while nothing was running comes once: the latest of it.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from ..cron import Rate, Times, latest
from ..graph.model import Graph
from ..graph.schedule import times
from ..ports import Clock, Outgoing
from ..resources.schedule import Recurrence, Schedule, run_text, time_text
from .alarm import Alarms, Ringing
from .database import Database
from .inbox import Receivers
from .queue import SqliteQueue

AGAIN_S = 1.0  # after what could not be written
SETUP = """
CREATE TABLE IF NOT EXISTS schedules (
    name TEXT PRIMARY KEY, expression TEXT NOT NULL, since INTEGER NOT NULL, done INTEGER NOT NULL)
    STRICT, WITHOUT ROWID
"""
SELECT = "SELECT expression, since, done FROM schedules WHERE name = ?"
BEGIN = "INSERT OR REPLACE INTO schedules VALUES (?, ?, ?, ?)"
STORE = "UPDATE schedules SET done = ? WHERE name = ?"


class SqliteSchedule:
    """One declared schedule. A reload brings another one, which goes on where this was."""

    def __init__(self, database: Database, schedule: Schedule, clock: Clock) -> None:
        self._name = schedule.name
        self._times: Times = times(schedule)
        self._expression = f"{self._times.expression} {schedule.timezone}"
        self._database, self._clock, self._execute = database, clock, database.execute
        self._inbox: SqliteQueue | None = None
        self._alarms: Alarms | None = None
        self._alarm: Ringing | None = None
        self._execute(SETUP)

    def wire(self, graph: Graph, receivers: Receivers) -> None:
        for node in graph.functions:
            trigger = node.function.trigger
            if isinstance(trigger, Recurrence) and trigger.resource.name == self._name:
                self._inbox = receivers.inbox(node)

    def watch(self, alarms: Alarms) -> None:
        """Have it run, from now on; and once for what went by, if it was there before."""
        self._alarms = alarms
        self._write(self._begin)

    def unwatch(self) -> None:
        self._alarms = None
        self._silence()

    # -- what comes by the clock

    def _look(self) -> None:
        """Wake when the next run is due."""
        if self._alarms is not None:
            at = self._times.next(self._done())
            self._silence()
            if at is not None:
                self._alarm = self._alarms.at(at.timestamp(), self._ring)

    def _ring(self) -> None:
        """Perhaps early; and the clock may have been set anew."""
        self._alarm = None
        self._write(self._run)

    def _write(self, work: Any) -> None:
        self._database.write(work).add_done_callback(self._written)

    def _written(self, work: asyncio.Future[None]) -> None:
        if work.cancelled() or not work.exception():  # it is told by those who wait for writes
            return
        if self._alarms is not None:
            again_at = self._clock.time() + AGAIN_S
            self._silence()
            self._alarm = self._alarms.at(again_at, lambda: self._write(self._begin))

    def _silence(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None

    # -- inside the transaction

    def _begin(self) -> None:
        """One that is new or says something else counts from now."""
        if self._alarms is None:
            return
        found = self._execute(SELECT, (self._name,)).fetchone()
        if found is None or found[0] != self._expression:
            at_once = isinstance(self._times, Rate)  # its first run, but no second comes twice
            since = max(int(self._clock.time()), found[2] + at_once if found else 0)
            found = (self._expression, since, since - at_once)
            self._execute(BEGIN, (self._name, *found))
        if isinstance(self._times, Rate):
            self._times = replace(self._times, first=_moment(found[1]))
        self._run()

    def _run(self) -> None:
        if self._alarms is None or self._inbox is None:
            return
        due = latest(self._times, self._done(), self._clock.now())
        if due is not None:
            self._inbox.insert([Outgoing(run_text(self._name, time_text(due)))])
            self._execute(STORE, (int(due.timestamp()), self._name))
        self._database.then(self._look)

    def _done(self) -> datetime:
        return _moment(self._execute(SELECT, (self._name,)).fetchone()[2])


def done_of(execute: Any) -> dict[str, int]:
    """Up to when the runs of each schedule are done, in seconds since the epoch."""
    if not execute("SELECT 1 FROM sqlite_schema WHERE name = 'schedules'").fetchall():
        return {}
    return dict(execute("SELECT name, done FROM schedules ORDER BY name").fetchall())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
