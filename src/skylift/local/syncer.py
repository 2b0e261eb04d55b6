"""Full durability: one thread calls fdatasync on the WAL for all commits that wait, then tells
them.

The loop goes on committing while the disk syncs; a power cut loses only what nobody was told is
done.
"""

from __future__ import annotations

import asyncio
import os
import threading
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
        self._waiting: list[Outcome] = []  # committed, not yet synced; guarded by the lock
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._failure: Unavailable | None = None
        self.untold = 0  # committed, not yet told; on the loop's thread only
        self._thread = threading.Thread(target=self._run, name="skylift-sync", daemon=True)
        self._thread.start()

    def after_sync(self, outcomes: list[Outcome]) -> None:
        """Tell these once the WAL as it is now is on the disk."""
        self.untold += len(outcomes)
        with self._lock:
            self._waiting += outcomes
        self._wake.set()

    async def close(self) -> None:
        """Tell whoever still waits, then stop."""
        while self.untold:
            await asyncio.sleep(0.001)
        self._closing = True
        self._wake.set()
        self._thread.join()
        os.close(self._wal)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                covered, self._waiting = self._waiting, []
            if covered:
                self._loop.call_soon_threadsafe(self._tell, covered, self._synced())

    def _synced(self) -> Unavailable | None:
        """After one failure no later sync is believed: the kernel may have dropped what it could
        not write, and says of the next one that all is well.
        """
        if self._failure is None:
            try:
                os.fdatasync(self._wal)
            except OSError as error:
                said = f"the disk could not be synced: {error}. hint: start again"
                self._failure = Unavailable(said, unknown=True)
        return self._failure

    def _tell(self, covered: list[Outcome], failure: Unavailable | None) -> None:
        self.untold -= len(covered)
        for future, result, error in covered:
            settle(future, result, failure or error)
