"""The only file that touches time, chance and the environment. Everything else is given them, so
that a simulator can run the same code on a clock and a seed of its own.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

# The process's own, as it is at each look: Lambda's runtime writes into it before each invocation.
ENVIRONMENT = os.environ

STDOUT = 1


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    # Bound as they are: some are called several times a message.
    monotonic = staticmethod(time.monotonic)
    time = staticmethod(time.time)


class SystemEntropy:
    def token_bytes(self, count: int) -> bytes:
        return os.urandom(count)


sleep = time.sleep


def say(text: str) -> None:
    """To whoever reads our standard output, at once. Past Python's own buffers: an alarm may ring
    in the middle of an author's `print`, which nobody else can enter then.
    """
    left = memoryview(text.encode("utf-8", "backslashreplace"))
    while left:
        left = left[os.write(STDOUT, left) :]
