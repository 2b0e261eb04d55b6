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
FRAMES_MAX = 8


class StderrReport:
    def __init__(self, clock: Clock, stream: TextIO | None = None) -> None:
        self._clock = clock
        self._stream = stream or sys.stderr

    def failed(self, running: Running, error: BaseException) -> None:
        self._tell(running.function, error, [one for one in _frames(error) if not _is_ours(one)])

    def broken(self, error: BaseException) -> None:
        """A bug of skylift itself: every frame counts."""
        self._tell("skylift", error, _frames(error))

    def _tell(self, who: str, error: BaseException, frames: list[traceback.FrameSummary]) -> None:
        at = self._clock.now().strftime("%H:%M:%S")
        told = "".join(traceback.format_list(frames[-FRAMES_MAX:]))
        print(
            f"{at} {who} failed: {type(error).__name__}: {error}\n{told}",
            end="",
            file=self._stream,
            flush=True,
        )


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(error.__traceback__))


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(OURS)
