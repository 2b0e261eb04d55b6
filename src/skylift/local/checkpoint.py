"""Checkpoints: a thread with a connection of its own folds the WAL into the database, by bytes and
not by commits.

The loop's connection does not checkpoint, so no commit waits for an fsync, unless the disk is full:
then the WAL has to give back its room. When writers never pause, a short lock makes the WAL start
over; otherwise it would grow for ever.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import apsw

PAGE_BYTES = 4096
CHECKPOINT_PAGES = 16 * 1024 * 1024 // PAGE_BYTES
RESTART_PAGES = 4 * CHECKPOINT_PAGES
SMALLEST_PAGES = 64
ROOM_SHARE = 4  # the WAL takes a quarter of a small disk: folding needs room, up to as much again
BUSY_MS = 100  # a reader is waited for no longer: the WAL keeps everything


class Checkpointer:
    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self._path = path
        self._pages = 0
        self._pages_max = self._allowed()
        self.file_bytes = 0  # of the database, after the last checkpoint
        self._wake = threading.Event()
        self._closing = False
        connection.set_wal_hook(self._committed)
        self._thread = threading.Thread(target=self._run, name="skylift-checkpoint", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing = True
        self._wake.set()
        self._thread.join()

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._pages = pages
        if pages > self._pages_max:
            self._wake.set()
        return apsw.SQLITE_OK

    def _run(self) -> None:
        connection: Any = apsw.Connection(str(self._path))
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.set_busy_timeout(BUSY_MS)
        while not self._closing:
            self._wake.wait()
            self._wake.clear()
            if self._closing:
                break
            try:
                self._fold(connection)
            except (apsw.Error, OSError):
                pass  # the WAL keeps everything; the next commit asks again
        connection.close()

    def _fold(self, connection: Any) -> None:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        self.file_bytes = self._path.stat().st_size
        if self._pages > min(RESTART_PAGES, 4 * self._pages_max):
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
        self._pages_max = self._allowed()

    def _allowed(self) -> int:
        """Pages of the WAL before it is folded: fewer when the disk has little room."""
        disk, wal = os.statvfs(self._path), Path(f"{self._path}-wal")
        room = disk.f_bavail * disk.f_frsize + (wal.stat().st_size if wal.exists() else 0)
        return min(CHECKPOINT_PAGES, max(SMALLEST_PAGES, room // ROOM_SHARE // PAGE_BYTES))


def fold_all(connection: Any, usual_busy_ms: int) -> bool:
    """Fold the whole WAL, here and now, and cut it to nothing. False when that cannot be: a reader
    is in the way, or the database itself has no room to grow.
    """
    connection.set_busy_timeout(BUSY_MS)
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.Error:
        return False
    finally:
        connection.set_busy_timeout(usual_busy_ms)
    return True
