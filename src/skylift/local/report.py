"""Failures and warnings told to the person at the terminal."""

from __future__ import annotations

import sys
from contextlib import suppress
from threading import Lock, Timer
from typing import TextIO

from ..engine.told import told
from ..ports import Clock, Running
from ..ports.delivery import Bury

SHOWN_MAX, QUIET_S = 5, 10.0  # of dead letters of one function that have one reason


class StderrReport:
    """Of many dead letters the first few are shown, then how many more there were: an edit that
    makes a whole queue unreadable must not bury the screen too.
    """

    def __init__(
        self, clock: Clock, stream: TextIO | None = None, *, quiet_s: float = QUIET_S
    ) -> None:
        self._clock, self._quiet_s = clock, quiet_s
        self._stream = stream or sys.stderr
        self._lock = Lock()
        self._counts: dict[tuple[str, str], int] = {}  # of dead letters since the timer began
        self._timer: Timer | None = None

    def failed(self, running: Running, error: BaseException) -> None:
        self.tell(running.function, told(error))

    def warned(self, function: str, text: str) -> None:
        self._print(f"{function}: {text}\n")

    def buried(self, function: str, letter: Bury) -> None:
        kind = function, letter.reason
        with self._lock:
            self._counts[kind] = count = self._counts.get(kind, 0) + 1
            self._begin()
        if count <= SHOWN_MAX:
            self.warned(function, letter.told)

    def close(self) -> None:
        """Say what has not been said yet."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            counts, self._counts = self._counts, {}
        self._say_more(counts)

    def ended(self, running: Running, error: BaseException | None) -> None:
        """The terminal shows failures only."""

    def tell(self, who: str, failure: str) -> None:
        self._print(f"{who} failed: {failure}")

    def _begin(self) -> None:
        if self._timer is None:
            self._timer = Timer(self._quiet_s, self._end)
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        """What was too much so far stays unseen while it goes on: only its number is told."""
        with self._lock:
            self._timer, counts = None, self._counts
            self._counts = {kind: SHOWN_MAX for kind, count in counts.items() if count > SHOWN_MAX}
            if self._counts:
                self._begin()
        self._say_more(counts)

    def _say_more(self, counts: dict[tuple[str, str], int]) -> None:
        for (function, reason), count in counts.items():
            if count > SHOWN_MAX:
                more = f"and {count - SHOWN_MAX:,} more like it: {reason}"
                self.warned(function, f"{more}. `skylift queue peek` shows them")

    def _print(self, text: str) -> None:
        at = self._clock.now().strftime("%H:%M:%S")
        with suppress(OSError):  # nobody reads any more, and the client is still to be answered
            print(f"{at} {text}", end="", file=self._stream, flush=True)
