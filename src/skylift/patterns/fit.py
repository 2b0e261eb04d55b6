"""Places in the declared type of a message, and whether what a pattern wants can stand there."""

from __future__ import annotations

from collections.abc import Iterator

from ..codec.shape import Shape, merged
from .entry import Presence, Wanted
from .wrong import Unfit

KINDS = {"text": "text", "number": "a number", "bool": "True or False"}


class Place:
    """One field, gone through the lists around it: AWS offers their elements one by one. Nothing is
    known of a shape without names; everything fits there.
    """

    __slots__ = ("_shape", "_shapes", "path", "shown")

    def __init__(self, shape: Shape, path: tuple[str, ...], shown: str = "where") -> None:
        self._shape, self.path, self.shown = shape, path, shown
        self._shapes = list(_elements(shape))

    @property
    def known(self) -> list[str]:
        """The names of its fields."""
        return [name for shape in self._shapes for name in shape.known()]

    @property
    def called(self) -> str:
        return self._shape.called

    @property
    def is_object(self) -> bool:
        """With fields, whether they are known or not."""
        return any(shape.objects or shape.values or not shape.names for shape in self._shapes)

    @property
    def is_leaf(self) -> bool:
        return not self.is_object or any(
            shape.text
            or shape.numeric
            or shape.nullable
            or bool in shape.writers
            or not shape.names
            for shape in self._shapes
        )

    def at(self, name: str) -> Place | None:
        shown = f"{self.shown}.{name}"
        if any(not shape.names for shape in self._shapes):
            return Place(Shape(), (*self.path, name), shown)
        found = [(one, inner) for one in self._shapes if (inner := one.at(name)) is not None]
        if not found:
            return None
        inner = found[0][1] if len(found) == 1 else merged([inner for _, inner in found])
        return Place(inner, (*self.path, found[0][0].stored(name)), shown)

    def takes(self, kind: str) -> bool:
        return any(
            not shape.names
            or (kind == "text" and shape.text is not None)
            or (kind == "number" and shape.numeric)
            or (kind == "bool" and bool in shape.writers)
            for shape in self._shapes
        )


def check(one: Wanted | Presence, place: Place) -> None:
    """Unfit when no value of the declared type can be what is wanted."""
    if not place.is_leaf:
        some = next(iter(place.known), "name")
        remedy = f'only leaves are compared: name a field of it, {{"{some}": […]}}'
        raise Unfit(f"{place.called} is no leaf", remedy)
    if isinstance(one, Wanted) and one.kind in KINDS and not place.takes(one.kind):
        remedy = "compare what stands in its JSON: dates, bytes and UUIDs are text there"
        matched = f"{one.document!r} matches {KINDS[one.kind]}"
        raise Unfit(f"{matched}, and the field is {place.called}", remedy)


def _elements(shape: Shape) -> Iterator[Shape]:
    """The shape itself and, of a list, that of its elements."""
    if shape.array is None or shape.objects or shape.values or shape.text or shape.numeric:
        yield shape
    if shape.items is not None:
        yield from _elements(shape.items)
