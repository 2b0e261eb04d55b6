"""Conditions as DynamoDB's expressions, meaning what they mean on every backend.

What can only be false or true is decided here: an operand no attribute can hold, a range from high
to low, which DynamoDB refuses. What it cannot say (a part of bytes, a whole object in a list) is
decided for an item that was seen, as long as that attribute stays what it was.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias, cast

from ...codec.shape import Shape
from ...codec.tree import Meaning, Truth, meaning
from ...conditions import EXPRESSION_BYTES_MAX, OPERATORS_MAX, Condition
from ...engine.condition import at, leaf_holds, operands
from ...engine.range import successor
from ...errors import Invalid
from .expression_dynamodb import Words
from .value_dynamodb import (
    Layout,
    Value,
    base64,
    moment_text,
    number_text,
    over_below,
    value_of,
)

Said: TypeAlias = "str | bool"  # an expression, or what it would always be


class Unseen(Exception):
    """DynamoDB cannot say this about an item nobody has seen."""


class Seen:
    """An item as it was found, or that there was none; what relies on it is guarded."""

    __slots__ = ("tree",)

    def __init__(self, tree: dict[str, Any] | None) -> None:
        self.tree = tree


class Compiler:
    """Compiles the condition of one request. `guards` are what must still hold of what was seen;
    with `decides` that is all that is said.
    """

    def __init__(
        self, layout: Layout, words: Words, seen: Seen | None = None, *, decides: bool = False
    ) -> None:
        self._layout, self.words, self._seen = layout, words, seen
        self._decides = decides
        self.guards: dict[tuple[str, ...], str] = {}

    def said(self, condition: Condition) -> Said:
        return self._compiled(condition)[0]

    def guarded(self, condition: Condition) -> Said:
        """With its guards."""
        said = self.said(condition)
        return all_of([said, *self.guards.values()]) if self.guards else said

    def guard(self, *names: str, place: Shape | None) -> None:
        """An attribute must be what it was when it was seen."""
        assert self._seen is not None
        path = self.words.name(*names)
        tree = at(self._seen.tree, list(names))
        if tree is None or (tree == [] and place is not None and place.array is set):
            self.guards[names] = f"attribute_not_exists({path})"
        else:
            self.guards[names] = f"{path} = {self.words.value(value_of(tree, place))}"

    def _compiled(self, condition: Condition) -> tuple[Said, str]:
        """What it says, and by which operator: that decides about parentheses."""
        if condition.op == "not":
            said, op = self._compiled(condition.parts[0])
            if isinstance(said, bool):
                return not said, ""
            return f"NOT {parenthesised(said, op in ('and', 'or', 'not'))}", "not"
        if condition.parts:
            parts = [self._compiled(part) for part in flat(condition)]
            return _joined(condition.op, parts)
        said = self._leaf(condition)
        return said, "and" if condition.op == "begins_with" else ""

    def _leaf(self, condition: Condition) -> Said:
        names, shapes = self._layout.codec.find(condition.path)
        values = operands(condition, self._layout.codec)
        path, place = self.words, shapes[-1]
        op = condition.op
        if self._decides:
            return self._decided(op, names, place, values)
        if op in ("missing", "present"):
            return f"attribute_{'not_' if op == 'missing' else ''}exists({path.name(*names)})"
        if op == "contains":
            return self._contains(names, place, values[0])
        held = [value for each in values if (value := value_held(each)) is not None]
        if op == "between" and values[0] > values[1]:
            return False
        if op == "begins_with":
            return self._begins(path.name(*names), place, values[0])
        if not held:
            return op == "<>"
        return LEAVES.get(op, _compared)(op, path.name(*names), [*map(path.value, held)])

    def _begins(self, path: str, place: Shape, prefix: Meaning) -> Said:
        """Where something else may stand it is a range, which is false of that."""
        if place.text is not type(prefix):
            return False
        start = self.words.value(value_held(prefix))
        if not (place.array or place.numeric or place.objects or place.values):
            return f"begins_with({path}, {start})"
        end = successor(prefix)
        below = f" AND {path} < {self.words.value(value_held(end))}" if end is not None else ""
        return f"{path} >= {start}{below}"

    def _contains(self, names: list[str], place: Shape, part: Meaning) -> Said:
        held = value_held(part)
        if held is None or (place.text is None and place.array is None):
            return False
        (kind,) = held
        is_sayable = kind in ("S", "N") or (kind == "B" and place.text is not bytes)
        if not is_sayable:
            return self._decided("contains", names, place, [part])
        if place.array is None and (kind != "S" or place.text is bytes):
            return False
        return f"contains({self.words.name(*names)}, {self.words.value(held)})"

    def _decided(self, op: str, names: list[str], place: Shape, values: list[Meaning]) -> bool:
        if self._seen is None:
            raise Unseen
        self.guard(*names, place=place)
        return leaf_holds(op, meaning(at(self._seen.tree, names), place), values)


def _compared(op: str, path: str, values: list[str]) -> str:
    return f"{path} {op} {values[0]}"


LEAVES: dict[str, Callable[[str, str, list[str]], str]] = {
    "between": lambda _, path, ends: f"{path} BETWEEN {ends[0]} AND {ends[1]}",
    "one_of": lambda _, path, values: f"{path} IN ({','.join(values)})",
}


def flat(condition: Condition) -> list[Condition]:
    """The parts of nested `&`, or of nested `|`, in order."""
    found: list[Condition] = []
    left = [condition]
    while left:
        part = left.pop()
        if part.op == condition.op:
            left += reversed(part.parts)
        else:
            found.append(part)
    return found


def _joined(op: str, parts: list[tuple[Said, str]]) -> tuple[Said, str]:
    ends_it = op == "or"
    if any(said is ends_it for said, _ in parts):
        return ends_it, ""
    kept = [(said, inner) for said, inner in parts if isinstance(said, str)]
    if len(kept) < 2:
        return kept[0] if kept else (not ends_it, "")
    texts = [parenthesised(said, op == "and" and inner == "or") for said, inner in kept]
    return f" {op.upper()} ".join(texts), op


def all_of(parts: list[Said]) -> Said:
    """What holds when all do: each may be an OR of its own."""
    return _joined("and", [(part, "or" if _has_or(part) else "") for part in parts])[0]


def any_of(parts: list[Said]) -> Said:
    return _joined("or", [(part, "") for part in parts])[0]


def _has_or(part: Said) -> bool:
    return isinstance(part, str) and " OR " in part


def parenthesised(text: str, needs: bool) -> str:
    return f"({text})" if needs else text


def expired(layout: Layout, words: Words, now_us: int) -> str:
    """Says of an item that it has expired; of one that never does, or is not there, it does not."""
    if layout.declared.ttl is None:
        return ""
    names, shapes = layout.codec.find(layout.declared.ttl)
    path, place = words.name(*names), shapes[-1]
    kinds: list[Said] = []
    if place.text is not None:
        kinds.append(f"{path} <= {words.value({'S': moment_text(now_us)})}")
    if place.numeric:
        kinds.append(f"{path} < {words.value({'N': number_text(over_below(now_us))})}")
    return cast("str", any_of(kinds))


def alive(layout: Layout, words: Words, now_us: int) -> str:
    """Says of an item that it has not."""
    over = expired(layout, words, now_us)
    return f"NOT {parenthesised(over, ' OR ' in over)}" if over else ""


def is_small(expression: str) -> bool:
    """Whether DynamoDB takes it."""
    return len(expression) <= EXPRESSION_BYTES_MAX and operators_in(expression) <= OPERATORS_MAX


def checked(expression: str, place: str) -> str:
    if is_small(expression):
        return expression
    raise Invalid(
        f"{place}: the condition is too large: DynamoDB takes {EXPRESSION_BYTES_MAX:,} bytes and "
        f"{OPERATORS_MAX} operators"
    )


def operators_in(expression: str) -> int:
    words = expression.replace("(", " ( ").split()
    return sum(word in OPERATORS for word in words)


OPERATORS = {
    *("AND", "OR", "NOT", "BETWEEN", "IN", "=", "<>", "<", "<=", ">", ">="),
    *("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"),
}


def value_held(said: Meaning) -> Value | None:
    """The attribute value of an operand; None when no attribute can hold it."""
    if isinstance(said, Truth):
        return {"BOOL": said.value}
    if isinstance(said, str):
        return {"S": said}
    if isinstance(said, bytes):
        return {"B": base64(said)}
    if isinstance(said, (int, Decimal)):
        return {"N": number_text(said)}
    if isinstance(said, list):
        parts = [value_held(part) for part in cast("list[Meaning]", said)]
        return None if None in parts else {"L": parts}
    if isinstance(said, dict):
        held = {name: value_held(part) for name, part in cast("dict[str, Any]", said).items()}
        return None if None in held.values() else {"M": held}
    return _set_held(cast("frozenset[Meaning]", said))


def _set_held(said: frozenset[Meaning]) -> Value | None:
    parts = [value_held(part) for part in said]
    kinds = {kind for part in parts if part is not None for kind in part}
    if None in parts or len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        return None
    (kind,) = kinds
    return {kind + "S": sorted(part[kind] for part in parts if part is not None)}
