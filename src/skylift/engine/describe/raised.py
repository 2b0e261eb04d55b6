"""Which errors a handler can answer with, read from the names its code uses and the verbs it was
granted. What a library raises stays unseen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from ...errors import BadRequest, Conflict, Invalid, NotFound, SkyliftError
from ...function import Function
from ...signature import innermost

VERBS: dict[str, tuple[type[SkyliftError], ...]] = {
    "require": (NotFound,),
    "update": (NotFound, Invalid),
    "create": (Conflict, Invalid),
    "check": (Conflict,),
    "put": (Invalid,),
    "put_many": (Invalid,),
    "page": (BadRequest, Invalid),
}


def raised(handler: Any, verbs: Collection[str]) -> set[type[SkyliftError]]:
    found = {error for verb in verbs for error in VERBS.get(verb, ())}
    for code, names in _reached(handler, set()):
        found |= {value for value in names if _is_error(value)}
        if any(constant == "if_" for constant in _keywords(code)):
            found.add(Conflict)
    return found


def _is_error(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, SkyliftError) and value.status < 500


def _reached(handler: Any, seen: set[CodeType]) -> Iterator[tuple[CodeType, list[Any]]]:
    """The code of a handler and of the app's functions it names, with what their names mean."""
    if isinstance(handler, Function):
        handler = handler.handler
    handler = innermost(handler)
    if not isinstance(handler, FunctionType):
        return
    root = handler.__module__.split(".")[0]
    for code in _nested(handler.__code__):
        if code in seen:
            continue
        seen.add(code)
        values = list(_meant(code, handler.__globals__))
        yield code, values
        for value in values:
            if getattr(value, "__module__", "").split(".")[0] == root:
                yield from _reached(value, seen)


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _meant(code: CodeType, names: dict[str, Any]) -> Iterator[Any]:
    for name in code.co_names:
        value = names.get(name)
        yield value
        if isinstance(value, ModuleType):
            yield from (getattr(value, other, None) for other in code.co_names)


def _keywords(code: CodeType) -> Iterator[object]:
    """Names of keyword arguments, which calls keep as tuples among the constants."""
    for constant in code.co_consts:
        if isinstance(constant, tuple):
            yield from constant
