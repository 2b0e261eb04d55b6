"""Until when a call to AWS may last: as long as the invocation that makes it."""

from __future__ import annotations

from ...invocation import current
from ...ports import Clock

CALL_S = 10.0  # of who calls outside an invocation that has a deadline


def deadline(clock: Clock) -> float:
    """Seconds since the epoch."""
    running = current.get(None)
    if running is None or not running.deadline:
        return clock.time() + CALL_S
    return running.deadline
