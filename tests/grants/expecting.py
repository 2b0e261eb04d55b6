"""What a grants case expects, said on the handler: `@expects(notes="get put")` above the trigger's
decorator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from skylift import Function

F = TypeVar("F", bound="Function[..., Any]")


class Expected(NamedTuple):
    function: Function[..., Any]
    verbs: frozenset[tuple[str, str]]
    refused: bool  # no walk can see it: the right answer is a refusal, never a miss


CASES: dict[str, Expected] = {}


def expects(**verbs: str) -> Callable[[F], F]:
    """These verbs and no others: `expects(notes="get put", orders="create")`."""
    return _case(verbs, refused=False)


def refused(**verbs: str) -> Callable[[F], F]:
    """The handler does reach these verbs, but only by means that cannot be read from its source."""
    return _case(verbs, refused=True)


def _case(verbs: dict[str, str], *, refused: bool) -> Callable[[F], F]:
    def keep(function: F) -> F:
        handler = function.handler
        pairs = frozenset((name, verb) for name, said in verbs.items() for verb in said.split())
        CASES[f"{handler.__module__}.{handler.__name__}"] = Expected(function, pairs, refused)
        return function

    return keep
