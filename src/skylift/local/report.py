"""Failures told to the person at the terminal: the author's frames and the error, nothing of
ours.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TextIO

from ..ports import Clock, Running

OURS = str(Path(__file__).parent.parent)


class StderrReport:
    def __init__(self, clock: Clock, stream: TextIO | None = None) -> None:
        self._clock = clock
        self._stream = stream or sys.stderr

    def failed(self, running: Running, error: BaseException) -> None:
        at = self._clock.now().strftime("%H:%M:%S")
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if not frame.filename.startswith(OURS)
        ]
        told = "".join(traceback.format_list(frames[-6:]))
        print(
            f"{at} {running.function} failed: {type(error).__name__}: {error}\n{told}",
            end="",
            file=self._stream,
            flush=True,
        )
