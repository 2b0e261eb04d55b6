"""Failures told to the person at the terminal: the error, what it came from and the author's
frames, nothing of ours.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import thread
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TextIO, TypeAlias, cast

from ..ports import Clock, Running

OURS = (f"{Path(__file__).parent.parent}{os.sep}", str(thread.__file__))
FRAMES_MAX = 8
REASONS_MAX = 4

Counts: TypeAlias = Callable[[traceback.FrameSummary], bool]


class StderrReport:
    def __init__(self, clock: Clock, stream: TextIO | None = None) -> None:
        self._clock = clock
        self._stream = stream or sys.stderr

    def failed(self, running: Running, error: BaseException) -> None:
        self._tell(running.function, error, _is_theirs)

    def warned(self, function: str, text: str) -> None:
        at = self._clock.now().strftime("%H:%M:%S")
        with suppress(OSError):
            print(f"{at} {function}: {text}", file=self._stream, flush=True)

    def ended(self, running: Running, error: BaseException | None) -> None:
        """The terminal shows failures only."""

    def broken(self, error: BaseException) -> None:
        """A bug of skylift itself: every frame counts."""
        self._tell("skylift", error, lambda _: True)

    def _tell(self, who: str, error: BaseException, counts: Counts) -> None:
        at = self._clock.now().strftime("%H:%M:%S")
        told = f"{at} {who} failed: {_said(error)}\n{_frames(error, counts)}"
        for reason in islice(_reasons(error), REASONS_MAX):
            told += f"  because of {_said(reason)}\n{_frames(reason, counts)}"
        with suppress(OSError):  # nobody reads any more, and the client is still to be answered
            print(told, end="", file=self._stream, flush=True)


def _said(error: BaseException) -> str:
    """`Conflict: the room is full`; an error that cannot even be shown is named."""
    said = "".join(traceback.format_exception_only(error)).strip()
    return said.removeprefix(f"{type(error).__module__}.")


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """What it was raised from, and what a group holds; each once."""
    seen, waiting = {id(error)}, [error]
    for one in waiting:  # it grows on the way
        context = None if one.__suppress_context__ else one.__context__
        held: Sequence[BaseException | None] = (
            cast("BaseExceptionGroup[BaseException]", one).exceptions
            if isinstance(one, BaseExceptionGroup)
            else ()
        )
        for reason in (one.__cause__ or context, *held):
            if reason is not None and id(reason) not in seen:
                seen.add(id(reason))
                waiting.append(reason)
                yield reason


def _frames(error: BaseException, counts: Counts) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if counts(frame)]
    return "".join(traceback.format_list(frames[-FRAMES_MAX:]))


def _is_theirs(frame: traceback.FrameSummary) -> bool:
    return not frame.filename.startswith(OURS)
