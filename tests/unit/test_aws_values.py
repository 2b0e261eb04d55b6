"""Items to attribute values and back: what the codec accepts comes back equal, in a form DynamoDB
takes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift.aws.deploy.table import EXPIRES as DEPLOYED
from skylift.aws.runtime.value_dynamodb import (
    EXPIRES,
    Layout,
    expires_s,
    moment_text,
    number_of,
    number_text,
    object_of,
    over_below,
    text_of,
)
from skylift.codec.number import real, trimmed, whole
from skylift.errors import Invalid
from skylift.testing.contracts.tables.stock import (
    Holding,
    Seat,
    Session,
    Ticket,
    events,
    holding,
    holdings,
    measures,
    seats,
    sessions,
    tickets,
)
from skylift.testing.contracts.tables.writes import ENDS
from tests.trials import trials
from tests.unit.test_condition_model import SUBJECTS, Subject, subjects

HOLDINGS, SUBJECT, SEATS = Layout(holdings), Layout(subjects), Layout(seats)
NOW = datetime(2026, 11, 29, 12, 0, 0, 250_000, tzinfo=UTC)
NOW_US = int(NOW.timestamp() * 1_000_000)

SCALARS = {"S": str, "B": str, "N": str, "BOOL": bool}


def kept(layout: Layout, item: Any) -> Any:
    attributes = layout.item(item)
    for value in attributes.values():
        assert_allowed(value)
    return layout.codec.decode(text_of(object_of(attributes)))


def assert_allowed(value: dict[str, Any]) -> None:
    """By DynamoDB's rules: one type, at most 38 digits, sets neither empty nor with doubles."""
    ((kind, held),) = value.items()
    if kind in SCALARS:
        assert type(held) is SCALARS[kind]
        parts = [held] if kind == "N" else []
    elif kind == "M":
        parts = []
        for inner in held.values():
            assert_allowed(inner)
    elif kind == "L":
        parts = []
        for inner in held:
            assert_allowed(inner)
    else:
        assert kind in ("SS", "NS", "BS")
        assert held
        assert len(set(held)) == len(held)
        parts = held if kind == "NS" else []
    for number in cast("list[str]", parts):
        assert len(Decimal(number).normalize().as_tuple().digits) <= 38
        assert len(number) <= 45


@pytest.mark.parametrize("values", [{}, *ENDS])
def test_the_ends_of_the_domain_come_back(values: dict[str, Any]) -> None:
    assert kept(HOLDINGS, holding(**values)) == holding(**values)
    assert kept(HOLDINGS, Holding("defaults")) == Holding("defaults")


@trials(300)
@given(SUBJECTS)
def test_items_come_back_equal(subject: Subject) -> None:
    assert kept(SUBJECT, subject) == subject


NUMBERS = st.one_of(
    st.integers(-(10**38) + 1, 10**38 - 1).map(whole),
    st.floats(-1e120, 1e120).filter(lambda one: one == 0 or abs(one) > 1e-120).map(real),
    st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**24)),
    st.builds(
        lambda digits, exponent: Decimal(digits).scaleb(exponent),
        st.integers(-(10**27), 10**27),
        st.integers(-100, 90),
    ),
)


@given(NUMBERS)
def test_a_number_keeps_its_value(number: Any) -> None:
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    try:
        trimmed(exact)
    except Exception:  # more digits than any number here has
        return
    text = number_text(trimmed(exact))
    assert number_of(text) == exact
    assert number_text(number_of(text)) == text


def test_what_is_absent_has_no_attribute() -> None:
    attributes = HOLDINGS.item(holding(either=None, tags=set(), box=None))
    assert {"either", "tags", "box", "unset"} & set(attributes) == set()
    assert HOLDINGS.item(Holding("h"))["words"] == {"L": []}


def test_keys_are_stored_by_their_kind() -> None:
    assert SEATS.key(("r", 7)) == {"room": {"S": "r"}, "no": {"N": "7"}}
    assert Layout(measures).key((Decimal("5.00"), Decimal("1E+2"))) == {
        "series": {"N": "5"},
        "at": {"N": "100"},
    }
    event = Layout(events)
    assert event.key_value("raw", b"\x00\xff") == {"B": "AP8="}
    assert event.key_value("at", NOW) == {"S": "2026-11-29T12:00:00.250000Z"}
    with pytest.raises(Invalid, match="owner: a key cannot be empty"):
        SEATS.item(Seat("r", 1, ""))


def test_dynamodb_never_removes_what_has_not_expired() -> None:
    assert EXPIRES == DEPLOYED
    session = Session("a", "ann", NOW)
    assert Layout(sessions).item(session)[EXPIRES] == {"N": str(int(NOW.timestamp()) + 1)}
    whole_second = NOW.replace(microsecond=0)
    assert expires_s(whole_second) == int(whole_second.timestamp())
    assert expires_s(Decimal("1.5")) == 2
    assert expires_s(-5) == 0
    assert expires_s(1e125) == 10**15
    assert EXPIRES not in Layout(sessions).item(Session("a", "ann"))


@given(st.integers(-3_000_000, 3_000_000))
def test_an_item_expires_to_the_microsecond(later_us: int) -> None:
    ends = NOW + timedelta(microseconds=later_us)
    for layout, item in (
        (Layout(sessions), Session("a", "ann", ends)),
        (Layout(tickets), Ticket("a", (NOW_US + later_us) // 1_000_000)),
    ):
        tree = object_of(layout.item(item))
        at_us = NOW_US + later_us if layout.declared is sessions else item.ends * 1_000_000  # type: ignore[union-attr]
        assert layout.is_over(tree, NOW_US) == (at_us <= NOW_US)


def test_moments_are_said_as_they_are_stored() -> None:
    assert moment_text(NOW_US) == "2026-11-29T12:00:00.250000Z"
    assert over_below(NOW_US) == Decimal(NOW_US + 1) / 1_000_000
