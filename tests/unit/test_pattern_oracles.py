"""Our patterns beside two that others wrote: MiniStack's for EventBridge and for SNS. Where they
differ stands what AWS says.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import eventbridge, sns

from skylift.codec.shape import Shape
from skylift.patterns import grammar
from skylift.patterns.match import matcher
from skylift.patterns.read import Reading
from tests.trials import trials
from tests.unit.pattern_vectors import BUS, TOPIC, Vector

FIELDS = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(
    [
        "",
        "a",
        "A",
        "ab",
        "aB",
        "ba",
        "abba",
        "straße",
        "STRASSE",
        "a*b",
        "10.0.0.7",
        "10.0.1.7",
        "::1",
    ]
)
NUMBERS = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, 1.0, -2.5, 3e2, 1e9]))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
AFFIX = TEXTS | st.fixed_dictionaries({"equals-ignore-case": TEXTS})
WILDCARDS = st.sampled_from(["*", "a*", "*a", "*b*", "a*b*", "\\*", "a\\*b", "ab", ""])
RANGES = st.sampled_from(
    [["=", 1], [">", 0], [">=", -2.5], ["<", 1], ["<=", 0.5], [">", -3, "<=", 1], [">=", 0, "<", 3]]
)
CIDRS = st.sampled_from(["10.0.0.0/24", "10.0.0.9/8", "::/16", "0.0.0.0/0"])
FILLED = TEXTS.filter(bool)
BUTS = st.one_of(
    TEXTS,
    NUMBERS,
    st.lists(TEXTS, min_size=1, max_size=3),
    st.lists(NUMBERS, min_size=1, max_size=3),
    st.fixed_dictionaries({"prefix": FILLED | st.lists(FILLED, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"suffix": FILLED | st.lists(FILLED, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"equals-ignore-case": TEXTS | st.lists(TEXTS, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"wildcard": WILDCARDS | st.lists(WILDCARDS, min_size=1, max_size=2)}),
)
ENTRIES = st.one_of(
    SCALARS,
    st.fixed_dictionaries({"prefix": AFFIX}),
    st.fixed_dictionaries({"suffix": AFFIX}),
    st.fixed_dictionaries({"equals-ignore-case": TEXTS}),
    st.fixed_dictionaries({"wildcard": WILDCARDS}),
    st.fixed_dictionaries({"numeric": RANGES}),
    st.fixed_dictionaries({"cidr": CIDRS}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"anything-but": BUTS}),
)
LEAVES = st.lists(ENTRIES, min_size=1, max_size=3)
PLAIN = st.dictionaries(FIELDS, LEAVES, min_size=1, max_size=2)
NESTED = st.dictionaries(FIELDS, LEAVES | PLAIN, min_size=1, max_size=3)
PATTERNS = st.one_of(
    NESTED,
    st.builds(
        lambda one, some: one | {"$or": some}, NESTED, st.lists(PLAIN, min_size=2, max_size=3)
    ),
)
OBJECTS = st.dictionaries(FIELDS, SCALARS, max_size=3)
VALUES = st.one_of(SCALARS, OBJECTS, st.lists(SCALARS | OBJECTS | st.lists(SCALARS), max_size=3))
MESSAGES = st.dictionaries(FIELDS, VALUES, max_size=3)


def ours(where: Any, message: Any, of: grammar.Grammar = grammar.BUS) -> bool | None:
    """None for what is refused."""
    reading = Reading(where, Shape(), of)
    return None if reading.mistakes else matcher(reading.alternatives)(message)


def of_eventbridge(where: Any, message: Any) -> bool:
    pattern, event = json.dumps({"detail": where}), {"Detail": json.dumps(message)}
    return bool(eventbridge._matches_pattern(pattern, event))  # pyright: ignore


def of_sns(where: Any, message: Any) -> bool:
    said = {"FilterPolicy": json.dumps(where), "FilterPolicyScope": "MessageBody"}
    return bool(sns._matches_filter_policy({"attributes": said}, {}, json.dumps(message)))  # pyright: ignore


def asks_for_absence(where: Any) -> bool:
    return '{"exists": false}' in json.dumps(where)


def has_objects_in_a_list(message: dict[str, Any]) -> bool:
    lists = [one for one in message.values() if isinstance(one, list)]
    return any(isinstance(part, dict) for one in lists for part in one)


@given(PATTERNS, MESSAGES)
@trials(800)
def test_events_match_as_in_an_independent_eventbridge(
    where: dict[str, Any], message: dict[str, Any]
) -> None:
    found = ours(where, message)
    if found is None:  # a field inside and outside of a $or
        assert "$or" in where
        return
    if asks_for_absence(where) and has_objects_in_a_list(message):
        return  # the test below
    assert found is of_eventbridge(where, message)


def test_what_is_absent_in_one_element_is_not_absent() -> None:
    """Event Ruler (NameState.getNameTransitions) looks for the field in all elements that agree
    with what was found before; MiniStack asks each element by itself.
    """
    where, message = {"a": {"x": [{"exists": False}]}}, {"a": [{"x": 1}, {"y": 1}]}
    assert ours(where, message) is False
    assert of_eventbridge(where, message) is True


@pytest.mark.parametrize("vector", BUS, ids=lambda one: str(one.pattern))
def test_the_examples_of_aws_hold_there_too(vector: Vector) -> None:
    assert all(of_eventbridge(vector.pattern, one) for one in vector.matching)
    assert not any(of_eventbridge(vector.pattern, one) for one in vector.others)


# -- SNS

SNS_BUTS = FILLED | st.lists(NUMBERS, min_size=1, max_size=3)
SNS_WILDCARDS = st.sampled_from(["a*", "*a", "*b*", "a*b*", "ab"])
SNS_ENTRIES = st.one_of(
    FILLED,
    NUMBERS,
    st.booleans(),
    st.fixed_dictionaries({"prefix": FILLED}),
    st.fixed_dictionaries({"suffix": FILLED}),
    st.fixed_dictionaries({"equals-ignore-case": st.sampled_from(["a", "AB", "Ba"])}),
    st.fixed_dictionaries({"wildcard": SNS_WILDCARDS}),
    st.fixed_dictionaries({"numeric": RANGES}),
    st.fixed_dictionaries({"cidr": CIDRS}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"anything-but": SNS_BUTS}),
)
SNS_LEAVES = st.lists(SNS_ENTRIES, min_size=1, max_size=3)
SNS_PLAIN = st.dictionaries(FIELDS, SNS_LEAVES, min_size=1, max_size=2)
SNS_POLICIES = st.one_of(
    st.dictionaries(FIELDS, SNS_LEAVES | SNS_PLAIN, min_size=1, max_size=3),
    st.builds(lambda some: {"$or": some}, st.lists(SNS_PLAIN, min_size=2, max_size=3)),
)
# Leaves as our messages have them: MiniStack's filter is one for attributes too, and takes what
# looks like a number or like `true` for one, `null` for absence, and objects for leaves.
SNS_TEXTS = st.sampled_from(["a", "A", "ab", "aB", "ba", "abba", "10.0.0.7"])
SNS_SCALARS = st.one_of(NUMBERS, st.booleans(), SNS_TEXTS)
SNS_OBJECTS = st.dictionaries(FIELDS, SNS_SCALARS, min_size=1, max_size=3)


def fitting(where: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Messages with objects where the policy has some, and leaves where it has leaves or nothing:
    to MiniStack, what is missing has no missing fields.
    """
    inner = {name: SNS_OBJECTS for name in "abc" if isinstance(where.get(name), dict)}
    leaves = {name: LISTS_OF_LEAVES for name in "abc" if name not in inner}
    return st.fixed_dictionaries(inner, optional=leaves).filter(bool)


