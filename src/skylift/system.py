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

    # Bound as they are: some are called several times a message.
    monotonic = staticmethod(time.monotonic)
    time = staticmethod(time.time)


class SystemEntropy:
    def token_bytes(self, count: int) -> bytes:
        return os.urandom(count)
