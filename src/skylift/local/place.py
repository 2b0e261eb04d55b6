"""Places in an author's code, and tracebacks made of places alone: an error that comes from another
process, or of a task, is told like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from types import FrameType, FunctionType, TracebackType
from typing import Any

from ..engine import told
from ..engine.told import SKYLIFT, Place

NO_INSTRUCTION = -1  # then the line alone is shown, with nothing underlined


is_authored = cache(told.is_authored)


def place_of(frame: FrameType) -> Place:
    return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def places_in(trace: TracebackType | None) -> Iterator[Place]:
    """Outermost first, as a traceback has them."""
    while trace is not None:
        code = trace.tb_frame.f_code
        yield Place(code.co_filename, trace.tb_lineno, code.co_name)
        trace = trace.tb_next


def places_along(coroutine: Any) -> Iterator[Place]:
    """The author's, from a coroutine to where it waits."""
    for _, frame in waiting_along(coroutine):
        if is_authored(frame.f_code.co_filename):
            yield place_of(frame)


def waiting_along(coroutine: Any) -> Iterator[tuple[Any, FrameType]]:
    """What waits for what, from a coroutine inwards."""
    while (frame := frame_of(coroutine)) is not None:
        yield coroutine, frame
        awaited = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
        if awaited is None and frame.f_code.co_filename.startswith(SKYLIFT):
            awaited = frame.f_locals.get("driven")  # see ending.py
        coroutine = awaited


def frame_of(coroutine: Any) -> FrameType | None:
    """None when it has ended, or was not written in Python."""
    return getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)


def traceback_at(places: Sequence[Place]) -> TracebackType | None:
    """A traceback of these places, outermost first; None when there are none."""
    trace: TracebackType | None = None
    for place in reversed(places):
        trace = TracebackType(trace, _frame_in(place), NO_INSTRUCTION, place.line)
    return trace


def _frame_in(place: Place) -> FrameType:
    """A frame with this file and name. A generator's has no frame behind it that it would keep."""
    code = _nothing.__code__.replace(co_filename=place.file, co_name=place.function)
    return FunctionType(code, {})().gi_frame


def _nothing() -> Iterator[None]:
    yield
