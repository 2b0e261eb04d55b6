"""Patterns: AWS's own examples, what may be written, and what every match has in common."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from skylift.codec.shape import Shape
from skylift.patterns import event_pattern, filter_policy, grammar
from skylift.patterns.match import Matches, matcher
from skylift.patterns.read import Reading
from tests.trials import trials
from tests.unit.pattern_vectors import BUS, TOPIC, Vector


class Colour(Enum):
    red = "red"
    blue = "blue"


class Line(Struct):
    sku: str
    count: int = 1


class Order(Struct, rename="camel"):
    order_id: str
    total: Decimal
    colour: Colour
    placed_at: datetime
    lines: list[Line] = []
    tags: list[str] = []
    notes: dict[str, str] = {}
    paid: bool = False
    first: Line | None = None


def compiled(where: Any, of: grammar.Grammar = grammar.BUS) -> Matches:
    """Of a message of which nothing is declared."""
    reading = Reading(where, Shape(), of)
    assert reading.mistakes == []
    return matcher(reading.alternatives)


@pytest.mark.parametrize("vector", BUS, ids=lambda one: f"{one.page} {one.pattern}")
def test_an_event_pattern_matches_what_its_page_says(vector: Vector) -> None:
    matches = compiled(vector.pattern)
    assert [one for one in vector.matching if not matches(one)] == []
    assert [one for one in vector.others if matches(one)] == []


@pytest.mark.parametrize("vector", TOPIC, ids=lambda one: f"{one.page} {one.pattern}")
def test_a_filter_policy_matches_what_its_page_says(vector: Vector) -> None:
    matches = compiled(vector.pattern, grammar.TOPIC)
    assert [one for one in vector.matching if not matches(one)] == []
    assert [one for one in vector.others if matches(one)] == []


# -- what Event Ruler does with arrays


@pytest.mark.parametrize(
    ("where", "is_matched"),
    [
        ({"a": {"x": [{"exists": False}]}}, False),  # some element has it
        ({"a": {"x": ["1"], "y": [{"exists": False}]}}, True),  # the one with that x has no y
        ({"a": {"x": ["2"], "y": [{"exists": False}]}}, False),
        ({"a": {"w": [{"exists": False}], "y": ["3"]}}, True),
        # By name, `x` is looked for before anything says in which element.
        ({"a": {"x": [{"exists": False}], "y": ["3"]}}, False),
        ({"a": {"x": ["1"]}, "$or": [{"a": {"y": ["3"]}}, {"b": [5]}]}, False),
        ({"a": {"x": ["2"]}, "$or": [{"a": {"y": ["3"]}}, {"b": [5]}]}, True),
    ],
)
def test_what_is_absent_is_so_in_the_element_that_was_found(where: Any, is_matched: bool) -> None:
    message = {"a": [{"x": "1"}, {"x": "2", "y": "3"}], "b": 4}
    assert compiled(where)(message) is is_matched


def test_numbers_are_doubles() -> None:
    equal = compiled({"n": [2**53]})
    assert equal({"n": 2**53 + 1})  # as a double it is the same
    assert equal({"n": 9007199254740992.0})
    assert not equal({"n": 2**53 + 2})
    assert compiled({"n": [{"numeric": [">", 1e300]}]})({"n": 10**400})
    assert not compiled({"n": [1]})({"n": True})
    assert not compiled({"n": [True]})({"n": 1})
    assert not compiled({"n": [0]})({"n": None})


def test_letters_have_the_cases_they_have_alone() -> None:
    sharp = compiled({"s": [{"equals-ignore-case": "straße"}]})
    assert [text for text in ("STRASSE", "straße", "Strasse") if sharp({"s": text})] == [
        "STRASSE",
        "straße",
    ]


def test_an_address_is_read_as_it_stands() -> None:
    block = compiled({"ip": [{"cidr": "10.1.2.3/16"}]})
    assert block({"ip": "10.1.255.1"})
    assert block({"ip": "010.001.0.1"})
    assert not block({"ip": "10.2.0.0"})
    assert not block({"ip": "10.1.0"})
    assert not block({"ip": "::ffff:10.1.0.1"})
    assert compiled({"ip": [{"cidr": "2001:db8::/33"}]})({"ip": "2001:DB8:7fff::1"})


# -- beside the declared type


def test_fields_are_named_as_in_python_and_deployed_as_in_json() -> None:
    pattern = event_pattern({"order_id": ["a"], "lines": {"sku": [{"prefix": "x"}]}}, Order)
    assert pattern.document == {"orderId": ["a"], "lines": {"sku": [{"prefix": "x"}]}}
    assert pattern.matches({"orderId": "a", "lines": [{"sku": "y"}, {"sku": "xy"}]})
    assert event_pattern({"colour": [Colour.red]}, Order).document == {"colour": ["red"]}


@pytest.mark.parametrize(
    "where",
    [
        {"total": [{"numeric": [">", 10]}]},
        {"paid": [True]},
        {"tags": [{"suffix": "x"}]},
        {"notes": {"anything": ["x"]}},
        {"placed_at": [{"prefix": "2026-"}]},
        {"lines": {"count": [{"exists": True}]}},
        {"first": [None]},
        {"first": {"sku": ["a"]}},
        {"$or": [{"paid": [True]}, {"first": {"$or": [{"sku": ["a"]}, {"count": [2]}]}}]},
    ],
)
def test_what_fits_the_type_may_be_written(where: Any) -> None:
    assert event_pattern(where, Order).mistakes == ()


WRONG: list[tuple[Any, str, str]] = [
    ({"totl": [1]}, "where: Order has no field 'totl'", "did you mean 'total'?"),
    ({"lines": {"skew": ["a"]}}, "where.lines: list[Line] has no field 'skew'", "'sku'"),
    ({"orderId": ["a"]}, "has no field 'orderId'", "did you mean 'order_id'?"),
    ({"order_id": [{"numeric": [">", 1]}]}, "where.order_id: ", "what stands in its JSON"),
    ({"total": ["10"]}, "'10' matches text, and the field is Decimal", "what stands in its JSON"),
    ({"paid": [1]}, "1 matches a number, and the field is bool", ""),
    ({"lines": ["a"]}, "where.lines: list[Line] is no leaf", '{"sku": […]}'),
    ({"lines": [{"exists": True}]}, "is no leaf", "only leaves"),
    ({"order_id": {"x": ["a"]}}, "where.order_id: str has no fields", "values"),
    ({"order_id": ("a", "b")}, "('a', 'b') stands in no list", "write ['a', 'b']"),
    ({"order_id": "a"}, "'a' stands in no list", "write ['a']"),
    ({"order_id": {"prefix": "a"}}, "stands in no list", "write [{'prefix': 'a'}]"),
    ({"order_id": []}, "an empty list matches nothing", ""),
    ({"first": {}}, "where.first: an empty object says nothing", ""),
    ({}, "where: an empty object says nothing", ""),
    (["a"], "where: ['a'] is no object", ""),
    ({"first.sku": ["a"]}, "'first.sku' has a dot", 'write {"first": {"sku": […]}}'),
    ({3: ["a"]}, "3 is no name", ""),
    ({"order_id": [{"prefiks": "a"}]}, "there is no operator 'prefiks'", "did you mean 'prefix'?"),
    ({"order_id": [{"prefix": 3}]}, "prefix is 3", "prefix takes a str"),
    ({"order_id": [{"prefix": {"suffix": "a"}}]}, "{'suffix': 'a'}", "equals-ignore-case"),
    ({"order_id": [{"prefix": "a", "suffix": "b"}]}, "2 operators in one entry", "or-ed"),
    ({"order_id": ["a", {"wildcard": "a**"}]}, "where.order_id[1]: 'a**' has ** in it", "one *"),
    ({"order_id": [{"wildcard": "a\\b"}]}, "the backslash before 'b'", "escapes"),
    ({"order_id": [{"exists": 1}]}, "exists is 1", "True or False"),
    ({"order_id": [{"anything-but": ["a", 1]}]}, "anything-but is ['a', 1]", "not both"),
    ({"order_id": [{"anything-but": [None]}]}, "anything-but is [None]", "no None"),
    ({"order_id": [{"anything-but": []}]}, "anything-but is []", ""),
    ({"order_id": [{"anything-but": {"cidr": "a"}}]}, "anything-but of 'cidr'", "takes one of"),
    ({"order_id": [{"anything-but": {"prefix": ""}}]}, "an empty prefix", "nothing is left"),
    ({"order_id": [{"cidr": "10.0.0.1"}]}, "'10.0.0.1' is no block", "10.0.0.0/24"),
    ({"order_id": [{"cidr": "10.0.0.1/32"}]}, "has 0 to 31 bits", "['10.0.0.1']"),
    ({"order_id": [{"cidr": "10.0.0.300/8"}]}, "is no block of addresses", ""),
    ({"total": [{"numeric": 5}]}, "numeric is 5", "lower bound first"),
    ({"total": [{"numeric": [">"]}]}, "numeric is ['>']", "lower bound first"),
    ({"total": [{"numeric": [">", "5"]}]}, "with the text '5'", "quotes"),
    ({"total": [{"numeric": ["!=", 5]}]}, "'!=' is no comparison", ""),
    ({"total": [{"numeric": ["<", 5, ">", 1]}]}, "'<' with '>' is no range", "lower bound first"),
    ({"total": [{"numeric": [">", 5, "<", 5]}]}, "nothing is from 5 to 5", ""),
    ({"total": [Decimal("1.5")]}, "Decimal('1.5') is no value of JSON", ""),
    ({"total": [float("nan")]}, "nan is no number", "doubles"),
    ({"total": [2**53 + 1]}, "is no number that a double holds", ""),
    ({"$or": [{"paid": [True]}]}, "$or is a list of two objects or more", ""),
    ({"$or": {"paid": [True]}}, "$or is a list of two objects or more", ""),
    ({"$or": [{"paid": [True]}, {"prefix": ["a"]}]}, "'prefix' names a field", ""),
    ({"paid": [True], "$or": [{"paid": [False]}, {"tags": ["a"]}]}, "where.paid: ", "say it once"),
    ({"order_id": ["x" * 3000]}, "characters, limit 2,048", "a prefix"),
    (
        {"$or": [{"tags": [str(at)]} for at in range(40)]}
        | {"first": {"$or": [{"sku": [str(at)]} for at in range(40)]}},
        "its $or make 1,600 combinations, limit 1,000",
        "several functions",
    ),
]


@pytest.mark.parametrize(("where", "reason", "remedy"), WRONG, ids=lambda one: str(one)[:60])
def test_a_mistake_says_where_what_and_what_next(where: Any, reason: str, remedy: str) -> None:
    pattern = event_pattern(where, Order)
    assert any(reason in one.reason and remedy in one.remedy for one in pattern.mistakes), (
        pattern.mistakes
    )
    assert not pattern.matches({"orderId": "a"})


def test_all_mistakes_of_a_pattern_are_told_at_once() -> None:
    found = event_pattern({"totl": [1], "paid": ["x"], "tags": [{"prefix": 3}]}, Order).mistakes
    assert len(found) == 3


FILTERED: list[tuple[Any, str]] = [
    ({"total": [1_000_000_001]}, "is beyond a billion"),
    ({"total": [{"numeric": ["<", -1_000_000_001]}]}, "is beyond a billion"),
    ({"total": [0.000001]}, "has more than 5 decimals"),
    ({"order_id": [{"wildcard": "a*b*c*d*"}]}, "has more than 3 *"),
    ({"order_id": [{"prefix": {"equals-ignore-case": "a"}}]}, "equals-ignore-case"),
    ({"order_id": [{"anything-but": {"prefix": ["a", "b"]}}]}, "anything-but prefix is"),
    ({"order_id": [{"anything-but": {"equals-ignore-case": "a"}}]}, "anything-but of"),
    (
        {"order_id": ["a"], "total": [1], "paid": [True], "tags": ["a"]}
        | {"first": {"sku": ["a"], "count": [1]}},
        "6 fields (first.count, first.sku, orderId, paid, tags, total), limit 5",
    ),
    ({"order_id": [*map(str, range(16))], "tags": [*map(str, range(10))]}, "160 combinations"),
    ({"first": {"sku": [*map(str, range(76))]}}, "152 combinations of values, limit 150"),
    ({"order_id": [{"wildcard": f"*{at}*"} for at in range(6)]}, "cost 108 points, limit 100"),
]


@pytest.mark.parametrize(("where", "reason"), FILTERED, ids=lambda one: str(one)[:60])
def test_a_filter_policy_keeps_the_limits_of_sns(where: Any, reason: str) -> None:
    (found,) = filter_policy(where, Order).mistakes
    assert reason in found.reason
    assert found.remedy


def test_the_branches_of_an_or_count_their_combinations_together() -> None:
    either = [{"tags": [*map(str, range(70))]}, {"order_id": [*map(str, range(80))]}]
    assert filter_policy({"$or": either}, Order).mistakes == ()
    assert filter_policy({"$or": either, "paid": [True, False]}, Order).mistakes != ()


# -- properties

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, 1.0, -2.5]),
    st.text("abAB*", max_size=3),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.dictionaries(NAMES, VALUES, max_size=3)


@given(MESSAGES, NAMES, SCALARS)
@trials(300)
def test_a_value_and_anything_but_it_never_agree_on_a_scalar(
    message: dict[str, Any], name: str, value: Any
) -> None:
    if value is None or isinstance(value, bool):
        return
    is_it, is_other = compiled({name: [value]}), compiled({name: [{"anything-but": value}]})
    found = message.get(name)
    if isinstance(found, list | dict) or name not in message:
        return
    assert is_it(message) is not is_other(message)


@given(MESSAGES, NAMES)
@trials(300)
def test_a_leaf_is_there_or_is_not(message: dict[str, Any], name: str) -> None:
    there = compiled({name: [{"exists": True}]})
    absent = compiled({name: [{"exists": False}]})
    assert there(message) is not absent(message)


@given(MESSAGES, st.lists(SCALARS, min_size=1, max_size=4), NAMES)
@trials(300)
def test_a_list_is_the_or_of_its_values(
    message: dict[str, Any], values: list[Any], name: str
) -> None:
    one_by_one = any(compiled({name: [value]})(message) for value in values)
    assert compiled({name: values})(message) is one_by_one


@given(st.text("ab*", max_size=12), st.text("ab*", max_size=6))
@trials(500)
def test_a_wildcard_matches_what_a_plain_walk_finds(text: str, pattern: str) -> None:
    while "**" in pattern:
        pattern = pattern.replace("**", "*")
    found = compiled({"a": [{"wildcard": pattern}]})({"a": text})
    assert found is walked(text, pattern)


def walked(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(walked(text[at:], pattern[1:]) for at in range(len(text) + 1))
    return text[:1] == pattern[0] and walked(text[1:], pattern[1:])


def test_a_long_text_takes_no_long_time() -> None:
    wild = compiled({"a": [{"wildcard": "*a*a*a*a*a*a*b"}]})
    assert not wild({"a": "a" * 100_000})
