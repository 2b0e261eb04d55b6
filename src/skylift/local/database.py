"""One SQLite database, one connection, on the loop's thread: all work of a loop tick is one
transaction, one commit.

A work decides everything before its first write, so one that raises leaves nothing behind for the
others to share. In NORMAL a commit survives kill -9; in FULL the futures wait for an fdatasync of
the WAL, many at a time, in a thread.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import apsw

from ..errors import StateError
from .checkpoint import Checkpointer, fold_all
from .condition import register
from .failure import described, lacks_room, translated
from .flag import WriteFlag
from .flight import Flight
from .outcome import Outcome, settle
from .syncer import Syncer

P = ParamSpec("P")
R = TypeVar("R")

STATE_FILE = "state.db"  # in an app's state folder
STATE_VERSION = 1
APPLICATION_ID = 0x534B594C  # "SKYL", so that `file` names a state
MAPPED_BYTES = 1 << 30
SETUP = f"""
    BEGIN IMMEDIATE;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    PRAGMA application_id={APPLICATION_ID};
    PRAGMA user_version={STATE_VERSION};
    COMMIT;
"""
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "wal_autocheckpoint=0",
    "cache_size=-65536",
    f"mmap_size={MAPPED_BYTES}",
    "temp_store=MEMORY",
)
BUSY_MS = 5_000  # only the checkpointer's short lock is ever waited for
FOLD_AGAIN_S = 1.0  # after a fold that made no room: it keeps the loop
SAFE_SQLITE = (3, 51, 3)  # before it, a checkpoint beside a commit could lose writes

Work = tuple[Callable[..., Any], tuple[Any, ...], "asyncio.Future[Any]"]


class Database:
    """State of one app. `path` None is a database in memory, for tests: the same code without a
    file.
    """

    def __init__(self, path: Path | None, *, full: bool = False, claims: bool = True) -> None:
        """Without `claims` nothing is taken from its queues, and what was in flight when the last
        process died is left for the next that takes.
        """
        self.full, self.path = full, path
        self._loop = asyncio.get_running_loop()
        self._queue: list[Work] = []
        self._afterwards: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self.connection: Any = opened(path)  # apsw's stubs are half unknown to a strict checker
        self.execute: Callable[..., Any] = self.connection.execute
        if path is not None and _size(Path(f"{path}-wal")):
            fold_all(self.connection, BUSY_MS)  # what a kill left takes the room of what comes
        self._mapped = path.stat().st_size if path else 0
        self._fold_at = 0.0  # not before, when the disk is full
        self._checkpointer: Checkpointer | None = None
        self._syncer: Syncer | None = None
        self._flag = WriteFlag(path.with_name("writing") if path else None)
        self.flight = Flight(path.with_name("in_flight") if path and claims else None)
        if path is not None:
            self._checkpointer = Checkpointer(path, self.connection)
            if full:
                self._syncer = Syncer(path, self._loop)

    def write(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[R]:
        """Run `work` inside this tick's transaction; its result once the commit is durable."""
        assert not kwargs, "works take positional arguments"
        future: asyncio.Future[R] = self._loop.create_future()
        if not self._queue:
            self._loop.call_soon(self._flush)
        self._queue.append((work, args, future))
        return future

    def then(self, call: Callable[..., object], *args: Any) -> None:
        """For a work, inside the transaction: have this called once it is committed, and only
        then.
        """
        self._afterwards.append((call, args))

    async def durable(self) -> None:
        """Wait until everything committed so far would survive what this mode promises to
        survive.
        """
        if self._syncer is not None and self._syncer.untold:
            await self.write(_nothing)

    async def close(self) -> None:
        """Finish what is queued, fold the WAL into the database and let go of the files."""
        if self._queue:
            self._flush()
        if self._syncer is not None:
            await self._syncer.close()
        if self._checkpointer is not None:
            self._checkpointer.close()
        self.connection.close()
        self._flag.close()
        self.flight.close()

    def _flush(self) -> None:
        works, self._queue = self._queue, []
        if not works:  # they were done when the database was closed
            return
        outcomes: list[Outcome]
        self._flag.up()
        try:
            outcomes = self._committed_with_room(works)
        except apsw.Error as error:
            self._rolled_back()
            failure = translated(error)
            outcomes = [(future, None, failure) for _, _, future in works]
        finally:
            self._flag.down()
        afterwards, self._afterwards = self._afterwards, []
        for call, args in afterwards:
            call(*args)
        if self._checkpointer is not None:
            self._map_what_grew(self._checkpointer.file_bytes)
        if self._syncer is None:
            for outcome in outcomes:
                settle(*outcome)
        else:
            self._syncer.after_sync(outcomes)

    def _map_what_grew(self, size: int) -> None:
        """SQLite maps the file once, as large as it was then; what checkpoints have added since is
        read by system calls. A new mapping costs page faults, so it waits for an eighth.
        """
        if size * 8 <= self._mapped * 9:
            return
        self._mapped = size
        self.execute("PRAGMA mmap_size=0")
        self.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")

    def _committed_with_room(self, works: list[Work]) -> list[Outcome]:
        """When the disk is full the WAL may be what fills it: fold it, and try once more."""
        try:
            return self._committed(works)
        except apsw.Error as error:
            if not lacks_room(error, self.connection.system_errno) or not self._is_folded():
                raise
        outcomes = self._committed(works)
        self._fold_at = 0.0
        return outcomes

    def _is_folded(self) -> bool:
        """Whether there may be more room now. Not tried all the time: on a disk that is really full
        each refusal would keep the loop.
        """
        now = self._loop.time()
        if self._checkpointer is None or now < self._fold_at:
            return False
        self._fold_at = now + FOLD_AGAIN_S  # unless it helps
        self._rolled_back()
        return fold_all(self.connection, BUSY_MS)

    def _committed(self, works: list[Work]) -> list[Outcome]:
        """Run all works in one transaction. One that breaks its promise and raises after writing is
        left out, and the others run again."""
        broken: list[Outcome] = []
        while True:
            self.execute("BEGIN IMMEDIATE")
            outcomes: list[Outcome] = []
            for position, work in enumerate(works):
                changes = self.connection.total_changes()
                outcome = self._attempted(work)
                outcomes.append(outcome)
                if outcome[2] is not None and self.connection.total_changes() != changes:
                    self._rolled_back()
                    broken.append(outcome)
                    works = works[:position] + works[position + 1 :]
                    break
            else:
                self.execute("COMMIT")
                return outcomes + broken

    @staticmethod
    def _attempted(work: Work) -> Outcome:
        call, args, future = work
        try:
            return future, call(*args), None
        except apsw.Error:
            raise  # the disk's failure, not this work's: the whole tick is rolled back
        except Exception as error:  # refusals and bugs alike must not stop the others of the tick
            return future, None, error

    def _rolled_back(self) -> None:
        self._afterwards.clear()
        if self.connection.in_transaction:
            self.execute("ROLLBACK")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _nothing() -> None:
    return None


