"""Writes that depend on what is there. DynamoDB decides in one step; when it refuses it shows the
item, and what that means is told as everywhere: absent, or its condition is false.

What it cannot decide by itself is decided here for the item it showed, and written only if that is
still the same; somebody in between means another try.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from ...conditions import Condition
from ...engine.condition import holds, holds_for_nothing
from ...errors import Busy, Conflict, NotFound
from ...ports import Action, Check, Create, Delete, Put, Update
from ...resources.table import shown
from .condition_dynamodb import (
    Compiler,
    Said,
    Seen,
    Unseen,
    alive,
    all_of,
    any_of,
    checked,
    expired,
    is_small,
)
from .expression_dynamodb import Words
from .failure import Failure
from .value_dynamodb import object_of

if TYPE_CHECKING:
    from .retry import Effect
    from .table_dynamodb import DynamoTable

ROUNDS_MAX = 12
REFUSED = "ConditionalCheckFailedException"

Asked: TypeAlias = "dict[str, Any]"


async def written(table: DynamoTable, action: Action) -> Any:
    """What the port answers; NotFound, Conflict or Invalid; Busy when others are always faster."""
    operation, _ = OPERATIONS[type(action)]
    seen: Seen | None = None
    for round in range(ROUNDS_MAX):
        if round > 1 and not await table.contended(round - 1):
            break
        try:
            asked, effect = wanted(table, action, seen)
        except Unseen:
            seen = await looked(table, action)
            refuse(table, action, seen)
            continue
        try:
            answer = await table.call(operation, asked | RETURNED[operation], effect)
        except Failure as failure:
            seen = await told(table, action, failure)
        else:
            return _result(table, action, answer)
    raise Busy(
        f"{table.declared.name}: others were always faster with {shown(key_of(table, action))}"
    )


def wanted(table: DynamoTable, action: Action, seen: Seen | None) -> tuple[Asked, Effect]:
    """The request, and what repeating it would do. Unseen when it depends on what is there in a
    way that DynamoDB cannot say; then nothing else is wrong with it.
    """
    try:
        return WANTED[type(action)](table, action, seen)
    except Unseen:
        targeted(table, action)
        if not isinstance(action, Create) and action.if_ is not None:
            Compiler(table.layout, Words(), Seen(None), decides=True).said(action.if_)
        raise


async def told(table: DynamoTable, action: Action, failure: Failure) -> Seen:
    """What there was, if it does not explain why the write was refused."""
    if failure.code == REFUSED:
        seen = seen_in(failure.said)
        refuse(table, action, seen)
        return seen
    if failure.code == "ValidationException" and isinstance(action, Update):
        refuse(table, action, await looked(table, action))
    raise table.translated(failure) from failure


def refuse(table: DynamoTable, action: Action, seen: Seen) -> None:
    """Raise what is to be said of a write to this item; nothing when it could be written."""
    tree = seen.tree
    if tree is not None and table.layout.is_over(tree, table.now_us()):
        tree = None
    if isinstance(action, Create):
        if tree is not None:
            raise table.taken(action)
        return
    key = key_of(table, action)
    if isinstance(action, Update) and tree is None:
        raise NotFound(f"{table.declared.name}: there is no {shown(key)}")
    if action.if_ is not None and not holds(action.if_, tree, table.codec):
        raise Conflict(f"{table.declared.name}: the condition does not hold for {shown(key)}")
    if isinstance(action, Update):
        from .update_dynamodb import check

        assert tree is not None
        check(table, action, tree)


async def looked(table: DynamoTable, action: Action) -> Seen:
    """What is there now, by a write that is always refused: who may write may see what it depends
    on, and reads nothing else.
    """
    operation, member = OPERATIONS[type(action)]
    words = Words()
    path = words.name(table.layout.partition)
    never = f"attribute_exists({path}) AND attribute_not_exists({path})"
    asked = targeted(table, action) | words.asked(ConditionExpression=never) | SHOWN
    if member == "ConditionCheck":
        asked = {"TransactItems": [{member: asked}]}
    try:
        await table.call(operation, asked, "none")
    except Failure as failure:
        from .retry import reasons_of

        for said in (failure.said, *reasons_of(failure)):
            if failure.code == REFUSED or said.get("Code") == "ConditionalCheckFailed":
                return seen_in(said)
        raise table.translated(failure) from failure
    raise AssertionError("a condition that is never true was")


def seen_in(said: dict[str, Any]) -> Seen:
    item = said.get("Item")
    return Seen(object_of(item) if item else None)


def targeted(table: DynamoTable, action: Action) -> Asked:
    if isinstance(action, (Put, Create)):
        return {"TableName": table.place, "Item": table.item(action.item)}
    return {"TableName": table.place, "Key": table.layout.key(action.key)}


def key_of(table: DynamoTable, action: Action) -> tuple[Any, ...]:
    is_whole = isinstance(action, (Put, Create))
    return table.declared.key_of(action.item) if is_whole else action.key


def _result(table: DynamoTable, action: Action, answer: dict[str, Any]) -> Any:
    attributes = answer.get("Attributes")
    if isinstance(action, Update):
        return table.codec.decode(_text(attributes or {}))
    return table.read_of(attributes) if isinstance(action, Delete) else None


def _text(attributes: dict[str, Any]) -> bytes:
    from .value_dynamodb import text_of

    return text_of(object_of(attributes))


def _create(table: DynamoTable, action: Create, seen: Seen | None) -> tuple[Asked, Effect]:
    words = Words()
    absent = f"attribute_not_exists({words.name(table.layout.partition)})"
    over = expired(table.layout, words, table.now_us())
    said = any_of([absent, over] if over else [absent])
    return targeted(table, action) | words.asked(ConditionExpression=str(said)) | SHOWN, "single"


def _conditional(
    table: DynamoTable, action: Put | Delete | Check, seen: Seen | None
) -> tuple[Asked, Effect]:
    words = Words()
    expression = _said(table, action, words, Compiler(table.layout, words, seen))
    if not is_small(expression):
        if seen is None:
            raise Unseen
        deciding = Compiler(table.layout, words, seen, decides=True)
        expression = checked(_said(table, action, words, deciding), table.codec.place)
    asked = targeted(table, action) | words.asked(ConditionExpression=expression)
    return asked | (SHOWN if expression else {}), "single"


def _said(
    table: DynamoTable, action: Put | Delete | Check, words: Words, compiler: Compiler
) -> str:
    """Nothing when any item will do, and none."""
    said: Said = True
    if action.if_ is not None:
        said = _for_what_is_there(table, compiler, action.if_, words)
    if said is True:
        return _anything(table, words) if isinstance(action, Check) else ""
    return _nothing(table, words) if said is False else said


def _for_what_is_there(
    table: DynamoTable, compiler: Compiler, condition: Condition, words: Words
) -> Said:
    """An item that has expired is none."""
    said = compiler.guarded(condition)
    if table.declared.ttl is None or said is True:
        return said
    if holds_for_nothing(condition):
        return any_of([said, expired(table.layout, words, table.now_us())])
    return all_of([said, alive(table.layout, words, table.now_us())])


def _anything(table: DynamoTable, words: Words) -> str:
    path = words.name(table.layout.partition)
    return f"attribute_exists({path}) OR attribute_not_exists({path})"


def _nothing(table: DynamoTable, words: Words) -> str:
    path = words.name(table.layout.partition)
    return f"attribute_exists({path}) AND attribute_not_exists({path})"


def _update(table: DynamoTable, action: Update, seen: Seen | None) -> tuple[Asked, Effect]:
    from .update_dynamodb import wanted

    return wanted(table, action, seen)


WANTED: dict[type, Callable[..., tuple[Asked, Effect]]] = {
    Put: _conditional,
    Create: _create,
    Update: _update,
    Delete: _conditional,
    Check: _conditional,
}
OPERATIONS: dict[type, tuple[str, str]] = {  # alone, and as a member of a transaction
    Put: ("PutItem", "Put"),
    Create: ("PutItem", "Put"),
    Update: ("UpdateItem", "Update"),
    Delete: ("DeleteItem", "Delete"),
    Check: ("TransactWriteItems", "ConditionCheck"),
}
SHOWN = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
RETURNED: dict[str, Asked] = {
    "PutItem": {},
    "UpdateItem": {"ReturnValues": "ALL_NEW"},
    "DeleteItem": {"ReturnValues": "ALL_OLD"},
}
