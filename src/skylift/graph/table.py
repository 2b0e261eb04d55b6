"""What can be wrong with a Table, before anything is stored in it. What its items and keys may be
is the codec's to say; here stand the limits on the table as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from ..codec import table_mistakes
from ..errors import Mistake
from ..function import Function
from ..resources.table import Table
from . import consumer
from .unsound import REASON, REMEDY, is_unsound

INDEXES_MAX = 20  # global secondary indexes of a DynamoDB table
FOLLOWERS_MAX = 2  # readers of one shard of a DynamoDB stream
INDEX = re.compile(r"[A-Za-z0-9_.-]{3,255}")


def mistakes(
    table: Table[Any, *tuple[Any, ...]], functions: list[Function[..., Any]]
) -> Iterator[Mistake]:
    said = f"table {table.name!r}"
    wrong = list(_unreadable(table))
    if not wrong:
        try:
            wrong = table_mistakes(table.item, table.key, table.indexes, table.ttl)
        except re.error as error:
            remedy = "a pattern of Meta is a regular expression of Python's"
            wrong = [(f"{table.item.__name__} has a wrong pattern: {error}", remedy)]
    for reason, remedy in [*wrong, *_indexes(table.indexes)]:
        yield Mistake(table.place, f"{said}: {reason}", remedy)
    for function in functions:
        yield from consumer.followed_mistakes(function)
    for one in functions[FOLLOWERS_MAX:]:
        reason = f"{said} is followed by {FOLLOWERS_MAX} functions already, at "
        reason += " and ".join(function.place for function in functions[:FOLLOWERS_MAX])
        remedy = "AWS lets two read a stream: let one of them send messages to a topic"
        yield Mistake(one.place, reason, remedy)


def _unreadable(table: Table[Any, *tuple[Any, ...]]) -> Iterator[tuple[str, str]]:
    """What the codec could not even be asked about."""
    if not isinstance(cast(object, table.item), type):
        remedy = "an item is a class: Struct, dataclass, TypedDict or pydantic model"
        yield f"{table.item!r} cannot be an item", remedy
    elif is_unsound(table.item):
        yield f"{table.item.__name__}: {REASON}", REMEDY
    for name in (*table.key, *(field for fields in table.indexes.values() for field in fields)):
        if not isinstance(cast(object, name), str):
            yield f"{name!r} is no field name", "name the fields of a key as strings"
    if not isinstance(cast(object, table.ttl), str | None):
        yield f"ttl={table.ttl!r} is no field name", 'name the field as a string: ttl="expires_at"'


def _indexes(indexes: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    if len(indexes) > INDEXES_MAX:
        reason = f"{len(indexes)} indexes, DynamoDB has {INDEXES_MAX}"
        yield reason, "let an index with a sort key answer more than one question"
    seen: dict[str, str] = {}
    for name in indexes:
        other = seen.setdefault(str(name).lower(), name)
        if other != name:
            reason = f"index names {other!r} and {name!r} differ by case only"
            yield reason, "rename one of them"
        if not isinstance(cast(object, name), str) or not INDEX.fullmatch(name):
            yield (
                f"index name {name!r}: AWS would refuse it",
                "3 to 255 of letters, digits, _, . and -",
            )
