"""Calls that need not be read again. What a call does with arguments that stand for themselves
follows from them, and from what outlives calls, unless it leaves something that may run later or
met a call that was still being read. A pass that is counted changes nothing of what outlives calls.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from .frame import Walk
from .values import (
    Atom,
    BoundVerb,
    Builtin,
    Const,
    Foreign,
    Item,
    Known,
    Method,
    Missing,
    Pending,
    Perhaps,
    Plain,
    Unknown,
    Values,
)

ALONE = (Const, Plain, Item, Known, Unknown, Missing, BoundVerb, Foreign)


def stands_alone(values: Values) -> bool:
    """Whether these say all of what they are: nothing of it is in the store."""
    return all(map(_is_alone, values))


def all_stand_alone(several: Iterable[Values]) -> bool:
    return all(map(stands_alone, several))


def _is_alone(atom: Atom) -> bool:
    match atom:
        case Pending():
            return stands_alone(atom.result)
        case Perhaps() | Builtin():
            return _is_alone(atom.of)
        case Method():
            return _is_alone(atom.function) and _is_alone(atom.me)
        case _:
            return isinstance(atom, ALONE)


class Reading:
    """One call that is read: `keep` its result for the next one with the same key."""

    __slots__ = ("_before", "_key", "_walk")

    def __init__(self, walk: Walk, key: Hashable) -> None:
        self._walk, self._key = walk, key
        self._before = self._traces()

    def keep(self, result: Values) -> None:
        if self._before == self._traces() and stands_alone(result):
            self._walk.read[self._key] = result

    def _traces(self) -> tuple[int, int, int]:
        walk = self._walk
        return walk.unsettled, walk.store.outliving, walk.deferrals
