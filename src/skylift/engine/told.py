"""An error as people are told it: what it says, what it came from, and where the author's code was
when it happened. Our own frames and those of the thread it ran in are left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias, cast

from msgspec import Struct

if TYPE_CHECKING:
    from traceback import FrameSummary

LIBRARY = os.path.join(os.path.dirname(os.__file__), "")
SKYLIFT = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")
OURS = (
    SKYLIFT,
    os.path.join(LIBRARY, "concurrent", "futures", "thread.py"),
    os.path.join(LIBRARY, "asyncio", ""),
)
NOBODYS = (SKYLIFT, LIBRARY, "<")  # "<string>", "<frozen importlib._bootstrap>"
INSTALLED = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
FRAMES_MAX = 8
SAID_MAX = 2_000  # letters of what one error says
REASONS_MAX = 4

Counts: TypeAlias = "Callable[[FrameSummary], bool]"


class Place(Struct, frozen=True, array_like=True):
    """A line of the author's."""

    file: str
    line: int
    function: str


def is_theirs(frame: FrameSummary) -> bool:
    return not frame.filename.startswith(OURS)


def is_authored(file: str) -> bool:
    """Neither ours, nor the standard library's, nor installed."""
    return not file.startswith(NOBODYS) and not any(folder in file for folder in INSTALLED)


def told(error: BaseException, counts: Counts = is_theirs) -> str:
    """The error with the frames that count, then what it came from with theirs."""
    text = f"{said(error)}\n{_frames(error, counts)}"
    for reason in islice(_reasons(error), REASONS_MAX):
        if not _is_cancellation(reason):  # where it was is of interest, and not how it was ended
            text += f"  because of {said(reason)}\n"
        text += _frames(reason, counts)
    return text


def said(error: BaseException) -> str:
    """`Conflict: the room is full`; an error that cannot even be shown is named. A
    text that is too long is cut.
    """
    text = cut(text_of(error))
    return f"{type(error).__qualname__}: {text}" if text else type(error).__qualname__


def cut(text: str) -> str:
    if len(text) <= SAID_MAX:
        return text
    return f"{text[:SAID_MAX]}… {len(text) - SAID_MAX:,} more"


def text_of(error: BaseException) -> str:
    """What it says, with the notes that were added."""
    try:
        return "\n".join([str(error), *map(str, getattr(error, "__notes__", ()))])
    except Exception:
        return "<it cannot be shown>"


def place_of(error: BaseException) -> Place | None:
    """The innermost line of the author's that it passed: of the error itself, or of what it came
    from. A library they have installed counts where nothing nearer does.
    """
    installed: Place | None = None
    for one in (error, *islice(_reasons(error), REASONS_MAX)):
        own, other = _innermost(one.__traceback__)
        if own is not None:
            return own
        installed = installed or other
    return installed


def _innermost(trace: TracebackType | None) -> tuple[Place | None, Place | None]:
    """In the author's code, and in a library of others."""
    own = other = None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if INSTALLED[0] in file or INSTALLED[1] in file:
            other = trace
        elif not file.startswith(NOBODYS):
            own = trace
        trace = trace.tb_next
    return _place(own), _place(other)


def _place(trace: TracebackType | None) -> Place | None:
    if trace is None:
        return None
    code = trace.tb_frame.f_code
    return Place(code.co_filename, trace.tb_lineno, code.co_name)


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


def _is_cancellation(error: BaseException) -> bool:
    """Of a task, which a deadline ends so."""
    kind = type(error)
    return (kind.__module__, kind.__name__) == ("asyncio.exceptions", "CancelledError")


def _frames(error: BaseException, counts: Counts) -> str:
    from traceback import extract_tb, format_list

    frames = [frame for frame in extract_tb(error.__traceback__) if counts(frame)]
    return "".join(format_list(frames[-FRAMES_MAX:]))
