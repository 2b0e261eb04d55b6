"""What becomes of one item in one write, whoever stores it and however."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ..codec.shape import Shape
from ..codec.tree import attribute_places, meaning
from ..resources.change import Kind

V = TypeVar("V")  # an item as it is stored


def stories(
    before: V | None, after: V | None, is_same: Callable[[V, V], bool], *, is_over: bool
) -> Iterator[tuple[Kind, V | None, V | None]]:
    """What happened, with the item before and after it. One that has expired is gone before
    anything else happens to it; nothing is told of what stays the same.
    """
    if is_over and before is not None:
        yield "expired", before, None
        before = None
    if before is None:
        if after is not None:
            yield "created", None, after
    elif after is None:
        yield "deleted", before, None
    elif not is_same(before, after):
        yield "updated", before, after


def is_same(one: dict[str, Any], other: dict[str, Any], shape: Shape) -> bool:
    """Whether two stored trees say the same, be it in other words: absence as null, a number in
    more digits. Mostly the first attribute that differs tells.
    """
    ones, others = attribute_places(one, shape), attribute_places(other, shape)
    for name in one.keys() | other.keys():
        was, became = one.get(name), other.get(name)
        if was != became and meaning(was, ones(name)) != meaning(became, others(name)):
            return False
    return bool(meaning(one, shape) == meaning(other, shape))  # True is 1 to Python alone
