"""Failures and warnings told to the person at the terminal."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TextIO

from ..engine.told import told
from ..ports import Clock, Running


class StderrReport:
    def __init__(self, clock: Clock, stream: TextIO | None = None) -> None:
        self._clock = clock
        self._stream = stream or sys.stderr

    def failed(self, running: Running, error: BaseException) -> None:
        self.tell(running.function, told(error))

    def warned(self, function: str, text: str, trace: str = "") -> None:
        self._print(f"{function}: {text}\n")

    def ended(self, running: Running, error: BaseException | None) -> None:
        """The terminal shows failures only."""

    def tell(self, who: str, failure: str) -> None:
        self._print(f"{who} failed: {failure}")

    def _print(self, text: str) -> None:
        at = self._clock.now().strftime("%H:%M:%S")
        with suppress(OSError):  # nobody reads any more, and the client is still to be answered
            print(f"{at} {text}", end="", file=self._stream, flush=True)
