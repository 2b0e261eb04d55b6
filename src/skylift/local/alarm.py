"""Being called at a time of the app's clock. A simulated world has alarms of its own, which ring
when its clock is moved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from ..ports import Clock

LATE_S_MAX = 60.0  # a clock that was set anew is noticed after so long


class Ringing(Protocol):
    def cancel(self) -> object: ...


class Alarms(Protocol):
    def at(self, when: float, call: Callable[[], object]) -> Ringing:
        """Call when the clock shows `when`, or later; or early: who was called looks at the clock
        himself.
        """
        ...


class LoopAlarms:
    def __init__(self, clock: Clock) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock

    def at(self, when: float, call: Callable[[], object]) -> Ringing:
        wait_s = min(max(when - self._clock.time(), 0), LATE_S_MAX)
        return self._loop.call_later(wait_s, call)
