"""A type as the codec sees it. What is plain is read at once; all else by msgspec's inspection,
which finds what could not be stored, too.
"""

from __future__ import annotations

from typing import Any

from .known import known
from .plain import plain
from .shape import Shape


class Declared:
    """`mistakes` pairs what is wrong with what to do; while there is one the shape is of no use.
    `checked`: only decoding what was written tells whether it is legal.
    """

    __slots__ = ("checked", "decodable", "mistakes", "root")

    def __init__(self, declared: Any) -> None:
        self.root = Shape()
        self.mistakes: list[tuple[str, str]] = []
        self.checked, self.decodable = False, declared
        found = plain(declared)
        if found is not None:
            self.root = found
            return
        from .inspected import Inspected

        read = Inspected(declared)
        self.root, self.mistakes = read.root, read.mistakes
        self.checked, self.decodable = read.checked, read.decodable


@known
def declared_as(item: Any) -> Declared:
    return Declared(item)


def is_model(cls: Any) -> bool:
    """A pydantic model, told by its shape: pydantic is never imported from here."""
    return isinstance(cls, type) and hasattr(cls, "model_validate") and hasattr(cls, "model_fields")


def is_one_kind(place: Shape) -> bool:
    """Only text, only bytes or only numbers: what may be a key or stand in a set."""
    nested = place.array or place.objects or place.values
    return not nested and bool not in place.writers and (place.text is not None) != place.numeric
