"""A function: a handler, the trigger that calls it, and its limits. Nothing registers itself; an
App collects.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    ParamSpec,
    TypeAlias,
    TypedDict,
    TypeVar,
)

if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object  # as with the ports, a cold start would pay for it

P = ParamSpec("P")
R = TypeVar("R")
Ends = TypeVar("Ends", None, Coroutine[Any, Any, None])  # of a handler whose result is nobody's
Verb: TypeAlias = Callable[..., Any]  # a bound verb, said as items.scan


class Limits(TypedDict, total=False):
    """Options of every trigger."""

    memory_mb: int
    timeout_s: float
    concurrency_max: int | None
    uses: tuple[Verb, ...]
    warm: int
    isolate: bool


DEFAULTS = Limits(memory_mb=256, timeout_s=10, concurrency_max=None, uses=(), warm=0, isolate=False)


class Trigger(Protocol):
    """What calls a function; `resource` is the declared thing it hangs on."""

    kind: ClassVar[str]

    @property
    def resource(self) -> Any: ...


class Function(Generic[P, R]):
    """A handler with its trigger and limits. Calling it calls the handler and nothing else."""

    __slots__ = ("__weakref__", "handler", "limits", "name", "place", "trigger")

    def __init__(self, handler: Callable[P, R], trigger: Trigger, limits: Limits) -> None:
        self.handler, self.trigger = handler, trigger
        self.limits: dict[str, Any] = {**DEFAULTS, **limits}  # as said; the graph checks them
        self.place = place_of(handler)
        self.name = getattr(handler, "__qualname__", "")  # in its app, once the graph knows it

    if TYPE_CHECKING:

        def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...

    else:

        def __call__(self, *args, **kwargs):
            return self.handler(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Function {self.handler.__module__}.{self.handler.__qualname__}>"


class Decorator(Protocol):
    """Turns any handler into a Function with the handler's own signature."""

    def __call__(self, handler: Callable[P, R], /) -> Function[P, R]: ...


def place_of(handler: Any) -> str:
    """`notes.py:28`, as mistakes and logs name it. What is no function has no place of its own: it
    is where it was given a trigger.
    """
    while hasattr(handler, "__wrapped__"):
        handler = handler.__wrapped__
    code = getattr(handler, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else place_of_caller()[0]


def place_of_caller() -> tuple[str, str]:
    """File and line of the nearest frame outside skylift and typing, and that frame's module."""
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in (
        "skylift",
        "typing",
    ):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}", frame.f_globals.get("__name__", "")
