"""Messages in flight, in a memory-mapped file beside the database: it outlives `kill -9`, and costs
no write to the disk. What stands in it at the next start was being handled when the process died.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from struct import Struct

SLOT = Struct("<IQ")  # queue number (from 1, 0 is a free slot), sequence number of the message
SLOTS = 4096  # no process has more in flight
EMPTY = bytes(SLOT.size)


class Flight:
    def __init__(self, path: Path | None) -> None:
        size = SLOT.size * SLOTS
        if path is None:
            self._bytes = mmap.mmap(-1, size)
        else:
            with path.open("a+b") as file:
                file.truncate(size)
                self._bytes = mmap.mmap(file.fileno(), size)
        self.interrupted = self._found()
        self._free = list(range(0, size, SLOT.size))

    def up(self, queue: int, seq: int) -> int:
        """A slot that holds the message; the process may not have more of them than SLOTS."""
        at = self._free.pop()
        SLOT.pack_into(self._bytes, at, queue, seq)
        return at

    def down(self, slot: int) -> None:
        self._bytes[slot : slot + SLOT.size] = EMPTY
        self._free.append(slot)

    @property
    def free(self) -> int:
        return len(self._free)

    def settled(self) -> None:
        """What was interrupted is written down elsewhere by now."""
        if self.interrupted:
            self._bytes[:] = bytes(len(self._bytes))
            self.interrupted = []

    def close(self) -> None:
        """What is still in flight is handed back without cost."""
        self._bytes[:] = bytes(len(self._bytes))
        self._bytes.close()

    def _found(self) -> list[tuple[int, int]]:
        return [(queue, seq) for queue, seq in SLOT.iter_unpack(self._bytes[:]) if queue]
