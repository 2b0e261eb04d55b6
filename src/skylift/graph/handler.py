"""What can be wrong with a handler before its parameters are looked at: it must be a function that
is called with names and returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..resources.api import Route
from ..signature import innermost

YIELDS = 0x20 | 0x200  # inspect.CO_GENERATOR, CO_ASYNC_GENERATOR


def mistakes(function: Function[..., Any]) -> Iterator[Mistake]:
    """None of the other checks can read a handler that this one finds wrong."""
    handler = cast(object, function.handler)
    if isinstance(handler, Function):
        inner = cast("Function[..., Any]", handler)
        yield Mistake(
            inner.place,
            f"{inner.handler.__name__}() has two triggers",
            "write a second handler that calls the first",
        )
    elif not isinstance(handler, (FunctionType, MethodType)):
        remedy = "a handler is written with `async def` or `def`"
        yield Mistake(function.place, f"{handler!r} is no function", remedy)
    elif not handler.__name__.isidentifier():
        yield Mistake(function.place, "a lambda has no name", "write the handler with `def`")
    else:
        yield from _uncallable(function)
        yield from _without_path(function)


def _uncallable(function: Function[..., Any]) -> Iterator[Mistake]:
    call, code = f"{function.handler.__name__}()", innermost(function.handler).__code__
    if code.co_flags & YIELDS:
        remedy = "return the whole answer, page by page if it is long"
        yield Mistake(function.place, f"{call} yields, and a handler returns", remedy)
    names = code.co_varnames[: code.co_posonlyargcount]
    if names:
        reason = f"{call} takes {', '.join(names)} by position only; it is called with names"
        yield Mistake(function.place, reason, "take the / out of its parameters")


def _without_path(function: Function[..., Any]) -> Iterator[Mistake]:
    trigger = function.trigger
    if isinstance(trigger, Route) and not isinstance(cast(object, trigger.path), str):
        reason = f"{function.handler.__name__}() has the path {trigger.path!r}"
        yield Mistake(function.place, reason, 'a path is text, as in "/notes/{id}"')
