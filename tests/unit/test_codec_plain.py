"""What is read without inspection is read the same as with it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType, defstruct, field

from skylift.codec.inspected import Inspected
from skylift.codec.plain import plain
from skylift.codec.shape import Shape

T = TypeVar("T")
SCALARS: list[Any] = [bool, str, bytes, int, float, Decimal, datetime, date, UUID]


class Line(Struct, rename="camel", frozen=True):
    unit_price: Decimal
    count: int = 1


class Order(Struct, kw_only=True, forbid_unknown_fields=True):
    id: str
    lines: list[Line] = []
    first: Line
    note: str | None = None
    tags: list[str] = field(default_factory=list)
    words: list[list[int]] | None = None


class Later(Order):
    at: datetime | None = None


@dataclass
class Kept:
    id: str
    lines: list[Line]
    note: str | None = None
    count: int = 1
    tags: list[str] = dataclasses.field(default_factory=list)


@dataclass
class Posted:
    id: str
    seen: dataclasses.InitVar[int] = 1


@dataclass
class Made:
    id: str
    at: int = dataclasses.field(init=False, default=1)


@dataclass
class Maybe:
    note: str | None = dataclasses.field(default_factory=str)


class Box(Struct, Generic[T]):
    held: T


class Tree(Struct):
    children: list[Tree] = []


class Tagged(Struct, tag=True):
    id: str


class Flat(Struct, array_like=True):
    id: str


def of(hint: Any, *default: Any) -> Any:
    return defstruct("Made", [("id", str), ("made", hint, *default)])


PLAIN = [
    Line,
    Order,
    Later,
    Kept,
    of(Kept),
    *[of(scalar) for scalar in SCALARS],
    *[of(scalar | None, None) for scalar in SCALARS],
    *[of(list[scalar]) for scalar in SCALARS],
    of(list[str] | None),
    of(int, 5),
]
OTHER = [
    of(set[str]),
    of(dict[str, int]),
    of(Annotated[str, Meta(min_length=1)]),
    of(int | str),
    of(int | str | None, None),
    of(float | Decimal),
    of(str | None, "not None"),
    of(list[str | None]),
    of(str | UnsetType, UNSET),
    of(Any),
    of(tuple[int, ...]),
    Box[int],
    Box,
    Tree,
    Tagged,
    Flat,
    of(Tagged),
    Posted,
    Made,
    Maybe,
    Kept("a", []),
    dict,
    str,
]


@pytest.mark.parametrize("declared", PLAIN)
def test_a_plain_type_has_the_shape_that_inspection_finds(declared: Any) -> None:
    read, inspected = plain(declared), Inspected(declared)
    assert read is not None
    assert inspected.mistakes == []
    assert inspected.checked is False
    assert inspected.decodable is declared
    assert told(read) == told(inspected.root)


@pytest.mark.parametrize("declared", OTHER)
def test_any_other_type_is_left_to_inspection(declared: Any) -> None:
    assert plain(declared) is None


def told(shape: Shape | None) -> Any:
    """Everything a shape says."""
    if shape is None:
        return None
    objects = [
        (one.cls, one.tag, one.keyed, [(*each[:2], each[4], told(each[3])) for each in one.fields])
        for one in shape.objects
    ]
    writers = {kind: getattr(write, "__name__", None) for kind, write in shape.writers.items()}
    inner = told(shape.items), told(shape.keys), told(shape.values)
    return shape.names, writers, shape.text, shape.array, shape.numeric, objects, inner