LISTS_OF_LEAVES = SNS_SCALARS | st.lists(SNS_SCALARS, min_size=1, max_size=3)


@given(SNS_POLICIES.flatmap(lambda where: st.tuples(st.just(where), fitting(where))))
@trials(800)
def test_messages_match_as_in_an_independent_sns(
    case: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    where, message = case
    found = ours(where, message, grammar.TOPIC)
    if found is not None:
        assert found is of_sns(where, message)


@pytest.mark.parametrize(
    ("where", "message", "expected"),
    [
        # Of a body, AWS compares JSON: only attributes are texts that may say a number.
        ({"a": [100]}, {"a": "100"}, False),
        ({"a": [{"numeric": [">", 1]}]}, {"a": "2"}, False),
        ({"a": [True]}, {"a": "true"}, False),
        # "The keywords true, false and null": a null is a value.
        ({"a": [None]}, {"a": None}, True),
        ({"a": [{"exists": False}]}, {"a": None, "b": 1}, False),
        # An object in a list is the value of the field, as in EventBridge's patterns.
        ({"a": {"b": [1]}}, {"a": [{"b": 2}, {"b": 1}]}, True),
        # Only leaves are there; an object is none.
        ({"a": [{"exists": True}]}, {"a": {"b": 1}}, False),
        ({"a": {"b": [{"exists": False}]}}, {"c": 1}, True),
        # A number is anything but a text that begins so.
        ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": 1}, True),
        # A case is a letter's own.
        ({"a": [{"equals-ignore-case": "straße"}]}, {"a": "STRASSE"}, True),
        ({"a": [{"wildcard": "a\\*"}]}, {"a": "a*"}, True),
    ],
)
def test_where_the_filters_differ_aws_says_this(where: Any, message: Any, expected: bool) -> None:
    assert ours(where, message, grammar.TOPIC) is expected
    assert of_sns(where, message) is not expected


@pytest.mark.parametrize("vector", TOPIC, ids=lambda one: str(one.pattern))
def test_the_examples_of_sns_hold_there_too(vector: Vector) -> None:
    texts_as_numbers = vector.pattern == {"price_usd": [{"numeric": ["=", 301.5]}]}
    others = [one for one in vector.others if not texts_as_numbers or one != {"price_usd": "301.5"}]
    assert all(of_sns(vector.pattern, one) for one in vector.matching)
    assert not any(of_sns(vector.pattern, one) for one in others)


# -- what is accepted here is accepted there

ANYTHING = st.recursive(
    st.one_of(
        SCALARS, st.sampled_from(["**", "a\\b", "a\\", "10.0.0.0/33", "::/128", ">", "=", "<"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                ["prefix", "suffix", "wildcard", "cidr", "exists", "numeric", "anything-but"]
                + ["equals-ignore-case", "exactly", "$or", "a", "b.c", ""]
            ),
            inner,
            max_size=2,
        ),
    ),
    max_leaves=6,
)
WILD = st.dictionaries(FIELDS | st.just("$or"), ANYTHING, max_size=3)


@given(WILD | PATTERNS)
@trials(600)
def test_what_is_accepted_here_eventbridge_accepts(where: Any) -> None:
    if ours(where, {}) is not None:
        pattern = json.dumps({"detail-type": ["A"], "detail": where})
        assert eventbridge._event_pattern_error(pattern) is None  # pyright: ignore
