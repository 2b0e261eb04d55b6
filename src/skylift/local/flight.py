"""Messages in flight, in a memory-mapped file beside the database: it outlives `kill -9`, and costs
no write to the disk. What stands in it at the next start was being handled when the process died.
"""

from __future__ import annotations

import mmap
from errno import ENOSPC
from pathlib import Path
from struct import Struct

SLOT = Struct("<IQ")  # queue number (from 1, 0 is a free slot), sequence number of the message
SLOTS = 1 << 14  # no process has more in flight
EMPTY = bytes(SLOT.size)


class Flight:
    def __init__(self, path: Path | None) -> None:
        self._bytes = mapped(path, SLOT.size * SLOTS)
        self.interrupted = self._found()
        self._free: list[int] = []  # slots that were used before
        self._used = 0  # bytes up to the first slot never used

    def up(self, queue: int, seq: int) -> int:
        """A slot that holds the message; the process may not have more of them than SLOTS."""
        if self._free:
            at = self._free.pop()
        else:
            at, self._used = self._used, self._used + SLOT.size
        SLOT.pack_into(self._bytes, at, queue, seq)
        return at

    def down(self, slot: int) -> None:
        self._bytes[slot : slot + SLOT.size] = EMPTY
        self._free.append(slot)

    @property
    def free(self) -> int:
        return len(self._free) + SLOTS - self._used // SLOT.size

    def settled(self) -> None:
        """What was interrupted is written down elsewhere by now."""
        if self.interrupted:
            self._bytes[:] = bytes(len(self._bytes))
            self.interrupted = []

    def close(self) -> None:
        """What is still in flight is handed back without cost. What was interrupted and is written
        down nowhere, because the start failed, is left for the next one.
        """
        if not self.interrupted:
            self._bytes[: self._used] = bytes(self._used)
        self._bytes.close()

    def _found(self) -> list[tuple[int, int]]:
        found = self._bytes[:]
        if found == bytes(len(found)):  # most often: a start must not take long
            return []
        found = found.rstrip(b"\0")
        found += bytes(-len(found) % SLOT.size)
        return [(queue, seq) for queue, seq in SLOT.iter_unpack(found) if queue]


def mapped(path: Path | None, size: int) -> mmap.mmap:
    """Memory that is a file, or only memory: without a path, or on a disk that is full.

    The file is written out at first: the kernel would kill a process that touches a page of it for
    which the disk has no room.
    """
    if path is None:
        return mmap.mmap(-1, size)
    with path.open("a+b") as file:
        try:
            file.write(bytes(max(size - file.tell(), 0)))
            file.flush()
        except OSError as error:
            if error.errno != ENOSPC:
                raise
            return mmap.mmap(-1, size)
        return mmap.mmap(file.fileno(), size)
