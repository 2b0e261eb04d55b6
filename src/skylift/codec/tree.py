"""Stored trees and what they mean by their shape: their size as DynamoDB counts it, what an older
one lacks, and the values conditions compare. Trees come from JSON: bytes are base64, sets
are lists.
"""

from __future__ import annotations

from binascii import Error, a2b_base64
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias, cast
from uuid import UUID

from msgspec import json

from .declared import declared_as
from .misfit import Misfit, described
from .number import real, trimmed, whole
from .shape import Shape, date_text, id_text, utc_text

encode_json = json.Encoder(decimal_format="number").encode
# Numbers stay exact: an int, or the Decimal of the literal.
decode_json: Callable[[str | bytes], Any] = json.Decoder(float_hook=Decimal).decode

# What a condition compares: str, bytes, int or Decimal, a Truth (True is not 1), a list, a
# frozenset, or a dict without what is absent. Two are equal when DynamoDB says so.
Meaning: TypeAlias = Any


def item_bytes(tree: dict[str, Any], shape: Shape) -> int:
    """Names and values of a whole item."""
    inner = attribute_places(tree, shape)
    there = sum(is_there(part, inner(name)) for name, part in tree.items())
    return bytes_of(tree, shape) - 3 - there


def is_there(tree: Any, place: Shape | None) -> bool:
    """None is absence, and so is an empty set."""
    return tree is not None and not (tree == [] and place is not None and place.array is set)


def bytes_of(tree: Any, place: Shape | None) -> int:
    """UTF-8 for text, a byte for two digits, 3 for a container and 1 for each element."""
    if isinstance(tree, str):
        if place is not None and place.text is bytes:
            return len(tree) // 4 * 3 - tree[-2:].count("=")
        return len(tree.encode())
    if tree is None or isinstance(tree, bool):
        return 1
    if isinstance(tree, dict):
        held = cast("dict[str, Any]", tree)
        inner = attribute_places(held, place)
        placed = [(name, part, inner(name)) for name, part in held.items()]
        return 3 + sum(
            1 + len(name.encode()) + bytes_of(part, place)
            for name, part, place in placed
            if is_there(part, place)
        )
    if isinstance(tree, list):
        parts = cast("list[Any]", tree)
        size = sum(bytes_of(part, place.items if place else None) for part in parts)
        return size if place is not None and place.array is set else 3 + len(parts) + size
    digits = "".join(map(str, Decimal(tree).as_tuple().digits)).strip("0")
    return 1 + (len(digits) + 1) // 2 + (tree < 0)


def filled(tree: Any, place: Shape | None) -> Any:
    """The tree with today's fields only, and absence written out where a field must be there."""
    if place is None:
        return tree
    if isinstance(tree, list):
        return [filled(part, place.items) for part in cast("list[Any]", tree)]
    if not isinstance(tree, dict):
        return tree
    held = cast("dict[str, Any]", tree)
    member = place.member(held)
    if member is None:
        return {name: filled(part, place.values) for name, part in held.items()}
    out: dict[str, Any] = {member.tag[0]: member.tag[1]} if member.tag else {}
    for _, stored, _, shape, required in member.fields:
        part = held.get(stored)
        if part is not None:
            out[stored] = filled(part, shape)
        elif shape.nullable and (stored in held or required):
            out[stored] = None
        elif shape.array is set and required:
            out[stored] = []
    return out


class Truth:
    """A bool that is no number."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Truth) and other.value == self.value

    def __hash__(self) -> int:
        return hash((Truth, self.value))


def meaning(tree: Any, place: Shape | None) -> Meaning:
    """What a stored tree says; None for what is absent."""
    if isinstance(tree, bool):
        return Truth(tree)
    if isinstance(tree, str):
        return _bytes(tree) if place is not None and place.text is bytes else tree
    if isinstance(tree, list):
        inner = place.items if place is not None else None
        parts = [meaning(part, inner) for part in cast("list[Any]", tree)]
        if place is None or place.array is not set:
            return parts
        return frozenset(parts) or None
    if isinstance(tree, dict):
        held = cast("dict[str, Any]", tree)
        at = attribute_places(held, place)
        named = {name: meaning(part, at(name)) for name, part in held.items()}
        return {name: part for name, part in named.items() if part is not None}
    return tree


def meaning_of(value: Any) -> Meaning:
    """What an author's value says; Misfit when no item could hold it."""
    for cls, say in SAYING:
        if isinstance(value, cls):
            return say(value)
    declared = declared_as(type(value))
    if declared.mistakes:
        raise Misfit("a value an item can hold", described(value))
    return meaning(decode_json(encode_json(declared.root.write(value))), declared.root)


def _of_str(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Misfit("text", "a lone surrogate") from None
    return str.__str__(value)


def _of_dict(value: dict[Any, Any]) -> Meaning:
    for key in value:
        if not isinstance(key, str):
            raise Misfit("str keys", described(key))
    return {key: meaning_of(part) for key, part in value.items() if part is not None}


# In this order: an enum may be a str or an int, a bool is an int, a datetime is a date.
SAYING: tuple[tuple[Any, Callable[[Any], Meaning]], ...] = (
    (Enum, lambda value: meaning_of(value.value)),
    (bool, Truth),
    (str, _of_str),
    (int, lambda value: whole(int(value))),
    (float, lambda value: trimmed(Decimal(repr(real(float(value)))))),
    (Decimal, trimmed),
    (bytes, bytes),
    (datetime, utc_text),
    (date, date_text),
    (UUID, id_text),
    ((list, tuple), lambda value: [meaning_of(part) for part in value]),
    ((set, frozenset), lambda value: frozenset(meaning_of(part) for part in value)),
    (dict, _of_dict),
)


def _bytes(text: str) -> bytes | str:
    try:
        return a2b_base64(text)
    except Error:
        return text


def attribute_places(tree: dict[str, Any], place: Shape | None) -> Callable[[str], Shape | None]:
    """The shapes of an object's attributes, by the names they are stored under."""
    if place is None:
        return lambda _: None
    member = place.member(tree)
    return (lambda _: place.values) if member is None else member.stored_at
