"""Numbers and keys as columns: the order of the encoding is the order of the values; equal values
are one key.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift import Invalid, Struct
from skylift.codec import ItemCodec, KeyField
from skylift.codec.misfit import Misfit
from skylift.codec.number import sortable, total, trimmed
from tests.trials import trials


class Kind(Enum):
    B = "b"
    A = "a"
    AB = "ab"


class Level(IntEnum):
    LOW = -5
    HIGH = 12


class Keys(Struct):
    text: str
    whole: int
    exact: Decimal
    raw: bytes
    ident: UUID
    at: datetime
    day: date
    kind: Kind
    level: Level


CODEC = ItemCodec(Keys, "table 'keys'")


def field(name: str, size_max: int = 2048) -> KeyField:
    return KeyField(name, CODEC.find(name)[1][-1], "table 'keys'", size_max)


def decimals(places: int = 38) -> st.SearchStrategy[Decimal]:
    """Over the whole domain: any digits, any scale that stays inside."""
    digits = st.integers(-(10**places) + 1, 10**places - 1)
    return st.builds(scaled, digits, st.integers(-130, 125))


def scaled(digits: int, adjusted: int) -> Decimal:
    """The digits, scaled so that the first stands at this power of ten."""
    return Decimal(
        (digits < 0, tuple(map(int, str(abs(digits)))), adjusted - len(str(abs(digits))) + 1)
    )


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES) | st.datetimes(
    datetime(2026, 1, 1), datetime(2026, 1, 2), timezones=ZONES
)
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "whole": st.integers(-(10**38) + 1, 10**38 - 1) | st.integers(-1000, 1000),
    "exact": decimals() | decimals(2) | st.decimals(-10, 10, places=2) | st.integers(-99, 99),
    "raw": st.binary(min_size=1, max_size=8) | st.binary(min_size=1, max_size=3),
    "ident": st.uuids(),
    "at": MOMENTS,
    "day": st.dates(),
    "kind": st.sampled_from(Kind),
    "level": st.sampled_from(Level),
}


def by_value(value: Any) -> Any:
    """What the order of keys is meant to be."""
    if isinstance(value, Enum):
        return value.value
    return value.encode() if isinstance(value, str) else value


@pytest.mark.parametrize("name", VALUES)
def test_columns_have_the_order_of_their_values(name: str) -> None:
    column = field(name).column
    some = 2000 if name in ("whole", "exact", "at") else 300

    @trials(some)
    @given(VALUES[name], VALUES[name])
    def holds(one: Any, other: Any) -> None:
        left, right = column(one), column(other)
        assert isinstance(left, str) == isinstance(right, str)
        as_bytes = [part.encode() if isinstance(part, str) else part for part in (left, right)]
        assert (as_bytes[0] < as_bytes[1]) == (by_value(one) < by_value(other))
        assert (left == right) == (one == other)

    holds()


@trials(2000)
@given(decimals(), st.integers(0, 37))
def test_the_same_number_written_otherwise_is_the_same_key(value: Decimal, zeros: int) -> None:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    longer = Decimal((sign, digits + (0,) * zeros, exponent - zeros))
    column = field("exact").column
    assert column(value) == column(longer)
    if value == int(value):
        assert column(int(value)) == column(value) == field("whole").column(int(value))


@trials(1000)
@given(st.integers(1, 10**12), st.integers(0, 24), st.integers(0, 100), st.sampled_from([1, -1]))
def test_a_number_and_one_that_begins_with_its_digits(
    digits: int, zeros: int, more: int, sign: int
) -> None:
    short, long = (
        Decimal(sign * digits),
        Decimal(sign * digits) + sign * Decimal(more).scaleb(-zeros),
    )
    for scale in (0, -zeros, 30):
        one, other = short.scaleb(scale), long.scaleb(scale)
        column = field("exact").column
        assert (column(one) < column(other)) == (one < other)
        assert (column(one) == column(other)) == (one == other)


@trials(1000)
@given(decimals(), decimals())
def test_a_sum_is_exact_or_refused(one: Decimal, other: Decimal) -> None:
    from fractions import Fraction

    exact = Fraction(one) + Fraction(other)
    try:
        found = total(one, other)
    except Misfit:
        digits = str(abs(exact.numerator * 10**200 // exact.denominator)).strip("0")
        assert len(digits) > 38 or abs(exact) >= 10**126 or 0 < abs(exact) < Fraction(1, 10**130)
    else:
        assert Fraction(found) == exact


def test_numbers_at_the_edge_of_the_domain() -> None:
    most = Decimal("9" * 38 + "E+88")
    assert trimmed(most) == most
    assert sortable(10**125) > sortable(10**125 - 10**90)
    for outside in ("1E+126", "1E-131", "NaN", "sNaN", "-Infinity", "1" * 39, "1." + "1" * 38):
        with pytest.raises(Misfit):
            trimmed(Decimal(outside))


def test_keys_of_the_wrong_type_are_refused() -> None:
    wrong: dict[str, list[Any]] = {
        "text": [5, b"x", None, Kind.A, ""],
        "whole": ["5", 5.0, True, None, Decimal(5), 10**38 + 1],
        "exact": [5.0, "5", True, Decimal("NaN")],
        "raw": ["x", 5, b""],
        "ident": ["a5a5a5a5-0000-4000-8000-00000000000a", 5],
        "at": [datetime(2026, 1, 1), date(2026, 1, 1), "2026-01-01"],
        "day": [datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01"],
        "kind": ["a", Level.LOW],
        "level": [12, Kind.A],
    }
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(Invalid, match=f"table 'keys': {name}"):
                field(name).column(value)


def test_a_str_enum_that_is_a_str_is_its_value_as_a_text_key() -> None:
    class Plain(StrEnum):
        A = "a"

    assert field("text").column(Plain.A) == "a"
    assert type(field("text").column(Plain.A)) is str


@trials(500)
@given(TEXT)
def test_the_size_of_a_key_is_counted_in_utf_8(text: str) -> None:
    size = len(text.encode())
    assert field("text", size).column(text) == text
    with pytest.raises(Invalid, match="limit"):
        field("text", size - 1).column(text)
