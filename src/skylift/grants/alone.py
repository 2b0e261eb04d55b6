"""Values that say all of what they are: nothing of them is in the store."""

from __future__ import annotations

from collections.abc import Iterable

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
    return all(map(is_alone, values))


def all_stand_alone(several: Iterable[Values]) -> bool:
    return all(map(stands_alone, several))


def is_alone(atom: Atom) -> bool:
    if isinstance(atom, ALONE):
        return True
    match atom:
        case Pending():
            return atom.made < 0 and stands_alone(atom.result)
        case Perhaps() | Builtin():
            return is_alone(atom.of)
        case Method():
            return is_alone(atom.function) and is_alone(atom.me)
        case _:
            return False
