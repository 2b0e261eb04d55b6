"""What the rest of the process knows of requests: a queue gives way to one that has just come."""

from __future__ import annotations

from ..ports import Clock


class Traffic:
    def __init__(self, clock: Clock) -> None:
        self._monotonic = clock.monotonic
        self.running = 0
        self.last_at = float("-inf")  # monotonic

    def began(self) -> None:
        self.running += 1
        self.last_at = self._monotonic()

    def ended(self) -> None:
        self.running -= 1
