"""How the fields of keys are stored: what a backend that keeps columns of its own must know of an
item, and nothing else of it.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias, cast

from ..codec import BYTES_MAX, KeyField
from ..codec.declared import declared_as
from ..resources.table import Table

Kind: TypeAlias = Literal["text", "number", "bytes"]


class Attribute(NamedTuple):
    """A key field under the name it is stored by."""

    name: str
    kind: Kind


def key_attributes(
    table: Table[Any, *tuple[Any, ...]], fields: tuple[str, ...]
) -> tuple[Attribute, ...]:
    """Of the table's key, or of an index's."""
    root = declared_as(table.item).root
    found: list[Attribute] = []
    for name, size_max in zip(fields, BYTES_MAX, strict=False):
        shape = root.at(name)
        assert shape is not None  # or the graph would not be one
        kind = cast(Kind, KeyField(name, shape, table.name, size_max).kind)
        found.append(Attribute(root.stored(name), kind))
    return tuple(found)
