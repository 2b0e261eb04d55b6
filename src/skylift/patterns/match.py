"""A compiled pattern against one message. Each alternative is a conjunction over leaves; arrays
match when any element does, and two fields of one object in an array must be found in the same
element, as Event Ruler, which EventBridge runs, has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias, cast

Matches: TypeAlias = Callable[[Any], bool]
Taken: TypeAlias = dict[int, int]  # which element of each array was gone through

MISSING: Any = object()


class Leaf(NamedTuple):
    """One constrained leaf: `test` tells of a value, `absent` whether there may be none."""

    path: tuple[str, ...]
    test: Matches
    absent: bool


def everything(_: Any) -> bool:
    return True


def matcher(alternatives: list[list[Leaf]]) -> Matches:
    """Tells whether any of them holds."""
    # Event Ruler goes through the fields by name, and what it found in one decides what
    # counts as absent in the next.
    in_order = [tuple(sorted(one, key=lambda leaf: ".".join(leaf.path))) for one in alternatives]
    if len(in_order) == 1:
        (only,) = in_order
        return lambda message: _holds(only, message)
    return lambda message: any(_holds(one, message) for one in in_order)


def _holds(leaves: tuple[Leaf, ...], message: Any) -> bool:
    """At once while no array of objects is met, which is nearly always."""
    for path, test, absent in leaves:
        value = message
        for step in path:
            if type(value) is dict:
                value = cast("dict[str, Any]", value).get(step, MISSING)
            elif type(value) is list:
                return _found(leaves, 0, message, {})
            else:
                value = MISSING
        if type(value) is list:
            elements = cast("list[Any]", value)
            if any(type(one) in (dict, list) for one in elements):
                return _found(leaves, 0, message, {})
            # Plain ones: nothing else is found in them.
            if not (any(map(test, elements)) or (absent and not elements)):
                return False
        elif value is MISSING or type(value) is dict:
            if not absent:
                return False
        elif not test(value):
            return False
    return True


def _found(leaves: tuple[Leaf, ...], at: int, message: Any, taken: Taken) -> bool:
    """Whether the leaves from `at` on can be found beside what was taken for those before."""
    if at == len(leaves):
        return True
    path, test, absent = leaves[at]
    reached = list(_reached(message, path, taken))
    if absent and not reached:
        return _found(leaves, at + 1, message, taken)
    return any(test(value) and _found(leaves, at + 1, message, new) for value, new in reached)


def _reached(value: Any, path: tuple[str, ...], taken: Taken) -> Iterator[tuple[Any, Taken]]:
    """Every leaf at the end of the path, with the elements of arrays that led to it."""
    if type(value) is list:
        elements = cast("list[Any]", value)
        only = taken.get(id(elements))
        for index, element in enumerate(elements):
            if only is None or only == index:
                yield from _reached(element, path, {**taken, id(elements): index})
    elif type(value) is dict:
        inner = cast("dict[str, Any]", value).get(path[0], MISSING) if path else MISSING
        if inner is not MISSING:
            yield from _reached(inner, path[1:], taken)
    elif not path:
        yield value, taken
