"""Places in code: whose a file is, and tracebacks made of places alone.

The author's are all files but ours, the standard library's and what is installed. A traceback made
here reads like any other, so an error from another process, or of a task, is told like any other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from types import FrameType, TracebackType
from typing import Any, NamedTuple

OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
STANDARD = os.path.join(os.path.dirname(os.__file__), "")
INSTALLED = frozenset(["site-packages", "dist-packages"])  # folders of a venv, wherever that is
NO_INSTRUCTION = -1  # then the line alone is shown, with nothing underlined


class Place(NamedTuple):
    file: str
    line: int
    name: str  # of the function


@cache
def is_theirs(file: str) -> bool:
    """An author wrote it. What Python made up, such as `<string>`, nobody wrote."""
    if file.startswith(("<", OURS, STANDARD)):
        return False
    return INSTALLED.isdisjoint(file.split(os.sep))


def place_of(frame: FrameType) -> Place:
    return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def innermost(frame: FrameType | None) -> Place | None:
    """The author's nearest to where it is."""
    while frame is not None and not is_theirs(frame.f_code.co_filename):
        frame = frame.f_back
    return place_of(frame) if frame else None


def places_in(traceback: TracebackType | None) -> list[Place]:
    """Outermost first, as a traceback has them."""
    found: list[Place] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(Place(code.co_filename, traceback.tb_lineno, code.co_name))
        traceback = traceback.tb_next
    return found


def traceback_at(places: Sequence[Place]) -> TracebackType | None:
    """A traceback of these places, outermost first; None when there are none."""
    made: TracebackType | None = None
    for place in reversed(places):
        made = TracebackType(made, _frame_in(place), NO_INSTRUCTION, place.line)
    return made


def _frame_in(place: Place) -> FrameType:
    """A frame that has this file and name; its line is the traceback's affair."""
    code = compile("frame()", place.file, "eval").replace(co_name=place.name)
    names: dict[str, Any] = {"frame": sys._getframe}  # pyright: ignore[reportPrivateUsage]
    return eval(code, names)
