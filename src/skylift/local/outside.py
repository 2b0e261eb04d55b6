"""A state folder as others may look at it: nothing is made, changed or recovered, and an app may be
running on it all the while.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from ..errors import StateError
from .database import APPLICATION_ID, SAFE_SQLITE, STATE_FILE, STATE_VERSION
from .failure import described
from .forgotten import Stored, stored
from .schedule import done_of
from .secret import names_in

TRIES = 3


@dataclass(frozen=True)
class StateFile:
    version: int
    file_bytes: int
    wal_bytes: int
    written_at: float  # seconds since the epoch
    faults: list[str]  # what SQLite says is damaged
    is_checked: bool  # False: what a crash left is read at the next start, and only then
    stored: list[Stored]  # that hold something
    done: dict[str, int]  # by schedule: up to when its runs are, in seconds since the epoch
    secrets: dict[str, float]  # when each was set


def sqlite_is_safe() -> tuple[str, bool]:
    """The SQLite that apsw brings, and whether its WAL keeps what was committed."""
    version = apsw.sqlite_lib_version()
    return version, tuple(map(int, version.split("."))) >= SAFE_SQLITE


def owner_of(folder: Path) -> str | None:
    """Who runs on a state folder, in its own words; None when nobody does."""
    try:
        file = os.open(folder / "owner", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    said = ""
    try:
        said = os.read(file, 1000).decode(errors="replace").strip()
        if said:  # else it ended as it should, and the lock need not be tried
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return said
    finally:
        os.close(file)
    return None


def states_in(root: Path) -> list[str]:
    """The apps that have a state below a folder."""
    try:
        return sorted(one.name for one in root.iterdir() if (one / STATE_FILE).exists())
    except FileNotFoundError:
        return []


def read_state(folder: Path) -> StateFile | None:
    """The state file, checked page by page; None when there is none yet, StateError when it is none
    of ours, newer, or cannot be read.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return None
    for _ in range(TRIES):
        way = _way_in(path)
        try:
            found = _read(path, way) if way else _unread(path)
        except apsw.Error as error:
            if way == _way_in(path):
                raise StateError(described(error, path)) from error
            continue
        if way == _way_in(path):
            return found
    raise StateError(f"{path}: an app starts and stops on it; look again later")


def _way_in(path: Path) -> str:
    """How SQLite may open the file without writing beside it."""
    wal, shm = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    if shm.exists():
        return "mode=ro&readonly_shm=1"
    if wal.exists() and wal.stat().st_size:
        return ""  # what a crash left, copied without its index: reading it would write one
    return "mode=ro&immutable=1"


def _read(path: Path, way: str) -> StateFile:
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    connection: Any = apsw.Connection(f"file:{quote(str(path.absolute()))}?{way}", flags=flags)
    try:
        connection.set_busy_timeout(1_000)
        version, application = (
            connection.execute(f"PRAGMA {name}").fetchall()[0][0]
            for name in ("user_version", "application_id")
        )
        if application not in (APPLICATION_ID, 0):
            raise StateError(f"{path} is no state of skylift's: application id {application:#x}")
        if version > STATE_VERSION:
            raise StateError(
                f"{path} has state version {version}, this skylift knows {STATE_VERSION}.\n"
                "    hint: use the newer skylift that wrote it, or another --state directory"
            )
        rows = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
        held = stored(connection.execute) if rows == ["ok"] else []
        done = done_of(connection.execute) if rows == ["ok"] else {}
        secrets = names_in(connection.execute) if rows == ["ok"] else {}
    finally:
        connection.close()
    faults = [] if rows == ["ok"] else rows
    return StateFile(version, *_sizes(path), faults, True, held, done, secrets)


def _unread(path: Path) -> StateFile:
    return StateFile(0, *_sizes(path), [], False, [], {}, {})


def _sizes(path: Path) -> tuple[int, int, float]:
    """Of the file and of its WAL, and when either was last written."""
    main, wal = path.stat(), path.with_name(path.name + "-wal")
    try:
        more = wal.stat()
    except FileNotFoundError:
        return main.st_size, 0, main.st_mtime
    return main.st_size, more.st_size, max(main.st_mtime, more.st_mtime)
