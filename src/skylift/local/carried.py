"""What crosses between an app and its worker processes: a call, then its result or its error, all
pickled.

An error arrives with its frames, its causes and its own attributes. What cannot cross is a failure
that names it, never silence.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, NamedTuple

from ..engine.told import Place, said
from .place import places_in, traceback_at

CAUSES_MAX = 8  # of an error, and theirs
RETURNED, RAISED = "returned", "raised"


class Uncarried(Exception):
    """Something that cannot cross between two processes, or an error that could not."""


class Raised(NamedTuple):
    """An error on its way."""

    said: str  # `ValueError: no such size`, for when the error itself cannot cross
    error: bytes | None
    places: list[Place]
    cause: Raised | None
    context: Raised | None
    hides_context: bool


def packed_call(call: Callable[..., Any], arguments: Mapping[str, Any]) -> bytes:
    """A call of what has this name in this module; Uncarried names the argument that cannot
    cross.
    """
    named = (call.__module__, call.__qualname__)
    try:
        return _packed((*named, arguments))
    except Exception as error:
        wrong = [_uncarried(value, f"{call.__name__}({name})") for name, value in arguments.items()]
        raise next(filter(None, wrong), error) from None


def packed_result(result: Any, name: str) -> bytes:
    """What a function of this name returned; when it cannot cross, that is its error."""
    try:
        return _packed((RETURNED, result))
    except Exception as error:
        return packed_error(_uncarried(result, f"what {name}() returned") or error)


def packed_error(error: BaseException) -> bytes:
    return _packed((RAISED, _on_its_way(error, CAUSES_MAX)))


def unpacked(answer: bytes, name: str) -> Any:
    """The result, or the error raised."""
    try:
        kind, held = pickle.loads(answer)
    except Exception as error:
        raise Uncarried(f"what {name}() returned cannot be read here: {error}") from error
    if kind == RAISED:
        raise _arrived(held)
    return held


def _packed(value: Any) -> bytes:
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _uncarried(value: Any, what: str) -> Uncarried | None:
    try:
        _packed(value)
    except Exception as error:
        return Uncarried(
            f"{what} is a {type(value).__name__}, which cannot cross to another process: {error}. "
            "hint: with isolate=True take and return plain values, Structs or dataclasses"
        )
    return None


def _on_its_way(error: BaseException | None, causes_max: int) -> Raised | None:
    if error is None or not causes_max:
        return None
    return Raised(
        said(error),
        _packed_alone(error),
        list(places_in(error.__traceback__)),
        _on_its_way(error.__cause__, causes_max - 1),
        # A cause is told instead of the context, which is often the same error.
        _on_its_way(None if error.__cause__ else error.__context__, causes_max - 1),
        error.__suppress_context__,
    )


def _packed_alone(error: BaseException) -> bytes | None:
    """An error without what it came from. Pickle would call an `__init__` of the author's with what
    the error says, which is seldom what it takes.
    """
    written = isinstance(type(error).__init__, FunctionType)
    try:
        packed = _packed((type(error), error.args, error.__dict__) if written else error)
        _alone(packed)
    except Exception:
        return None
    return packed


def _alone(packed: bytes) -> BaseException:
    loaded = pickle.loads(packed)
    if isinstance(loaded, BaseException):
        return loaded
    kind, args, attributes = loaded
    error: BaseException = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


def _arrived(raised: Raised) -> BaseException:
    error = _known(raised) or Uncarried(f"{raised.said} (it cannot cross to another process)")
    error.__cause__ = _arrived(raised.cause) if raised.cause else None
    error.__context__ = _arrived(raised.context) if raised.context else None
    error.__suppress_context__ = raised.hides_context
    return error.with_traceback(traceback_at(raised.places))


def _known(raised: Raised) -> BaseException | None:
    try:
        return _alone(raised.error) if raised.error else None
    except Exception:  # known in the other process and not here
        return None
