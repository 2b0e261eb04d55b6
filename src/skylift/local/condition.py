"""Conditions as SQL over the JSON of an item, in the statement that reads it. Text, 64-bit ints,
bools and absence are compared by SQLite itself; whatever it would compare inexactly (decimals,
bytes, sets, lists, nested values) goes through one registered function. Every leaf is 0 or 1, never
NULL.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import apsw

from ..codec import ItemCodec
from ..codec.shape import Shape
from ..codec.tree import Meaning, Truth, decode_json, encode_json, meaning
from ..conditions import Condition
from ..engine.condition import ORDER, contains, kind_of, operands

Test: TypeAlias = Callable[[Meaning], bool]  # of what stands there; None when nothing does

INT_END = 1 << 63


def register(connection: Any) -> None:
    """Give a connection the one function that compiled conditions call."""
    connection.create_scalar_function("skylift_holds", _holds, 2, deterministic=True)


def compiled(condition: Condition, codec: ItemCodec) -> tuple[str, list[object]]:
    """An SQL expression over the column `value`, and its bindings. DeclarationError for a path that
    the item does not have, Invalid for a value that no item can hold or that does not compare so.
    """
    compiler = Compiler(codec)
    return compiler.sql(condition), compiler.bindings


class Compiler:
    def __init__(self, codec: ItemCodec) -> None:
        self.codec = codec
        self.bindings: list[object] = []

    def sql(self, condition: Condition) -> str:
        if condition.op == "not":
            return f"NOT {self.sql(condition.parts[0])}"
        if condition.parts:
            return f"({f' {condition.op.upper()} '.join(map(self.sql, condition.parts))})"
        names, shapes = self.codec.find(condition.path)
        values = operands(condition, self.codec)
        place = Place(names, shapes[-1])
        if condition.op in ORDER:
            return self.ordered(place, condition.op, *values)
        return LEAVES[condition.op](self, place, *values)

    def equal(self, place: Place, value: Meaning) -> str:
        if isinstance(value, Truth):
            return f"({place.kind} IS '{'true' if value.value else 'false'}')"
        if isinstance(value, str) and place.shape.text is not bytes:
            self.bindings.append(value)
            return place.case(f"WHEN 'text' THEN {place.value} = ?")
        if is_int64(value):
            self.bindings.append(value)
            inexact = self.holds(place, lambda found: found == value)
            return place.case(f"WHEN 'integer' THEN {place.value} = ? WHEN 'real' THEN {inexact}")
        return self.holds(place, lambda found: found == value)

    def unequal(self, place: Place, value: Meaning) -> str:
        return f"NOT {self.equal(place, value)}"

    def ordered(self, place: Place, op: str, value: Meaning) -> str:
        compare = ORDER[op]
        if isinstance(value, str) and place.shape.text is not bytes:
            self.bindings.append(value)
            return place.case(f"WHEN 'text' THEN {place.value} {op} ?")
        if is_int64(value):
            self.bindings.append(value)
            inexact = self.holds(place, lambda found: compare(found, value))
            return place.case(
                f"WHEN 'integer' THEN {place.value} {op} ? WHEN 'real' THEN {inexact}"
            )
        kind = kind_of(value)
        return self.holds(place, lambda found: kind_of(found) is kind and compare(found, value))

    def between(self, place: Place, low: Meaning, high: Meaning) -> str:
        return f"({self.ordered(place, '>=', low)} AND {self.ordered(place, '<=', high)})"

    def one_of(self, place: Place, *values: Meaning) -> str:
        return self.holds(place, lambda found: found in values)

    def begins_with(self, place: Place, prefix: Meaning) -> str:
        if isinstance(prefix, str) and place.shape.text is not bytes:
            self.bindings.append(prefix)
            return place.case(f"WHEN 'text' THEN instr({place.value}, ?) = 1")
        return self.holds(
            place, lambda found: kind_of(found) is kind_of(prefix) and found.startswith(prefix)
        )

    def contains(self, place: Place, part: Meaning) -> str:
        if isinstance(part, str) and place.shape.text is str and place.shape.array is None:
            self.bindings.append(part)
            return place.case(f"WHEN 'text' THEN instr({place.value}, ?) > 0")
        return self.holds(place, lambda found: contains(found, part))

    def missing(self, place: Place) -> str:
        empty = f" OR {place.json} = '[]'" if place.shape.array is set else ""
        return f"(coalesce({place.kind}, 'null') = 'null'{empty})"

    def present(self, place: Place) -> str:
        return f"NOT {self.missing(place)}"

    def holds(self, place: Place, test: Test) -> str:
        """Let Python decide about what stands at the place."""
        shape = place.shape

        def decide(text: str | None) -> bool:
            return test(meaning(decode_json(text), shape) if text is not None else None)

        self.bindings.append(apsw.pyobject(decide))
        return f"skylift_holds({place.json}, ?)"


class Place:
    """A path of an item, as SQL reads it."""

    __slots__ = ("json", "kind", "shape", "value")

    def __init__(self, names: list[str], shape: Shape) -> None:
        steps = "".join(f".{encode_json(name).decode()}" for name in names)
        path = "'$" + steps.replace("'", "''") + "'"
        self.shape = shape
        self.json, self.value = f"value -> {path}", f"value ->> {path}"
        self.kind = f"json_type(value, {path})"

    def case(self, branches: str) -> str:
        return f"CASE {self.kind} {branches} ELSE 0 END"


LEAVES: dict[str, Callable[..., str]] = {
    "=": Compiler.equal,
    "<>": Compiler.unequal,
    "between": Compiler.between,
    "one_of": Compiler.one_of,
    "begins_with": Compiler.begins_with,
    "contains": Compiler.contains,
    "missing": Compiler.missing,
    "present": Compiler.present,
}


def is_int64(value: Meaning) -> bool:
    return isinstance(value, int) and -INT_END <= value < INT_END


def _holds(text: str | None, decide: Callable[[str | None], bool]) -> bool:
    return decide(text)
