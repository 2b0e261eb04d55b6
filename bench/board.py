"""What a queue's contenders are told and tell, in memory that all their processes share: whether to
send, how many were sent and handled, how long each waited. The same few instructions for everyone.

A message's `note_id` is the instant before it was sent: 32 hex digits of CLOCK_MONOTONIC.
"""

from __future__ import annotations

import mmap
import os
import threading
import time
from pathlib import Path

PLACE = "BENCH_BOARD"  # the environment variable that says where
REST, LIVE, IDLE = range(3)  # send nothing; as fast as it goes; one at a time into rest
WAITING_MAX = 1_000  # sent and not handled, while LIVE: so that no producer runs away
SPACING_S = 0.005  # between two messages, while IDLE
SAMPLES = 4_096
WORKERS = 64  # slots for processes that handle: each counts in its own
MODE, SENT, SAMPLED, HANDLED = 0, 1, 2, 3
FIRST_SAMPLE = HANDLED + WORKERS
BYTES = 8 * (FIRST_SAMPLE + SAMPLES)


class Board:
    def __init__(self, path: Path | None = None) -> None:
        with (path or Path(os.environ[PLACE])).open("a+b") as file:
            file.truncate(BYTES)
            self._slots = memoryview(mmap.mmap(file.fileno(), BYTES)).cast("Q")
        self._lock = threading.Lock()  # a worker may run its handlers in threads

    @property
    def mode(self) -> int:
        return self._slots[MODE]

    @mode.setter
    def mode(self, mode: int) -> None:
        self._slots[MODE] = mode

    @property
    def sent(self) -> int:
        return self._slots[SENT]

    def send(self, count: int = 1) -> None:
        """The producer is about to send so many."""
        self._slots[SENT] += count

    @property
    def handled(self) -> int:
        return sum(self._slots[HANDLED:FIRST_SAMPLE])

    @property
    def waiting(self) -> int:
        return self.sent - self.handled

    def handle(self, note_id: str) -> None:
        """What every contender's handler does, and all it does."""
        now = time.monotonic_ns()
        slots = self._slots
        with self._lock:
            if slots[MODE] == IDLE:
                slots[FIRST_SAMPLE + slots[SAMPLED] % SAMPLES] = now - int(note_id, 16)
                slots[SAMPLED] += 1
            slots[HANDLED + os.getpid() % WORKERS] += 1  # asked each time: a worker may fork

    def forget_samples(self) -> None:
        self._slots[SAMPLED] = 0

    def samples_ms(self) -> list[float]:
        count = min(self._slots[SAMPLED], SAMPLES)
        return [one / 1e6 for one in self._slots[FIRST_SAMPLE : FIRST_SAMPLE + count]]


def new_note_id() -> str:
    return f"{time.monotonic_ns():032x}"
