"""The file telemetry is kept in: chunks in order of time, one SQL table a kind, each with its share
of the bytes; the oldest go when a share is used up, and new ones take their pages. It is worth less
than the app: whatever is wrong with the file, it is put aside or done without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

TELEMETRY_FILE = "telemetry.db"  # in an app's state folder
APPLICATION_ID = 0x534B5954  # "SKYT"
VERSION = 1
BYTES_MAX = 64 * 2**20
PAGE_BYTES = 4096
WAL_PAGES = 256  # then it is folded in
ROW_BYTES = 40  # beside the blob
ASIDE_MAX = 9
BUSY_MS = 1_000
# Of the bytes, by kind. A flood of one kind leaves the others alone; the rest is for the WAL and
# for pages that are not full.
SHARES = {"spans": 0.5, "logs": 0.3, "minutes": 0.1}
SETUP = f"""
    BEGIN IMMEDIATE;
    {
    "".join(
        f"CREATE TABLE {kind} (seq INTEGER PRIMARY KEY, until REAL NOT NULL, chunk BLOB NOT NULL);"
        for kind in SHARES
    )
}
    PRAGMA application_id={APPLICATION_ID};
    PRAGMA user_version={VERSION};
    COMMIT;
"""
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", f"wal_autocheckpoint={WAL_PAGES}")
DAMAGED = (apsw.NotADBError, apsw.CorruptError, apsw.SQLError)  # the last: tables of somebody else


@dataclass(frozen=True)
class Chunk:
    """A blob of one kind. With `seq` it takes the place of the one written before."""

    kind: str
    until: float  # the time of its last record
    blob: bytes
    seq: int | None = None


class Foreign(Exception):
    """Another program's file, or a newer skylift's."""


class Store:
    """One connection; made, used and closed by one thread."""

    def __init__(self, path: Path, bytes_max: int = BYTES_MAX) -> None:
        """apsw.Error when there can be no file here now; `put_aside` says what had to go."""
        self.put_aside: Path | None = None
        self._path, self._bytes_max = path, bytes_max
        try:
            self._open()
        except (*DAMAGED, Foreign):
            self._start_anew()

    def write(self, chunks: Sequence[Chunk]) -> list[int]:
        """Keep these, all or none, and let the oldest go; their numbers. apsw.Error when the disk
        does not take them; a file found damaged is put aside.
        """
        try:
            return self._written(chunks)
        except DAMAGED:
            self.close()
            self._start_anew()
            return self._written([Chunk(one.kind, one.until, one.blob) for one in chunks])

    def close(self) -> None:
        self._connection.close()

    def _open(self) -> None:
        self._connection: Any = apsw.Connection(str(self._path))
        try:
            self._set_up()
        except BaseException:
            self._connection.close()
            raise

    def _set_up(self) -> None:
        connection = self._connection
        connection.set_busy_timeout(BUSY_MS)
        version, application, tables = (
            connection.execute(f"SELECT {what}").get
            for what in (
                "user_version FROM pragma_user_version",
                "application_id FROM pragma_application_id",
                "count(*) FROM sqlite_schema",
            )
        )
        if (tables or version) and (application, version) != (APPLICATION_ID, VERSION):
            raise Foreign
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        if not tables:
            connection.execute(SETUP)
        self._used = {kind: self._used_by(kind) for kind in SHARES}

    def _used_by(self, kind: str) -> int:
        row, page = f"(length(chunk) + {ROW_BYTES})", PAGE_BYTES
        pages = f"({row} + {page - 1}) / {page} * {page}"
        stored = f"sum(CASE WHEN {row} < {page} THEN {row} ELSE {pages} END)"
        return self._connection.execute(f"SELECT coalesce({stored}, 0) FROM {kind}").get

    def _written(self, chunks: Sequence[Chunk]) -> list[int]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            used = dict(self._used)
            numbers = [self._put(chunk, used) for chunk in chunks]
            for kind in {chunk.kind for chunk in chunks}:
                self._forget_oldest(kind, used)
            self._connection.execute("COMMIT")
        except apsw.Error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._used = used
        return numbers

    def _put(self, chunk: Chunk, used: dict[str, int]) -> int:
        execute = self._connection.execute
        if chunk.seq is not None:
            old = execute(f"SELECT length(chunk) FROM {chunk.kind} WHERE seq=?", (chunk.seq,)).get
            used[chunk.kind] -= stored_bytes(old) if old is not None else 0
        used[chunk.kind] += stored_bytes(len(chunk.blob))
        execute(
            f"INSERT OR REPLACE INTO {chunk.kind} VALUES (?, ?, ?)",
            (chunk.seq, chunk.until, chunk.blob),
        )
        return self._connection.last_insert_rowid()

    def _forget_oldest(self, kind: str, used: dict[str, int]) -> None:
        most = int(self._bytes_max * SHARES[kind])
        if used[kind] <= most:
            return
        rows = self._connection.execute(f"SELECT seq, length(chunk) FROM {kind} ORDER BY seq")
        last = 0
        for seq, length in rows:
            last = seq
            used[kind] -= stored_bytes(length)
            if used[kind] <= most:
                break
        self._connection.execute(f"DELETE FROM {kind} WHERE seq <= ?", (last,))

    def _start_anew(self) -> None:
        self.put_aside = put_aside(self._path)
        self._open()


def stored_bytes(length: int) -> int:
    """What a blob takes in the file: one that overflows its page has pages of its own."""
    bytes_ = length + ROW_BYTES
    return bytes_ if bytes_ < PAGE_BYTES else -(-bytes_ // PAGE_BYTES) * PAGE_BYTES


def put_aside(path: Path) -> Path:
    """Rename the file and its WAL, so that nothing of it is lost; the last place is used again."""
    places = [path.with_name(f"{path.name}.aside-{number}") for number in range(1, ASIDE_MAX + 1)]
    place = next((one for one in places if not one.exists()), places[-1])
    path.replace(place)
    for end in ("-wal", "-shm"):
        beside = path.with_name(path.name + end)
        if beside.exists():
            beside.replace(place.with_name(place.name + end))
    return place
