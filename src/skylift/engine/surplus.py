"""Whether the body of a request holds a field its type does not declare: found out at once for what
is plain, and by msgspec's inspection for all else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..codec.known import known
from ..codec.plain import plain
from ..codec.shape import Object, Shape

Check: TypeAlias = Callable[[Any], bool]


@known
def surplus_checker(kind: Any) -> Check | None:
    """True for what holds an undeclared field anywhere; None when no value of the type can. The
    value has passed the type already.
    """
    found = plain(kind)
    if found is not None:
        return _checker(found)
    from .check.unknown import unknown_checker

    return unknown_checker(kind)


def _checker(place: Shape) -> Check | None:
    if place.items is not None:
        inner = _checker(place.items)
        return None if inner is None else lambda raw: any(map(inner, raw))
    return _of_object(place.objects[0]) if place.objects else None


def _of_object(known: Object) -> Check:
    names = frozenset(stored for _, stored, *_ in known.fields)
    inner = [(field[1], check) for field in known.fields if (check := _checker(field[3]))]
    if not inner:
        return lambda raw: not names.issuperset(raw)
    return lambda raw: (
        not names.issuperset(raw)
        or any(check(raw[name]) for name, check in inner if raw.get(name) is not None)
    )
