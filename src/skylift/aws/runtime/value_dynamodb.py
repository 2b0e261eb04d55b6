"""Items as DynamoDB keeps them: a stored tree becomes attribute values and comes back as JSON.

None and empty sets are absence at every level; numbers go as text of at most 38 digits. Beside an
item that expires stands the second from which DynamoDB may remove it: never earlier than we do.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, TypeAlias, cast

from ...codec import ItemCodec
from ...codec.key import key_fields
from ...codec.number import decimal, trimmed
from ...codec.shape import Shape, utc_text
from ...codec.tree import attribute_places, decode_json, encode_json, is_there
from ...ports import Key
from ...resources.table import Table

Value: TypeAlias = "dict[str, Any]"  # {"S": …}, {"N": …} and so on
Attributes: TypeAlias = "dict[str, Value]"

EXPIRES = "~expires"  # the hidden attribute that DynamoDB removes items by
WRITER = "~writer"  # who wrote the item last, for those who follow its table
HIDDEN = (EXPIRES, WRITER)  # of no reader's concern
EXPIRES_MAX = 10**15  # seconds: nobody will be there to see
PLAIN_MAX = 10**38
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Layout:
    """The attributes of one declared table, and the limits of its keys."""

    def __init__(self, table: Table[Any, *tuple[Any, ...]]) -> None:
        self.declared = table
        self.codec = codec = ItemCodec(table.item, f"table {table.name!r}")
        self.fields = key_fields(codec, table.key, table.indexes)
        self.further = [field for name, field in self.fields.items() if name not in table.key]
        self.stored = codec.shape.stored
        self.partition = self.stored(table.key[0])

    def key(self, key: Key) -> Attributes:
        """Invalid when it cannot be one."""
        assert len(key) == len(self.declared.key)
        named = zip(self.declared.key, key, strict=True)
        return {self.stored(name): self.key_value(name, value) for name, value in named}

    def key_value(self, name: str, value: Any) -> Value:
        field = self.fields[name]
        column = field.column(value)
        if field.kind == "number":
            return {"N": number_text(field.shape.write(value))}
        return {"S": column} if isinstance(column, str) else {"B": base64(column)}

    def item(self, item: Any) -> Attributes:
        """Invalid when it, a key in it or its size is not allowed."""
        tree = decode_json(self.codec.encode(item))
        self.check_keys(item)
        return self.attributes(item, tree)

    def attributes(self, item: Any, tree: dict[str, Any]) -> Attributes:
        found = attributes_of(tree, self.codec.shape)
        if self.declared.ttl is not None:
            expires = expires_s(attribute(item, self.declared.ttl))
            if expires is not None:
                found[EXPIRES] = {"N": str(expires)}
        return found

    def check_keys(self, item: Any) -> None:
        for name in self.declared.key:
            self.fields[name].column(attribute(item, name))
        for field in self.further:
            part = attribute(item, field.name)  # without it the index lacks the item
            if part is not None:
                field.column(part)

    def is_over(self, tree: Mapping[str, Any], now_us: int) -> bool:
        """Whether the item has expired: to the microsecond, whenever DynamoDB removes it."""
        if self.declared.ttl is None:
            return False
        ends = tree.get(self.stored(self.declared.ttl))
        if ends is None:
            return False
        if isinstance(ends, str):
            return ends <= moment_text(now_us)
        return cast("Decimal", ends) < over_below(now_us)


def attributes_of(tree: dict[str, Any], place: Shape | None) -> Attributes:
    """Of an object: what is there, by the names it is stored under."""
    inner = attribute_places(tree, place)
    found: Attributes = {}
    for name, part in tree.items():
        at = inner(name)
        if is_there(part, at):
            found[name] = value_of(part, at)
    return found


def value_of(tree: Any, place: Shape | None) -> Value:
    if isinstance(tree, str):
        return {"B": tree} if place is not None and place.text is bytes else {"S": tree}
    if isinstance(tree, bool):
        return {"BOOL": tree}
    if isinstance(tree, dict):
        return {"M": attributes_of(cast("dict[str, Any]", tree), place)}
    if not isinstance(tree, list):
        return {"N": number_text(tree)}
    parts = cast("list[Any]", tree)
    inner = place.items if place is not None else None
    if inner is None or place is None or place.array is not set:
        return {"L": [value_of(part, inner) for part in parts]}
    if inner.numeric:
        return {"NS": list(map(number_text, parts))}
    return {"BS" if inner.text is bytes else "SS": parts}


def tree_of(value: Value) -> Any:
    """The stored tree of a value: bytes are base64 and sets are lists, as in JSON."""
    ((kind, held),) = value.items()
    if kind in ("S", "BOOL", "B", "SS", "BS"):
        return held
    if kind == "N":
        return number_of(held)
    if kind == "M":
        return object_of(held)
    if kind == "L":
        return [tree_of(part) for part in held]
    return [number_of(part) for part in held] if kind == "NS" else None


def object_of(attributes: Attributes) -> dict[str, Any]:
    return {name: tree_of(value) for name, value in attributes.items() if name not in HIDDEN}


def text_of(tree: dict[str, Any]) -> bytes:
    """What the codec reads."""
    return encode_json(tree)


def number_text(value: int | Decimal) -> str:
    """In at most 38 digits, however large it is."""
    if isinstance(value, int) and -PLAIN_MAX < value < PLAIN_MAX:
        return str(value)
    return str(trimmed(decimal(value)))


def number_of(text: str) -> int | Decimal:
    if text.isdigit():
        return int(text)
    value = Decimal(text)
    whole = value.to_integral_value()
    return int(value) if value == whole else value


def base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def attribute(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)  # type: ignore


def expires_s(at: Any) -> int | None:
    """The whole second at or after it; None when it stays."""
    if at is None:
        return None
    if isinstance(at, datetime):
        return max(0, -((EPOCH - at) // timedelta(seconds=1)))
    seconds = min(max(decimal(at), Decimal(0)), Decimal(EXPIRES_MAX))
    return int(seconds.to_integral_value(ROUND_CEILING))


def moment_text(now_us: int) -> str:
    """As a datetime is stored: what expires by it compares as text."""
    return utc_text(EPOCH + timedelta(microseconds=now_us))


def over_below(now_us: int) -> Decimal:
    """Below this many seconds a number has expired: whole microseconds count, as for datetimes."""
    return Decimal(now_us + 1).scaleb(-6)
