"""Until when a call to AWS may last: as long as the invocation that makes it; around invocations,
as long as the process that Lambda ends.
"""

from __future__ import annotations

from contextvars import ContextVar

from ...invocation import current
from ...ports import Clock

CALL_S = 10.0  # of who calls outside an invocation that has a deadline
NEVER = float("inf")
ending: ContextVar[float] = ContextVar("skylift.ending", default=NEVER)


def deadline(clock: Clock) -> float:
    """Seconds since the epoch."""
    running = current.get(None)
    if running is None or not running.deadline:
        return min(clock.time() + CALL_S, ending.get())
    return running.deadline
