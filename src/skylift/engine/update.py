"""What an Update does to a stored item: attributes set, added to and removed by their paths, in its
tree, so that fields of an older declaration stay. No path lies inside another, so order plays no
part.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any, cast

from msgspec import Struct

from ..codec import ItemCodec, Misfit
from ..codec.misfit import described
from ..codec.number import real, total
from ..codec.shape import Shape
from ..codec.tree import decode_json, encode_json
from ..errors import DeclarationError, Invalid, Mistake
from ..ports import Update


class Step(Struct, frozen=True):
    """One attribute: the names it is stored under, its place and its parent's, and its change."""

    path: str
    names: list[str]
    place: Shape
    parent: Shape
    value: Any  # a tree; None takes the attribute away
    adds: bool = False


def steps(codec: ItemCodec, update: Update, key: tuple[str, ...]) -> list[Step]:
    """The update, held against the declared type before anything is read. DeclarationError for a
    path that cannot be meant, Invalid for a value that cannot stand there.
    """
    _refuse_overlap(codec, [*update.set, *update.add, *update.remove])
    found: list[Step] = []
    wanted = [
        *((path, value, _written) for path, value in update.set.items()),
        *((path, value, _amount) for path, value in update.add.items()),
        *((path, None, _written) for path in update.remove),
    ]
    for path, value, tree_of in wanted:
        if path.split(".")[0] in key:
            raise _mistake(codec, path, "a key field stays what it is", "delete and create instead")
        names, shapes = codec.find(path)
        try:
            tree = None if value is None else tree_of(codec, path, shapes[-1], value)
        except Misfit as misfit:
            misfit.path.append(f".{path}")
            raise codec.invalid(misfit) from None
        found.append(Step(path, names, shapes[-1], shapes[-2], tree, tree_of is _amount))
    return found


def applied(codec: ItemCodec, text: str, changes: list[Step]) -> str:
    """The text of the item afterwards; Invalid where a parent is absent or a sum is too long."""
    tree: dict[str, Any] = decode_json(text)
    for step in changes:
        parent, name = _parent(codec, tree, step), step.names[-1]
        if step.adds:
            parent[name] = _sum(codec, step, parent.get(name))
        elif step.value is not None:
            parent[name] = step.value
        elif step.place.nullable and step.parent.objects:
            parent[name] = None  # as a put leaves it
        else:
            parent.pop(name, None)
    return codec.stored(tree)


def _refuse_overlap(codec: ItemCodec, paths: list[str]) -> None:
    """DynamoDB takes no two changes of one place, nor of a place and what lies inside it."""
    ordered = sorted(path.split(".") for path in paths)
    for outer, inner in itertools.pairwise(ordered):
        if inner[: len(outer)] == outer:
            reason = f"the update changes {'.'.join(outer)!r} already"
            raise _mistake(codec, ".".join(inner), reason, "say one of them")


def _written(codec: ItemCodec, path: str, place: Shape, value: Any) -> Any:
    return place.write(value, path.count(".") + 1)


def _amount(codec: ItemCodec, path: str, place: Shape, value: Any) -> Any:
    """A number, or the elements to unite with a set."""
    if place.array is set:
        try:
            return decode_json(encode_json(place.write(value)))
        except UnicodeEncodeError:
            raise Misfit("text", "a lone surrogate") from None
    if not place.numeric:
        remedy = "add takes numbers and sets"
        raise _mistake(codec, path, f"{place.called} cannot be added to", remedy)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise Misfit("a number", described(value))
    return total(0, real(value) if isinstance(value, float) else value)


def _parent(codec: ItemCodec, tree: dict[str, Any], step: Step) -> dict[str, Any]:
    for name in step.names[:-1]:
        inner = tree.get(name)
        if not isinstance(inner, dict):
            raise Invalid(f"{codec.place}: {step.path}: there is nothing at {name!r} to change")
        tree = cast("dict[str, Any]", inner)
    return tree


def _sum(codec: ItemCodec, step: Step, old: Any) -> Any:
    if step.place.array is set:
        if isinstance(old, list) or old is None:
            return sorted({*cast("list[Any]", old or []), *step.value})
    elif old is None or (isinstance(old, (int, Decimal)) and not isinstance(old, bool)):
        try:
            return total(old or 0, step.value)
        except Misfit as misfit:
            misfit.path.append(f".{step.path}")
            raise codec.invalid(misfit) from None
    raise Invalid(f"{codec.place}: {step.path}: what is stored is no {step.place.called}")


def _mistake(codec: ItemCodec, path: str, reason: str, remedy: str) -> DeclarationError:
    return DeclarationError(Mistake(codec.place, f"{path!r}: {reason}", remedy))