def opened(path: Path | None) -> Any:
    """The connection, checked and set up; StateError when the file cannot be ours."""
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < SAFE_SQLITE:
        raise StateError(
            f"SQLite {apsw.sqlite_lib_version()} can lose writes; install apsw 3.51.3 or later"
        )
    try:
        connection: Any = apsw.Connection(str(path) if path else ":memory:", statementcachesize=256)
        connection.set_busy_timeout(BUSY_MS)
        is_new = _checked(connection, path)
        register(connection)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if is_new:  # and only then: a start that reads must succeed on a full disk
            connection.execute(SETUP)
    except apsw.Error as error:
        raise StateError(described(error, path)) from error
    return connection


def _checked(connection: Any, path: Path | None) -> bool:
    """Whether the file is still empty; StateError when its state is not one we know."""
    found: int = connection.execute("PRAGMA user_version").get
    if found > STATE_VERSION:
        raise StateError(
            f"{path} has state version {found}, this skylift knows {STATE_VERSION}.\n"
            "    hint: use the newer skylift that wrote it, or another --state directory"
        )
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").get
    if tables and connection.execute("PRAGMA application_id").get != APPLICATION_ID:
        raise StateError(
            f"{path} is a database of another program\n    hint: say another --state directory"
        )
    return not tables


def make_private(folder: Path) -> None:
    """The state folder, readable by its owner only; StateError when it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StateError(
            f"the state folder {folder} cannot be written: {os.strerror(error.errno or 0)}\n"
            "    hint: check its owner and mount, or say --state DIR"
        ) from error
