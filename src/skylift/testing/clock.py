"""Time of a world. It stands still until it is moved; what was to happen by then happens as it
moves. It counts whole microseconds, as stored times do: what is due at a time is due when the clock
shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import inf, nextafter

START = datetime(2061, 7, 28, 12, tzinfo=UTC)  # decades away: a leaked real clock is seen at once
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Alarm:
    """Something to be called at a time."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call: Callable[[], object] | None = call

    def cancel(self) -> None:
        self.call = None


class VirtualClock:
    """The Clock of a world, and its Alarms."""

    def __init__(self) -> None:
        self._us = (START - EPOCH) // MICROSECOND
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._set = 0

    def now(self) -> datetime:
        return EPOCH + self._us * MICROSECOND

    def time(self) -> float:
        """Never a hair less than the microsecond it stands for."""
        seconds = self._us / 1e6
        return seconds if int(seconds * 1e6) >= self._us else nextafter(seconds, inf)

    def monotonic(self) -> float:
        return self.time()

    def at(self, when: float, call: Callable[[], object]) -> Alarm:
        alarm = Alarm(call)
        self._set += 1
        heappush(self._alarms, (when, self._set, alarm))
        return alarm

    def next_at(self) -> float | None:
        """Of the next alarm."""
        while self._alarms and self._alarms[0][2].call is None:
            heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def move(self, to: float) -> None:
        """Show this time, but never an earlier one, and ring what was set for it or before."""
        moved = round(to * 1e6)
        self._us = max(self._us, moved if moved / 1e6 >= to else moved + 1)
        now = self.time()
        due: list[Alarm] = []
        while self._alarms and self._alarms[0][0] <= now:
            due.append(heappop(self._alarms)[2])
        for alarm in due:  # what they set anew rings at the next move
            if alarm.call is not None:
                alarm.call()
