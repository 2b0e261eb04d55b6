"""Updates in DynamoDB's expressions, applied by the emulator's own evaluator, against what they do
to a stored item everywhere.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from skylift import Meta, Table, attr
from skylift.aws.runtime.action_dynamodb import refuse
from skylift.aws.runtime.condition_dynamodb import Seen, Unseen
from skylift.aws.runtime.table_dynamodb import DynamoTable
from skylift.aws.runtime.update_dynamodb import wanted
from skylift.aws.runtime.value_dynamodb import object_of, text_of
from skylift.engine.update import applied, steps
from skylift.errors import Conflict, DeclarationError, Invalid, NotFound, SkyliftError
from skylift.ports import Update
from skylift.testing.contracts.tables.stock import Session, Ticket, notes, sessions, tickets
from skylift.testing.stand import StandClock
from tests.trials import trials
from tests.unit.test_condition_model import (
    EXACTS,
    INNERS,
    MOMENTS,
    NAMED,
    RAWS,
    SUBJECTS,
    TEXTS,
    WORDS,
    Subject,
    subjects,
)

CLOCK = StandClock()


def table_of(declared: Any) -> DynamoTable:
    return DynamoTable(cast(Any, None), "place", declared, CLOCK)


SUBJECT = table_of(subjects)

# Sums that any arithmetic gets right; longer ones are the contract's.
SMALL = st.sampled_from([0, 1, -1, 2**40, -(2**60)])
SMALL_EXACTS = st.sampled_from([Decimal(1), Decimal("0.1"), Decimal("-1.5"), Decimal("1E+9")])
SETTABLE: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "whole": SMALL,
    "exact": EXACTS,
    "yes": st.booleans(),
    "raw": RAWS,
    "moment": MOMENTS,
    "words": WORDS,
    "tags": st.sets(TEXTS, max_size=2),
    "raws_set": st.frozensets(RAWS, max_size=2).map(set),
    "named": NAMED,
    "named.new": EXACTS,
    "inner": INNERS,
    "inner.name_of": TEXTS,
    "inner.size": SMALL,
}
ADDABLE: dict[str, st.SearchStrategy[Any]] = {
    "whole": SMALL,
    "either_one": SMALL,
    "real": SMALL,
    "numbers": st.sets(SMALL_EXACTS, max_size=2),
    "named.sum": SMALL_EXACTS,
    "inner.marks": st.sets(st.integers(0, 3), max_size=2),
    "tags": st.sets(TEXTS, max_size=2),
}
REMOVABLE = ["text", "inner", "inner.size", "named.a", "words", "numbers", "parts", "id_of_none"]


@st.composite
def updates(draw: st.DrawFn) -> Update:
    set_ = {path: draw(SETTABLE[path]) for path in draw(some([*SETTABLE]))}
    add = {path: draw(ADDABLE[path]) for path in draw(some([*ADDABLE]))}
    return Update(("s",), set_, add, draw(some(REMOVABLE[:-1])))


def some(paths: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(paths), unique=True, max_size=3)


def outcome(table: DynamoTable, action: Update, attributes: dict[str, Any]) -> Any:
    """The item afterwards, or the error, by way of DynamoDB."""
    seen: Seen | None = None
    for _ in range(3):
        try:
            asked, _ = wanted(table, action, seen)
        except Unseen:
            seen = Seen(object_of(attributes))
            refuse(table, action, seen)
            continue
        if holds(asked, attributes):
            return table.codec.decode(text_of(object_of(updated(asked, attributes))))
        seen = Seen(object_of(attributes))
        refuse(table, action, seen)
    raise AssertionError("it never came to an end")


def holds(asked: dict[str, Any], attributes: dict[str, Any]) -> bool:
    from ministack.services.dynamodb import (  # pyright: ignore[reportMissingTypeStubs]
        _evaluate_condition,  # pyright: ignore
    )

    return bool(_evaluate_condition(asked["ConditionExpression"], attributes, *held(asked)))


def updated(asked: dict[str, Any], attributes: dict[str, Any]) -> dict[str, Any]:
    from ministack.services.dynamodb import (  # pyright: ignore[reportMissingTypeStubs]
        _apply_update_expression,  # pyright: ignore
    )

    expression = asked.get("UpdateExpression")
    if expression is None:
        return attributes
    return cast(Any, _apply_update_expression(attributes, expression, *held(asked))[0])


def held(asked: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    values = asked.get("ExpressionAttributeValues", {})
    return values, asked.get("ExpressionAttributeNames", {})


def expected(table: DynamoTable, action: Update, attributes: dict[str, Any]) -> Any:
    text = text_of(object_of(attributes)).decode()
    changes = steps(table.codec, action, table.declared.key)
    return table.codec.accept(applied(table.codec, text, changes))


@pytest.mark.long
@trials(600)
@given(SUBJECTS, updates())
def test_an_update_does_the_same_there(subject: Subject, action: Update) -> None:
    subject.real = 1.5 if subject.real else None  # the emulator sums 28 digits
    attributes = SUBJECT.layout.item(subject)
    there, here = (answer(way, action, attributes) for way in (outcome, expected))
    assert there == here


def answer(way: Any, action: Update, attributes: dict[str, Any]) -> Any:
    """The item, or what is said instead."""
    try:
        return way(SUBJECT, action, attributes)
    except (Invalid, DeclarationError) as error:
        return type(error), str(error)


def change(**given: Any) -> Update:
    plain: dict[str, Any] = {"set": {}, "add": {}, "remove": (), "if_": None}
    return Update(**{"key": ("a",), **plain, **given})


def test_a_plain_update_is_one_request() -> None:
    asked, effect = wanted(table_of(notes), change(set={"text": "new"}, remove=["words"]), None)
    assert asked == {
        "TableName": "place",
        "Key": {"id": {"S": "a"}},
        "ConditionExpression": "attribute_exists(#0)",
        "UpdateExpression": "SET #1 = :0 REMOVE #2",
        "ExpressionAttributeNames": {"#0": "id", "#1": "text", "#2": "words"},
        "ExpressionAttributeValues": {":0": {"S": "new"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    assert effect == "repeatable"


def test_what_a_repeat_would_do_twice_is_said_once() -> None:
    table = table_of(notes)
    for action in (change(add={"words": 1}), change(if_=attr("words") == 1)):
        assert wanted(table, action, None)[1] == "single"
    seen = Seen({"id": "a", "words": 1})
    assert wanted(table, change(set={"text": "x"}), seen)[1] == "single"


def test_a_nested_number_is_added_without_add() -> None:
    """ADD takes attributes of the item itself only."""
    asked, _ = wanted(table_of(notes), change(add={"marks.seen": 2}), None)
    assert asked["UpdateExpression"] == "SET #1.#2 = if_not_exists(#1.#2, :1) + :2"
    assert "attribute_type(#1, :0)" in asked["ConditionExpression"]


def test_the_hidden_attribute_goes_along_with_expiry() -> None:
    now = CLOCK.now()
    table = table_of(sessions)
    attributes = table.layout.item(Session("a", "ann"))
    asked, _ = wanted(table, change(set={"ends": now}), None)
    changed = updated(asked, attributes)
    assert changed == table.layout.item(Session("a", "ann", now))
    asked, _ = wanted(table, change(remove=["ends"]), None)
    assert updated(asked, changed) == attributes
    table = table_of(tickets)
    asked, _ = wanted(table, change(add={"ends": 5}), None)
    changed = updated(asked, table.layout.item(Ticket("a", 10**10)))
    assert changed == table.layout.item(Ticket("a", 10**10 + 5))


def test_absent_expired_and_unequal_are_told_apart() -> None:
    table = table_of(tickets)
    late, soon = int(CLOCK.time()) - 1, int(CLOCK.time()) + 100
    action = change(set={"ends": 1}, if_=attr("ends") == 7)
    for tree, error in (
        (None, NotFound),
        ({"id": "a", "ends": late}, NotFound),
        ({"id": "a", "ends": soon}, Conflict),
    ):
        with pytest.raises(error):
            refuse(table, action, Seen(tree))


class Strict(Struct):
    id: str
    status: Literal["open", "done"] = "open"
    hits: int = 0
    share: Annotated[int, Meta(le=100)] = 0


class Paired(Struct):
    id: str
    low: int = 0
    high: int = 9

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


strict = Table("strict", Strict, key="id")
paired = Table("paired", Paired, key="id")


def test_a_value_that_would_not_read_back_is_refused() -> None:
    table = table_of(strict)
    attributes = table.layout.item(Strict("a", share=99))
    assert outcome(table, change(set={"status": "done"}), attributes).status == "done"
    with pytest.raises(SkyliftError, match="status"):
        outcome(table, change(set={"status": "other"}), attributes)
    assert outcome(table, change(add={"share": 1}), attributes).share == 100
    with pytest.raises(SkyliftError, match="share"):
        outcome(table, change(add={"share": 2}), attributes)
    with pytest.raises(SkyliftError, match="low is above high"):
        outcome(
            table_of(paired), change(set={"low": 10}), table_of(paired).layout.item(Paired("a"))
        )


def test_what_is_surely_right_needs_no_look_at_the_item() -> None:
    table = table_of(strict)
    for action in (change(set={"status": "done", "share": 100}), change(add={"hits": 1})):
        wanted(table, action, None)
    for action in (change(set={"status": "other"}), change(add={"share": 1})):
        with pytest.raises(Unseen):
            wanted(table, action, None)
    with pytest.raises(Unseen):
        wanted(table_of(paired), change(set={"low": 1}), None)


def test_what_was_worked_out_is_written_only_while_it_is_the_same() -> None:
    table = table_of(strict)
    attributes = table.layout.item(Strict("a", share=5))
    asked, _ = wanted(table, change(add={"share": 1}), Seen(object_of(attributes)))
    assert holds(asked, attributes)
    assert not holds(asked, table.layout.item(Strict("a", share=6)))
    assert not holds(asked, {})
