"""What a condition says of one stored item, decided here: a store that cannot say it in its own
language asks this, and so does whoever has to tell why a write was refused. An absent attribute
makes every comparison false but `!=`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, cast

from ..codec import ItemCodec, Misfit
from ..codec.tree import Meaning, meaning, meaning_of
from ..conditions import Condition
from ..errors import Invalid

ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
ORDERING = frozenset([*ORDER, "between", "begins_with"])


def holds(condition: Condition, tree: dict[str, Any] | None, codec: ItemCodec) -> bool:
    """For a stored tree, or for no item at all."""
    if condition.op == "and":
        return all(holds(part, tree, codec) for part in condition.parts)
    if condition.op == "or":
        return any(holds(part, tree, codec) for part in condition.parts)
    if condition.op == "not":
        return not holds(condition.parts[0], tree, codec)
    values = operands(condition, codec)
    names, shapes = codec.find(condition.path)
    return leaf_holds(condition.op, meaning(at(tree, names), shapes[-1]), values)


def at(tree: Any, names: list[str]) -> Any:
    """What stands at a path of stored names; None when nothing does."""
    for name in names:
        if not isinstance(tree, dict):
            return None
        tree = cast("dict[str, Any]", tree).get(name)
    return tree


def leaf_holds(op: str, found: Meaning, values: list[Meaning]) -> bool:
    if op in ("missing", "present"):
        return (found is None) == (op == "missing")
    if op == "<>":
        return found != values[0]
    if found is None:
        return False
    if op in ("=", "one_of"):
        return found in values
    if op == "contains":
        return contains(found, values[0])
    kind = kind_of(found)
    if kind is None or any(kind_of(value) is not kind for value in values):
        return False
    if op == "begins_with":
        return kind is not Decimal and found.startswith(values[0])
    if op == "between":
        return values[0] <= found <= values[1]
    return ORDER[op](found, values[0])


def operands(condition: Condition, codec: ItemCodec) -> list[Meaning]:
    """What a leaf compares with; Invalid for what no item can hold or what does not compare so."""
    try:
        values = [meaning_of(value) for value in condition.values]
    except Misfit as misfit:
        raise Invalid(f"{codec.place}: {condition.path!r}: {misfit}") from None
    if condition.op in ORDERING and (wrong := incomparable(condition.op, values)):
        raise Invalid(f"{codec.place}: {condition!r}: {wrong}")
    return values


def holds_for_nothing(condition: Condition) -> bool:
    """Whether it holds where there is no item: nothing is there to be compared."""
    if condition.op == "and":
        return all(map(holds_for_nothing, condition.parts))
    if condition.op == "or":
        return any(map(holds_for_nothing, condition.parts))
    if condition.op == "not":
        return not holds_for_nothing(condition.parts[0])
    return condition.op in ("missing", "<>")


def kind_of(value: Meaning) -> type | None:
    """What orders among its like: text, bytes and numbers."""
    if isinstance(value, (int, Decimal)):
        return Decimal
    return str if isinstance(value, str) else bytes if isinstance(value, bytes) else None


def incomparable(op: str, values: list[Meaning]) -> str:
    """Why these cannot be compared by order, or nothing."""
    kinds = {kind_of(value) for value in values}
    if None in kinds:
        return "only text, numbers and bytes have an order"
    if op == "begins_with" and Decimal in kinds:
        return "a number begins with nothing"
    return "both ends must be of one kind" if len(kinds) > 1 else ""


def contains(found: Meaning, part: Meaning) -> bool:
    if isinstance(found, (list, frozenset)):
        parts = cast("list[Meaning]", found)
        return any(each == part for each in parts)  # a list has no hash to look up by
    return isinstance(found, (str, bytes)) and type(found) is type(part) and part in found
