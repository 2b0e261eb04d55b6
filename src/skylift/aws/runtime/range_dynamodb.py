"""Queries and scans. A position is the key of the item it stands on, in the table and in the index,
so that it stays right when items come and go; DynamoDB's own pages are only how much is read.

A filter that DynamoDB cannot say, and expiry, are decided here: what is read costs the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import DecodeError, json

from ...conditions import Condition
from ...engine.condition import holds
from ...engine.range import limit_checked, no_index, split
from ...errors import BadRequest
from ...ports import Range, Rows
from .batch import next_page
from .condition_dynamodb import Compiler, Unseen, is_small
from .expression_dynamodb import Words
from .value_dynamodb import Attributes, Layout, object_of, text_of

if TYPE_CHECKING:
    from .table_dynamodb import DynamoTable

# Items DynamoDB is asked to look at: what it reads is paid for, whether or not it is given. Where
# little passes, each page is larger than the one before, up to the megabyte of one answer.
LOOKED_AT_MAX = 10_000
FILTERED, GROWTH = 4, 4


async def walked(table: DynamoTable, rows: Range) -> Rows:
    walk, limit = Walk(table, rows), limit_checked(rows)
    passed: list[Attributes] = []
    items: list[Any] = []
    page = walk.asked(rows.after, limit + 1)
    while page is not None and len(items) <= limit:
        answer = await table.done(walk.operation, page, "none")
        for attributes in answer.get("Items", ()):
            tree = object_of(attributes)
            if walk.counts(tree):
                passed.append(attributes)
                items.append(tree)
        page = next_page(page, answer)
        if page is not None:
            page["Limit"] = min(page["Limit"] * GROWTH, LOOKED_AT_MAX)
    found = [table.codec.decode(text_of(tree)) for tree in items[:limit]]
    return Rows(found, walk.position(passed[limit - 1]) if len(items) > limit else None)


class Walk:
    """One Range, ready to be asked for page after page."""

    def __init__(self, table: DynamoTable, rows: Range) -> None:
        self._table, self._layout, self._rows = table, table.layout, rows
        declared = table.declared
        self._key: tuple[str, ...] = declared.key if rows.partition is not None else ()
        if rows.index is not None:
            if rows.index not in declared.indexes or not self._key:
                known = list(declared.indexes)
                raise no_index(rows.index, known, table.codec.place, self._key)
            self._key = declared.indexes[rows.index]
        self.operation = "Query" if self._key else "Scan"
        self._now_us = table.now_us()
        self._words = Words()
        bounding, self._filter = split(rows.where, self._key, table.codec.place)
        self._is_empty: bool = False
        self._bounds = self._bounded(bounding) if self._key else ""
        self._filter_said = self._filter_text()
        stored = map(self._layout.stored, dict.fromkeys([*self._key, *declared.key]))
        self._positioned = [*stored]

    def asked(self, after: bytes | None, count: int) -> dict[str, Any] | None:
        """The first request; None when nothing can be found."""
        start = self._opened(after) if after is not None else None
        if self._is_empty:
            return None
        rows = self._rows
        asked: dict[str, Any] = {
            "TableName": self._table.place,
            **self._words.asked(
                KeyConditionExpression=self._bounds, FilterExpression=self._filter_said
            ),
        }
        if rows.index is None:
            asked["ConsistentRead"] = True
        else:
            asked["IndexName"] = rows.index
        if rows.reverse:
            asked["ScanIndexForward"] = False
        asked["Limit"] = count * (FILTERED if self._filter is not None else 1)
        if start is not None:
            asked["ExclusiveStartKey"] = start
        return asked

    def counts(self, tree: dict[str, Any]) -> bool:
        if self._layout.is_over(tree, self._now_us):
            return False
        if self._filter is None or self._filter_said:
            return True
        return holds(self._filter, tree, self._table.codec)

    def position(self, attributes: Attributes) -> bytes:
        return json.encode([attributes[name] for name in self._positioned])

    def _opened(self, position: bytes) -> Attributes:
        """BadRequest for a position that is none of this walk."""
        try:
            found = json.decode(position, type=list[dict[str, str]])
        except (DecodeError, ValueError, RecursionError):
            found = []
        named = dict(zip(self._positioned, found, strict=False))
        kinds = {name: kind for name, value in named.items() for kind in value}
        if len(found) != len(self._positioned) or kinds != self._kinds():
            raise BadRequest("the position does not belong to this listing: start again without")
        return named

    def _kinds(self) -> dict[str, str]:
        fields, stored = self._layout.fields.values(), self._layout.stored
        kinds = {stored(field.name): KINDS[field.kind] for field in fields}
        return {name: kinds[name] for name in self._positioned}

    def _bounded(self, bounding: list[Condition]) -> str:
        layout, words = self._layout, self._words
        said = [self._compared(self._key[0], "=", self._rows.partition)]
        if len(bounding) == 2:  # a >= and a <=, of which DynamoDB takes one
            low, high = sorted(bounding, key=lambda part: part.op, reverse=True)
            bounding = [Condition("between", low.path, (*low.values, *high.values))]
        for part in bounding:
            path = words.name(layout.stored(part.path))
            if part.op == "between":
                start, end = (layout.fields[part.path].column(value) for value in part.values)
                self._is_empty = start > end  # pyright: ignore[reportOperatorIssue] # of one kind
                low, high = (layout.key_value(part.path, value) for value in part.values)
                said.append(f"{path} BETWEEN {words.value(low)} AND {words.value(high)}")
            elif part.op == "begins_with":
                said.append(f"begins_with({path}, {words.value(self._prefix(layout, part))})")
            else:
                said.append(self._compared(part.path, part.op, part.values[0]))
        return " AND ".join(said)

    def _compared(self, name: str, op: str, value: object) -> str:
        path, held = self._layout.stored(name), self._layout.key_value(name, value)
        return f"{self._words.name(path)} {op} {self._words.value(held)}"

    def _prefix(self, layout: Layout, part: Condition) -> dict[str, str]:
        from .value_dynamodb import base64

        prefix = layout.fields[part.path].prefix(part.values[0])
        return {"S": prefix} if isinstance(prefix, str) else {"B": base64(prefix)}

    def _filter_text(self) -> str:
        """What DynamoDB filters by; nothing where it cannot, or need not."""
        if self._filter is None:
            return ""
        try:
            said = Compiler(self._layout, self._words).said(self._filter)
        except Unseen:
            return ""
        if isinstance(said, str):
            return said if is_small(said) else ""
        self._filter, self._is_empty = None, self._is_empty or not said
        return ""


KINDS = {"number": "N", "text": "S", "bytes": "B"}
