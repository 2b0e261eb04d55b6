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

from .place import Place, places_in, traceback_at

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
    except Exception:
        for name, value in arguments.items():
            _sound(value, f"{call.__name__}({name})")
        raise


def packed_result(result: Any, name: str) -> bytes:
    """What a function of this name returned; when it cannot cross, that is its error."""
    try:
        return _packed((RETURNED, result))
    except Exception:
        try:
            _sound(result, f"what {name}() returned")
        except Uncarried as error:
            return packed_error(error)
        raise


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


def _sound(value: Any, where: str) -> None:
    try:
        pickle.loads(_packed(value))
    except Exception as error:
        raise Uncarried(
            f"{where} is a {type(value).__name__}, which cannot cross to another process: {error}. "
            "hint: with isolate=True take and return plain values, Structs or dataclasses"
        ) from error


def _on_its_way(error: BaseException | None, causes_max: int) -> Raised | None:
    if error is None or not causes_max:
        return None
    return Raised(
        _said(error),
        _packed_alone(error),
        places_in(error.__traceback__),
        _on_its_way(error.__cause__, causes_max - 1),
        # A cause is told instead of the context, which is often the same error.
        _on_its_way(None if error.__cause__ else error.__context__, causes_max - 1),
        error.__suppress_context__,
    )


def _packed_alone(error: BaseException) -> bytes | None:
    try:
        packed = _packed((type(error), error.args, error.__dict__))
        _alone(packed)
    except Exception:
        return None
    return packed


def _alone(packed: bytes) -> BaseException:
    """An error as it was made, without its own `__init__`: that takes what nobody here knows, and
    what it did is in the error's attributes.
    """
    kind, args, attributes = pickle.loads(packed)
    error: BaseException = kind.__new__(kind, *args)
    if not isinstance(kind.__init__, FunctionType):
        kind.__init__(error, *args)
    error.__dict__.update(attributes)
    return error


def _arrived(raised: Raised) -> BaseException:
    try:
        error = _alone(raised.error) if raised.error else Uncarried(raised.said)
    except Exception:  # it may be known in the other process and not here
        error = Uncarried(raised.said)
    error.__cause__ = _arrived(raised.cause) if raised.cause else None
    error.__context__ = _arrived(raised.context) if raised.context else None
    error.__suppress_context__ = raised.hides_context
    return error.with_traceback(traceback_at(raised.places))


def _said(error: BaseException) -> str:
    kind = type(error).__name__
    try:
        return f"{kind}: {error}"
    except Exception:
        return kind
