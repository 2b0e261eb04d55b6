"""A bus that several apps share, whose states lie side by side. What one publishes is written down
for each other that listens, in the same commit, and handed over by its control socket until it is
taken: at least once, whoever is stopped meanwhile.

Who listens says so by a file in its own state folder, and keeps saying so while it is stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import Unavailable
from ..ports import Outgoing
from .database import Database

LOOK_S = 1.0  # who is there again
BATCH_MAX, BATCH_BYTES_MAX = 100, 4 << 20  # one request; one event is smaller
ANSWER_S = 10.0
SETUP = """
CREATE TABLE IF NOT EXISTS forward (
    seq INTEGER PRIMARY KEY, bus TEXT NOT NULL, app TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS forward_by_app ON forward (bus, app, seq);
"""


class Forwarder:
    """Of one bus of one app. `owner` is the app that owns it."""

    def __init__(self, database: Database, owner: str, bus: str) -> None:
        self._database, self._owner, self._bus = database, owner, bus
        file: str = database.connection.filename
        self._folder = Path(file).parent if file else None  # in memory there is nobody beside it
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        database.execute(SETUP)

    # -- inside a transaction

    def insert(self, messages: Sequence[Outgoing]) -> None:
        others = self._others()
        for app in others:
            rows = [(self._bus, app, one.body) for one in messages]
            insert = "INSERT INTO forward (bus, app, body) VALUES (?, ?, ?)"
            self._database.connection.executemany(insert, rows)
        if others:
            self._database.then(self._news.set)

    # -- beside it

    def start(self, *, is_listening: bool) -> None:
        if self._folder is None:
            return
        mark = self._mark(self._folder)
        if is_listening:
            mark.parent.mkdir(mode=0o700, exist_ok=True)
            mark.touch()
        else:
            mark.unlink(missing_ok=True)
        self._task = asyncio.get_running_loop().create_task(self._forward())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _mark(self, folder: Path) -> Path:
        return folder / "hears" / f"{self._owner}.{self._bus}"

    def _others(self) -> list[str]:
        """Who listens now: whoever has begun to before this is published hears it."""
        if self._folder is None:
            return []
        beside = [one for one in self._folder.parent.iterdir() if one != self._folder]
        return [one.name for one in beside if self._mark(one).exists()]

    async def _forward(self) -> None:
        while True:
            self._news.clear()
            with suppress(Unavailable):  # a full disk is told to those who write
                for app in self._waiting():
                    await self._handed_over(app)
            try:
                await asyncio.wait_for(self._news.wait(), LOOK_S)
            except TimeoutError:
                continue

    def _waiting(self) -> list[str]:
        select = "SELECT DISTINCT app FROM forward WHERE bus = ?"
        return [app for (app,) in self._database.execute(select, (self._bus,))]

    async def _handed_over(self, app: str) -> None:
        """All that waits for an app, in order; what it cannot take now waits on."""
        while rows := self._first(app):
            taken = await asyncio.to_thread(self._asked, app, [body for _, body in rows])
            if not taken:
                return
            await self._database.write(self._forget, app, rows[-1][0])

    def _first(self, app: str) -> list[tuple[int, str]]:
        select = "SELECT seq, body FROM forward WHERE bus = ? AND app = ? ORDER BY seq LIMIT ?"
        rows: list[tuple[int, str]] = []
        room = BATCH_BYTES_MAX
        for seq, body in self._database.execute(select, (self._bus, app, BATCH_MAX)):
            room -= len(body)
            if rows and room < 0:
                break
            rows.append((seq, body))
        return rows

    def _asked(self, app: str, bodies: list[str]) -> bool:
        """In a thread. Whether they need not be handed over again: an app that refuses has no such
        bus any more.
        """
        # Not above: what it asks knows the backend, and that knows every adapter.
        from .control import DeliverEvents, Refused
        from .control_client import Broken, Silent, Unanswered, asked
        from .control_socket import NotListening

        assert self._folder is not None
        folder = self._folder.parent / app
        try:
            asked(folder, DeliverEvents(self._owner, self._bus, bodies), int, ANSWER_S)
        except Refused:
            self._mark(folder).unlink(missing_ok=True)
        except (NotListening, Silent, Unanswered, Broken):
            return not self._mark(folder).exists()  # its state is gone, or it heard of nothing
        return True

    def _forget(self, app: str, upto: int) -> None:
        delete = "DELETE FROM forward WHERE bus = ? AND app = ? AND seq <= ?"
        self._database.execute(delete, (self._bus, app, upto))
