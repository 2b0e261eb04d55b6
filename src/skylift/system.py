"""The only file that touches time, chance and the environment. Everything else is given them, so
that a simulator can run the same code on a clock and a seed of its own.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class SystemEntropy:
    def token_bytes(self, count: int) -> bytes:
        return os.urandom(count)
