"""The rows of every peer: SQLite as its documentation says to use it from one process."""

from __future__ import annotations

import os
import sqlite3
import threading
import time


class Notebook:
    """One connection, one statement a commit. `locked` serves handlers that run in threads."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._lock = threading.Lock()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "cache_size=-65536",
            "mmap_size=1073741824",
            "temp_store=MEMORY",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS notes"
            " (id TEXT PRIMARY KEY, text TEXT NOT NULL, words INTEGER) WITHOUT ROWID"
        )

    def write(self, id: str, text: str) -> None:
        self._connection.execute("INSERT INTO notes (id, text) VALUES (?, ?)", (id, text))

    def read(self, id: str) -> tuple[str, str, int | None] | None:
        found = self._connection.execute("SELECT id, text, words FROM notes WHERE id = ?", (id,))
        return found.fetchone()

    def write_locked(self, id: str, text: str) -> None:
        with self._lock:
            self.write(id, text)

    def read_locked(self, id: str) -> tuple[str, str, int | None] | None:
        with self._lock:
            return self.read(id)


def opened() -> Notebook:
    return Notebook(os.environ["NOTES_DB"])


def new_id() -> str:
    """Ordered by age like ours, so that no peer pays for scattered inserts."""
    return f"{int(time.time() * 1000):012x}{os.urandom(10).hex()}"
