"""What a grants case expects, said on the handler: `@expects(notes="get tx.put")` above the
trigger's decorator; `tx.put` is a put in a transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from skylift import Function

F = TypeVar("F", bound="Function[..., Any]")


class Expected(NamedTuple):
    function: Function[..., Any]
    alone: frozenset[tuple[str, str]]
    together: frozenset[tuple[str, str]]
    refused: bool  # no walk can see it: the right answer is a refusal, never a miss

    @property
    def verbs(self) -> frozenset[tuple[str, str]]:
        return self.alone | self.together


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
        pairs = [(name, verb) for name, said in verbs.items() for verb in said.split()]
        alone = frozenset(pair for pair in pairs if not pair[1].startswith("tx."))
        together = frozenset((name, verb[3:]) for name, verb in pairs if verb.startswith("tx."))
        case = Expected(function, alone, together, refused)
        CASES[f"{handler.__module__}.{handler.__name__}"] = case
        return function

    return keep
