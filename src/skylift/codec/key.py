"""Keys: the columns an item is found by. Their order is the order of the values; text stays text,
bytes stay bytes, numbers become bytes that sort. The limits are DynamoDB's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import Invalid, did_you_mean
from .declared import declared_as, is_one_kind
from .misfit import Misfit, described
from .number import sortable
from .shape import Shape

if TYPE_CHECKING:
    from .item import ItemCodec

Column: TypeAlias = "str | bytes"

PARTITION_BYTES_MAX, SORT_BYTES_MAX = 2048, 1024
BYTES_MAX = (PARTITION_BYTES_MAX, SORT_BYTES_MAX)


class KeyField:
    """One field of a key: of a table or of an index, its partition or its sort key."""

    __slots__ = ("kind", "name", "place", "shape", "size_max")

    def __init__(self, name: str, shape: Shape, place: str, size_max: int) -> None:
        self.name, self.shape, self.size_max = name, shape, size_max
        self.place = f"{place}: {name}"
        self.kind = "number" if shape.numeric else "text" if shape.text is str else "bytes"

    def column(self, value: Any) -> Column:
        """The value as its column holds it; Invalid when it cannot be a key."""
        if value is None:
            raise Invalid(f"{self.place}: expected {self.shape.called}, got None")
        try:
            part = self.shape.write(value)
        except Misfit as misfit:
            raise Invalid(f"{self.place}: {misfit}") from None
        return self.checked(part)

    def checked(self, part: Any) -> Column:
        """What stands in the column for a stored value; Invalid when it is empty or too long."""
        if not isinstance(part, (str, bytes)):
            return sortable(part)
        try:
            size = len(part) if isinstance(part, bytes) or part.isascii() else len(part.encode())
        except UnicodeEncodeError:
            raise Invalid(f"{self.place}: a lone surrogate is not text") from None
        if not size:
            raise Invalid(f"{self.place}: a key cannot be empty")
        if size > self.size_max:
            raise Invalid(f"{self.place}: the key has {size:,} bytes, limit {self.size_max:,}")
        return part

    def prefix(self, value: Any) -> Column:
        """What a key may begin with: text or bytes."""
        wanted = str if self.kind == "text" else bytes
        if self.kind == "number" or not isinstance(value, wanted):
            raise Invalid(
                f"{self.place}: begins_with takes {wanted.__name__}, got {described(value)}"
            )
        return self.checked(value)


def key_fields(
    codec: ItemCodec, key: tuple[str, ...], indexes: Mapping[str, tuple[str, ...]]
) -> dict[str, KeyField]:
    """Each field of a table's keys by its name; in several keys its tightest limit holds."""
    sizes: dict[str, int] = {}
    for names in (key, *indexes.values()):
        for name, size_max in zip(names, BYTES_MAX, strict=False):
            sizes[name] = min(size_max, sizes.get(name, size_max))
    return {
        name: KeyField(name, codec.find(name)[1][-1], codec.place, size_max)
        for name, size_max in sizes.items()
    }


Wrong: TypeAlias = "list[tuple[str, str]]"  # what is wrong, and what to do


def table_mistakes(
    item: type[Any],
    key: tuple[str, ...],
    indexes: Mapping[str, tuple[str, ...]],
    ttl: str | None,
) -> Wrong:
    """Everything that keeps a declared table from being stored and found alike on every backend."""
    declared = declared_as(item)
    shape = declared.root
    wrong = list(declared.mistakes)
    if wrong and not shape.objects:
        return wrong
    wrong += _key_mistakes(shape, "key", key, optional=False)
    for name, fields in indexes.items():
        wrong += _key_mistakes(shape, f"index {name!r}", fields, optional=True)
    wrong += _alike([*key, *(field for fields in indexes.values() for field in fields)])
    if ttl is not None:
        wrong += _ttl_mistakes(shape, ttl)
    return wrong


def _key_mistakes(shape: Shape, place: str, names: tuple[str, ...], *, optional: bool) -> Wrong:
    if not 1 <= len(names) <= 2 or len(set(names)) != len(names):
        return [(f"{place}={names!r}", "a key is one field, or a partition and a sort field")]
    wrong: Wrong = []
    for name in names:
        inner = shape.at(name)
        if inner is None or name not in shape.known():
            wrong.append(
                (f"{place}: there is no field {name!r}", did_you_mean(name, shape.known()))
            )
        elif not inner.names:
            continue  # a mistake of the item already
        elif inner.nullable and not optional:
            wrong.append((f"{place}: {name} may be None", "a key field is always there"))
        elif float in inner.writers:
            wrong.append(
                (f"{place}: {name} is float", "floats rarely meet again: use int or Decimal")
            )
        elif not is_one_kind(inner):
            remedy = "a key is str, int, Decimal, bytes, UUID, datetime, date or an enum"
            wrong.append((f"{place}: {name} is {inner.called}", remedy))
    return wrong


def _alike(names: list[str]) -> Wrong:
    """Columns of one SQLite table are told apart without their case."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            return [
                (f"key fields {other!r} and {name!r} differ by case only", "rename one of them")
            ]
    return []


def _ttl_mistakes(shape: Shape, ttl: str) -> Wrong:
    inner = shape.at(ttl)
    if inner is None or ttl not in shape.known():
        return [(f"ttl: there is no field {ttl!r}", did_you_mean(ttl, shape.known()))]
    if inner.writers.keys() - {datetime, int, float, Decimal, type(None)}:
        return [
            (f"ttl: {ttl} is {inner.called}", "say datetime, or seconds since 1970 as a number")
        ]
    return []
