"""Conditions: a small tree built with `attr()`, compiled by each backend into its own language.

A condition has no truth value: `and`, `or`, `not` and chained comparisons would silently drop half
of it, so they raise. An absent attribute makes every comparison false but `!=`; `.missing()` and
`.present()` ask for absence itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeAlias, cast

from .errors import Invalid

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal
    from enum import Enum
    from uuid import UUID

    Ordered: TypeAlias = "str | int | float | Decimal | bytes | datetime | date | UUID | Enum"
    Operand: TypeAlias = (
        "Ordered | bool | list[object] | dict[str, object] | set[object] | frozenset[object]"
    )

OPERATORS_MAX = 300
EXPRESSION_BYTES_MAX = 4096
OPERATOR_BYTES = {
    "and": 7, "or": 6, "not": 6, "between": 14, "one_of": 6,
    "begins_with": 13, "contains": 10, "missing": 22, "present": 18,
}  # fmt: skip


class Condition:
    """`op` with its operands: a path and values for a leaf, conditions for `and`, `or`, `not`."""

    __slots__ = ("bytes", "op", "operators", "parts", "path", "values")

    def __init__(
        self,
        op: str,
        path: str = "",
        values: tuple[object, ...] = (),
        parts: tuple[Condition, ...] = (),
    ) -> None:
        self.op, self.path, self.values, self.parts = op, path, values, parts
        # DynamoDB's limits, met while it is built, so that nobody walks a tree without end. `bytes`
        # is about its expression's size: an operator, and a placeholder for each name and value.
        self.operators = 1 + sum(part.operators for part in parts)
        self.bytes = OPERATOR_BYTES.get(op, 2) + sum(part.bytes for part in parts)
        if not parts:
            self.bytes += 4 * (path.count(".") + 1) + 5 * len(values)
        if self.operators > OPERATORS_MAX:
            raise Invalid(f"a condition has at most {OPERATORS_MAX} operators, this one has more")
        if self.bytes > EXPRESSION_BYTES_MAX:
            raise Invalid(
                f"a condition has an expression of at most {EXPRESSION_BYTES_MAX:,} bytes, "
                "this one would have more"
            )

    def __and__(self, other: Condition) -> Condition:
        return Condition("and", parts=(self, _condition(other, "&")))

    def __or__(self, other: Condition) -> Condition:
        return Condition("or", parts=(self, _condition(other, "|")))

    def __invert__(self) -> Condition:
        return Condition("not", parts=(self,))

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a condition has no truth value: combine with & | ~, not with and, or, not or a < b < c"
        )

    def __repr__(self) -> str:
        if self.op == "not":
            return f"~({self.parts[0]!r})"
        if self.parts:
            return f" {'&' if self.op == 'and' else '|'} ".join(
                f"({part!r})" for part in self.parts
            )
        return f"{self.path} {self.op} {', '.join(map(_shown, self.values))}".rstrip()


class Attribute:
    """One attribute of an item, by name; dots lead into nested values."""

    __slots__ = ("path",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, path: str) -> None:
        self.path = path

    def __eq__(self, other: Operand) -> Condition:  # type: ignore[override]
        return _leaf("=", self.path, other)

    def __ne__(self, other: Operand) -> Condition:  # type: ignore[override]
        return _leaf("<>", self.path, other)

    def __lt__(self, other: Ordered) -> Condition:
        return _leaf("<", self.path, other)

    def __le__(self, other: Ordered) -> Condition:
        return _leaf("<=", self.path, other)

    def __gt__(self, other: Ordered) -> Condition:
        return _leaf(">", self.path, other)

    def __ge__(self, other: Ordered) -> Condition:
        return _leaf(">=", self.path, other)

    def between(self, low: Ordered, high: Ordered) -> Condition:
        """low <= value <= high."""
        return _leaf("between", self.path, low, high)

    def begins_with(self, prefix: str | bytes) -> Condition:
        """A string or bytes that starts with `prefix`."""
        return _leaf("begins_with", self.path, prefix)

    def contains(self, part: Operand) -> Condition:
        """A string with this substring, or a list or set with this element."""
        return _leaf("contains", self.path, part)

    def one_of(self, *values: Operand) -> Condition:
        """Equal to any of 1 to 100 values."""
        if not 1 <= len(values) <= 100:
            raise ValueError(f"attr({self.path!r}).one_of takes 1 to 100 values, got {len(values)}")
        return _leaf("one_of", self.path, *values)

    def missing(self) -> Condition:
        """The attribute is absent: never set, removed, None or an empty set."""
        return Condition("missing", self.path)

    def present(self) -> Condition:
        """The attribute has a value."""
        return Condition("present", self.path)

    def __repr__(self) -> str:
        return f"attr({self.path!r})"


def attr(path: str) -> Attribute:
    """An attribute to compare: `attr("status") == "open"`,
    `attr("address.city").begins_with("Ma")`.
    """
    return Attribute(path)


def conjuncts(condition: Condition | None) -> list[Condition]:
    """The conditions that must all hold, taken out of the top-level `&`."""
    if condition is None:
        return []
    if condition.op != "and":
        return [condition]
    return [leaf for part in condition.parts for leaf in conjuncts(part)]


def _leaf(op: str, path: str, *values: object) -> Condition:
    for value in values:
        if value is None:
            raise TypeError(
                f"attr({path!r}) {op} None: None is absence, ask .missing() or .present()"
            )
        if isinstance(value, (set, frozenset)) and not value:
            raise TypeError(
                f"attr({path!r}) {op} an empty set: that is absence, ask .missing() or .present()"
            )
        if isinstance(value, (Attribute, Condition)):
            raise TypeError(f"attr({path!r}) {op} {value!r}: the right-hand side must be a value")
    return Condition(op, path, values)


def _shown(value: object) -> str:
    """The same text in every process: cursors are bound to it, and a set has no order."""
    if isinstance(value, (set, frozenset)):
        return f"{{{', '.join(sorted(map(_shown, cast('set[object]', value))))}}}"
    return repr(value)


def _condition(other: object, sign: str) -> Condition:
    if not isinstance(other, Condition):
        raise TypeError(
            f"{sign} combines conditions, not {type(other).__name__}: "
            "put each comparison in parentheses"
        )
    return other
