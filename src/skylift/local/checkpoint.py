"""Checkpoints: a thread with a connection of its own folds the WAL into the database, by bytes and
not by commits.

The loop's connection never checkpoints, so no commit waits for an fsync. When writers never pause,
a short lock makes the WAL start over; otherwise it would grow for ever.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import apsw

PAGE_BYTES = 4096
CHECKPOINT_PAGES = 16 * 1024 * 1024 // PAGE_BYTES
RESTART_PAGES = 4 * CHECKPOINT_PAGES


class Checkpointer:
    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self._path = path
        self._pages = 0
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
        if pages > CHECKPOINT_PAGES:
            self._wake.set()
        return apsw.SQLITE_OK

    def _run(self) -> None:
        connection: Any = apsw.Connection(str(self._path))
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.set_busy_timeout(100)
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
        if self._pages > RESTART_PAGES:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
