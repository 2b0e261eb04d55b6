"""Undeclared fields of a plain type are found as inspection finds them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from skylift.codec.plain import plain
from skylift.engine.check.unknown import unknown_checker
from skylift.engine.surplus import surplus_checker


class Line(Struct, rename="camel"):
    unit_price: int = 1


class Order(Struct):
    id: str
    lines: list[Line] = []
    first: Line | None = None
    grid: list[list[Line]] | None = None
    tags: list[str] = []


BODIES: list[dict[str, Any]] = [
    {"id": "a"},
    {"id": "a", "more": 1},
    {"id": "a", "lines": [{"unitPrice": 1}, {}]},
    {"id": "a", "lines": [{"unitPrice": 1}, {"unit_price": 1}]},
    {"id": "a", "first": None, "grid": None},
    {"id": "a", "first": {"more": 1}},
    {"id": "a", "grid": [[], [{}, {"more": 1}]]},
    {"id": "a", "tags": ["more"]},
]


@pytest.mark.parametrize("body", BODIES)
def test_a_surplus_field_is_found_at_every_depth(body: dict[str, Any]) -> None:
    assert plain(Order) is not None
    quick, thorough = surplus_checker(Order), unknown_checker(Order)
    assert quick is not None
    assert thorough is not None
    assert quick(body) is thorough(body)


def test_any_other_type_is_inspected() -> None:
    check = surplus_checker(dict[str, Line])
    assert check is not None
    assert check({"a": {"more": 1}}) is True
    assert surplus_checker(list[int]) is None
