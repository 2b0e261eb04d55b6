"""What DynamoDB's expressions say of a condition, by the emulator's evaluator, against the model
that the local backend is held to.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest
from hypothesis import given

from skylift import Condition, attr
from skylift.aws.runtime.condition_dynamodb import Compiler, Said, Seen, Unseen, is_small
from skylift.aws.runtime.expression_dynamodb import Words, short
from skylift.aws.runtime.value_dynamodb import Layout, object_of
from skylift.conditions import EXPRESSION_BYTES_MAX, OPERATORS_MAX
from skylift.engine.condition import holds as said_here
from skylift.testing.contracts.tables.stock import notes
from tests.trials import trials
from tests.unit.test_condition_model import (
    ASKED,
    CONDITIONS,
    Subject,
    holds,
    subjects,
)

LAYOUT = Layout(subjects)


def evaluated(said: Said, words: Words, attributes: dict[str, Any]) -> bool:
    from ministack.services.dynamodb import (  # pyright: ignore[reportMissingTypeStubs]
        _evaluate_condition,  # pyright: ignore
    )

    if isinstance(said, bool):
        return said
    asked = words.asked(ConditionExpression=said)
    values = asked.get("ExpressionAttributeValues", {})
    names = asked.get("ExpressionAttributeNames", {})
    return bool(_evaluate_condition(said, attributes, values, names))


def answers(condition: Condition, attributes: dict[str, Any]) -> set[bool]:
    """As it is compiled for an item unseen, and for one that was seen: all must agree."""
    found = set[bool]()
    tree = object_of(attributes) if attributes else None
    for seen, decides in ((None, False), (Seen(tree), False), (Seen(tree), True)):
        words = Words()
        try:
            said = Compiler(LAYOUT, words, seen, decides=decides).guarded(condition)
        except Unseen:
            assert seen is None
            continue
        found.add(evaluated(said, words, attributes))
    return found


@pytest.mark.long
@trials(500)
@given(ASKED)
def test_an_expression_says_what_the_model_says(asked_of: tuple[Subject, list[Condition]]) -> None:
    subject, conditions = asked_of
    attributes = LAYOUT.item(subject)
    tree = object_of(attributes)
    for condition in conditions:
        expected = holds(condition, subject)
        assert answers(condition, attributes) == {expected}, condition
        assert said_here(condition, tree, LAYOUT.codec) == expected, condition


@pytest.mark.long
@trials(300)
@given(CONDITIONS)
def test_an_absent_item_is_an_empty_one(condition: Condition) -> None:
    expected = holds(condition, None)
    assert answers(condition, {}) == {expected}, condition
    assert said_here(condition, None, LAYOUT.codec) == expected, condition


def compiled(condition: Condition, layout: Layout = LAYOUT) -> tuple[Said, dict[str, Any]]:
    words = Words()
    said = Compiler(layout, words).said(condition)
    return said, words.asked(ConditionExpression=said if isinstance(said, str) else "")


def test_placeholders_stand_for_names_and_values() -> None:
    said, asked = compiled((attr("text") == "a") | (attr("inner.size") > 1))
    assert said == "#0 = :0 OR #1.#2 > :1"
    assert asked["ExpressionAttributeNames"] == {"#0": "text", "#1": "inner", "#2": "size"}
    assert asked["ExpressionAttributeValues"] == {":0": {"S": "a"}, ":1": {"N": "1"}}


def test_what_no_attribute_can_hold_is_decided_at_once() -> None:
    never: Any = attr("words") == [{1, "a"}]
    assert compiled(never) == (False, {})
    assert compiled(~never) == (True, {})
    assert compiled(never & (attr("text") == "a")) == (False, {})
    assert compiled(never | (attr("text") == "a"))[0] == "#0 = :0"
    assert compiled(attr("whole").between(2, 1)) == (False, {})


def test_what_dynamodb_cannot_say_needs_the_item() -> None:
    with pytest.raises(Unseen):
        compiled(attr("raw").contains(b"a"))
    words = Words()
    compiler = Compiler(LAYOUT, words, Seen({"raw": "YWI="}))
    assert compiler.guarded(attr("raw").contains(b"a") & (attr("text") == "x")) == (
        "#1 = :1 AND #0 = :0"
    )
    assert compiler.guarded(~attr("raw").contains(b"a")) is False


def test_parentheses_are_where_they_must_be_and_nowhere_else() -> None:
    one, two, three = attr("text") == "a", attr("whole") == 1, attr("yes").present()
    for condition, expected in (
        ((one & two) & three, "#0 = :0 AND #1 = :1 AND attribute_exists(#2)"),
        ((one | two) & three, "(#0 = :0 OR #1 = :1) AND attribute_exists(#2)"),
        ((one & two) | three, "#0 = :0 AND #1 = :1 OR attribute_exists(#2)"),
        (~(one & two), "NOT (#0 = :0 AND #1 = :1)"),
        (~~three, "NOT (NOT attribute_exists(#0))"),
        (~one & two, "NOT #0 = :0 AND #1 = :1"),
    ):
        assert compiled(condition)[0] == expected


def test_the_largest_condition_one_can_write_is_small_enough() -> None:
    """A condition's size is estimated while it is built: never too low."""
    layout = Layout(notes)
    many = [attr("words") != number for number in range(150)]
    said, _ = compiled(reduce(lambda one, other: one & other, many), layout)
    assert isinstance(said, str)
    assert is_small(said)
    for leaves in ([attr("text").one_of(*map(str, range(99)))] * 7, [attr("text").missing()] * 100):
        condition = reduce(lambda one, other: one | other, leaves)
        said, _ = compiled(condition, layout)
        assert isinstance(said, str)
        assert len(said) <= condition.bytes <= EXPRESSION_BYTES_MAX
        assert condition.operators <= OPERATORS_MAX


def test_short_names_do_not_repeat() -> None:
    assert len({short(number) for number in range(5000)}) == 5000
    assert max(len(short(number)) for number in range(1296)) == 2
