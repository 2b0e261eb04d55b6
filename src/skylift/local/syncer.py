"""Full durability: one thread calls fdatasync on the WAL for all commits that wait, then their futures resolve.

The loop goes on committing while the disk syncs; a power cut loses only what nobody was told is done.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ..errors import Unavailable
from .outcome import Outcome, settle


class Syncer:
    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._wal = os.open(f"{path}-wal", os.O_RDWR)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)  # the names of the files are durable before their contents are
        os.close(folder)
        self._waiting: deque[list[Outcome]] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="skylift-sync", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> bool:
        return bool(self._waiting)

    def after_sync(self, outcomes: list[Outcome]) -> None:
        self._waiting.append(outcomes)
        self._wake.set()

    def close(self) -> None:
        """Sync and resolve what still waits; called on the loop's thread."""
        self._closing = True
        self._wake.set()
        self._thread.join()
        self._sync(self._resolve_rest)
        os.close(self._wal)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait()
            self._wake.clear()
            self._sync(self._loop.call_soon_threadsafe)

    def _sync(self, tell: Callable[..., object]) -> None:
        covered = len(
            self._waiting
        )  # committed before the sync starts; what comes later waits for the next
        if not covered:
            return
        failure: OSError | None = None
        try:
            os.fdatasync(self._wal)
        except OSError as error:
            failure = error
        tell(self._resolve, covered, failure)

    def _resolve(self, covered: int, failure: OSError | None = None) -> None:
        lost = failure and Unavailable(f"the disk could not be synced: {failure}", unknown=True)
        for _ in range(min(covered, len(self._waiting))):
            for future, result, error in self._waiting.popleft():
                settle(future, result, lost or error)

    def _resolve_rest(
        self, resolve: Callable[..., None], _covered: int, failure: OSError | None
    ) -> None:
        """At the end the thread has stopped: what it told the loop is not resolved yet either."""
        resolve(len(self._waiting), failure)
