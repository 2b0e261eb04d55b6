"""What an Update does to a stored item: attributes set, added to and removed by their paths, in the tree,
so that fields of an older declaration stay. All values are those of the old item; order plays no part.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from msgspec import Struct

from ..codec import ItemCodec, Misfit
from ..codec.number import real, total
from ..codec.shape import Shape
from ..codec.tree import decode_json, encode_json
from ..errors import DeclarationError, Invalid, Mistake
from ..ports import Update

REMOVED = None


class Step(Struct, frozen=True):
    """One attribute: where it is, what it is declared as inside what, and what happens to it."""

    path: str
    names: list[str]
    shapes: list[Shape]
    value: Any  # a tree; REMOVED takes the attribute away
    adds: bool = False


def steps(codec: ItemCodec, update: Update, key: tuple[str, ...]) -> list[Step]:
    """The update, held against the declared type before anything is read. DeclarationError for a path
    that cannot be meant, Invalid for a value that cannot stand there.
    """
    _refuse_overlap(codec, [*update.set, *update.add, *update.remove])
    found: list[Step] = []
    for path, value in update.set.items():
        found.append(_step(codec, key, path, value, REMOVED if value is None else _written))
    for path, value in update.add.items():
        found.append(_step(codec, key, path, value, _added))
    for path in update.remove:
        found.append(_step(codec, key, path, None, REMOVED))
    return found


def applied(codec: ItemCodec, text: str, changes: Iterable[Step]) -> str:
    """The text of the item afterwards; Invalid where a parent is absent or a sum leaves the domain."""
    tree = decode_json(text)
    for step in changes:
        held: Any = tree
        for name in step.names[:-1]:
            held = held.get(name)
            if not isinstance(held, dict):
                raise Invalid(f"{codec.place}: {step.path!r}: there is nothing at {name!r} to change")
        parent = cast("dict[str, Any]", held)
        name = step.names[-1]
        if step.adds:
            parent[name] = _sum(codec, step, parent.get(name))
        elif step.value is not REMOVED:
            parent[name] = step.value
        elif step.shapes[-1].nullable and step.shapes[-2].objects:
            parent[name] = None  # as a put would leave it
        else:
            parent.pop(name, None)
    return codec.stored(tree)
