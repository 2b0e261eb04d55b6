"""A Range as SQL: which stretch of the table or of an index is walked, what filters it on the way,
and the position a walk continues from. A position is the native key columns of a row, so that it
stays right when rows come and go.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec import DecodeError, msgpack

from ..codec import Column, KeyField
from ..conditions import Condition
from ..engine.range import no_index, split, successor
from ..errors import BadRequest
from ..ports import Range
from .condition import compiled
from .schema import Layout, column


class Bound(NamedTuple):
    """How a sort key is bounded: below by > or >=, above by < or <=, to one value by =."""

    op: str
    column: Column


class Walk:
    """One Range, ready to be run in steps. `ordering` are the columns that tell its rows apart."""

    def __init__(self, layout: Layout, rows: Range) -> None:
        self._layout, self._reverse = layout, rows.reverse
        self._key: tuple[str, ...] = layout.declared.key if rows.partition is not None else ()
        self._source = layout.table
        if rows.index is not None:
            self._use_index(rows.index)
        self._equal: list[tuple[str, Column]] = []
        if self._key:
            partition = layout.fields[self._key[0]]
            self._equal.append((column(partition.name), partition.column(rows.partition)))
        self._sort = self._key[1] if len(self._key) > 1 else ""
        self._bounds, rest = self._split(rows.where)
        for bound in self._bounds:
            if bound.op == "=":
                self._equal.append((column(self._sort), bound.column))
        fixed = {name for name, _ in self._equal}
        every = map(column, dict.fromkeys([*self._key, *layout.declared.key]))
        self.ordering = [name for name in every if name not in fixed]
        self._filter, self._filter_bindings = "", list[object]()
        if rest is not None:
            self._filter, self._filter_bindings = compiled(rest, layout.codec)
        self.filters = bool(self._filter) or layout.declared.ttl is not None

    def sql(
        self, after: tuple[Column, ...] | None, now: int, limit: int
    ) -> tuple[str, list[object]]:
        """Rows of (value, whether it counts, *ordering), in order, from after a position."""
        counts, bindings = self._counting(now)
        where = [f"{name} = ?" for name, _ in self._equal]
        bindings += [value for _, value in self._equal]
        for name in self._key:
            if name in self._layout.further:
                where.append(f"{column(name)} IS NOT NULL")  # what the sparse index promises
        for bound in self._bounds:
            # A position lies within the bounds already: only the far one is still to be watched.
            passed = after is not None and bound.op[0] == ("<" if self._reverse else ">")
            if bound.op != "=" and not passed:
                where.append(f"{column(self._sort)} {bound.op} ?")
                bindings.append(bound.column)
        if after is not None:
            sign = "<" if self._reverse else ">"
            marks = ", ".join("?" * len(after))
            where.append(f"({', '.join(self.ordering)}) {sign} ({marks})")
            bindings += after
        direction = " DESC" if self._reverse else ""
        order = ", ".join(f"{name}{direction}" for name in self.ordering)
        text = f"SELECT {', '.join(['value', counts, *self.ordering])} FROM {self._source}"
        text += f" WHERE {' AND '.join(where)}" if where else ""
        text += f" ORDER BY {order}" if order else ""
        return f"{text} LIMIT ?", [*bindings, limit]

    def opened(self, position: bytes | None) -> tuple[Column, ...] | None:
        """The columns of a position; BadRequest when it is none of this walk."""
        if position is None:
            return None
        try:
            found: Any = msgpack.decode(position)
        except (DecodeError, ValueError, RecursionError):
            found = None
        kinds = [str if field.kind == "text" else bytes for field in self._ordering_fields()]
        if not isinstance(found, list) or list(map(type, found)) != kinds or not kinds:  # pyright: ignore
            raise BadRequest("the position does not belong to this listing: start again without")
        return found  # pyright: ignore

    def _ordering_fields(self) -> list[KeyField]:
        named = {column(name): field for name, field in self._layout.fields.items()}
        return [named[name] for name in self.ordering]

    def _counting(self, now: int) -> tuple[str, list[object]]:
        parts, bindings = list[str](), list[object]()
        if self._layout.declared.ttl is not None:
            parts.append("(expires IS NULL OR expires > ?)")
            bindings.append(now)
        if self._filter:
            parts.append(self._filter)
            bindings += self._filter_bindings
        return " AND ".join(parts) or "1", bindings

    def _use_index(self, index: str) -> None:
        declared = self._layout.declared
        if index not in declared.indexes or not self._key:
            raise no_index(index, list(declared.indexes), self._layout.codec.place, self._key)
        self._key = declared.indexes[index]
        self._source += f" INDEXED BY {self._layout.index_name(index)}"

    def _split(self, where: Condition | None) -> tuple[list[Bound], Condition | None]:
        """What bounds the sort key, and what filters the rest."""
        bounding, rest = split(where, self._key, self._layout.codec.place)
        return [bound for part in bounding for bound in self._bounds_of(part)], rest

    def _bounds_of(self, part: Condition) -> list[Bound]:
        field = self._layout.fields[part.path]
        if part.op == "begins_with":
            prefix = field.prefix(part.values[0])
            end = successor(prefix)
            return [Bound(">=", prefix), *([Bound("<", end)] if end is not None else [])]
        columns = [field.column(value) for value in part.values]
        if part.op == "between":
            return [Bound(">=", columns[0]), Bound("<=", columns[1])]
        return [Bound(part.op, columns[0])]


def position_of(columns: tuple[Column, ...]) -> bytes:
    return msgpack.encode(columns)
