"""Shapes: what may stand at one place of an item, how it is written there, and what its JSON means.

A tree of dicts, lists, str, bytes, numbers, bool and None is what every backend stores. Writing is
strict (a wrong type, a naive datetime, nan are refused with their path), so that what was stored
can be read. Nothing here knows a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from . import number
from .misfit import Misfit, described

Writer: TypeAlias = "Callable[[Any, int], Any] | None"  # None: stored as it is

DEPTH_MAX = 32
DICT_KEY_BYTES_MAX = 65_535


class Shape:
    """One place. `writers` go by exact class; `text` says what a JSON string means here (str or
    bytes), `array` what an array means (list or set); `objects` have declared fields, `values` any
    key.
    """

    __slots__ = (
        "array", "items", "keys", "names", "numeric", "objects", "text", "values", "writers",
    )  # fmt: skip

    def __init__(self) -> None:
        self.names: list[str] = []
        self.writers: dict[type, Writer] = {}
        self.text: type[str] | type[bytes] | None = None
        self.array: type[list[Any]] | type[set[Any]] | None = None
        self.items: Shape | None = None
        self.numeric = False
        self.keys: Shape | None = None
        self.values: Shape | None = None
        self.objects: list[Object] = []

    @property
    def called(self) -> str:
        """The declared type, as errors name it."""
        return " | ".join(dict.fromkeys(self.names)) or "nothing"

    @property
    def nullable(self) -> bool:
        return type(None) in self.writers

    def write(self, value: object, depth: int = 0) -> Any:
        """The tree of a value; Misfit when it may not stand here."""
        kind = type(value)
        writer = self.writers[kind] if kind in self.writers else self.adopted(value)
        return value if writer is None else writer(value, depth)

    def adopted(self, value: object) -> Writer:
        """The writer for a subclass of a declared class; from now on it is known."""
        for declared in type(value).__mro__[1:]:
            if declared in self.writers and declared in ADOPTING and type(value) is not bool:
                writer = ADOPTING[declared] or self.writers[declared]
                self.writers[type(value)] = writer
                return writer
        raise Misfit(self.called, described(value))

    def at(self, name: str) -> Shape | None:
        """The place one step further in; None when there is no such attribute."""
        found = [inner for each in self.objects if (inner := each.at(name)) is not None]
        if self.values is not None:
            found.append(self.values)
        return found[0] if len(found) < 2 and found else merged(found) if found else None

    def stored(self, name: str) -> str:
        """The name an attribute is stored under."""
        for each in self.objects:
            for field in each.fields:
                if field[0] == name:
                    return field[1]
        return name

    def member(self, tree: dict[str, Any]) -> Object | None:
        """The declared class a stored object is one of, by its tag when there are several."""
        if len(self.objects) < 2:
            return self.objects[0] if self.objects else None
        for each in self.objects:
            if each.tag is not None and tree.get(each.tag[0]) == each.tag[1]:
                return each
        return None

    def known(self) -> list[str]:
        return [field[0] for each in self.objects for field in each.fields]

    # -- containers

    def write_list(self, values: Iterable[object], depth: int) -> list[Any]:
        assert self.items is not None
        _descend(depth)
        writers, tree = self.items.writers, list[Any]()
        try:
            for part in values:
                kind = type(part)
                writer = writers[kind] if kind in writers else self.items.adopted(part)
                tree.append(part if writer is None else writer(part, depth + 1))
        except Misfit as misfit:
            misfit.path.append(f"[{len(tree)}]")
            raise
        return tree

    def write_set(self, values: Any, depth: int) -> list[Any]:
        return sorted(self.write_list(values, depth))

    def write_dict(self, values: Any, depth: int) -> dict[str, Any]:
        assert self.keys is not None
        assert self.values is not None
        _descend(depth)
        tree: dict[str, Any] = {}
        key: Any = ""
        try:
            for key, part in values.items():
                tree[_dict_key(self.keys.write(key))] = self.values.write(part, depth + 1)
        except Misfit as misfit:
            misfit.path.append(f".{key}")
            raise
        return tree


# Name, name stored under, writers, shape, whether it must be there.
Field: TypeAlias = "tuple[str, str, dict[type, Writer], Shape, bool]"


class Object:
    """A class with declared fields: Struct, dataclass, TypedDict (`keyed`) or pydantic model."""

    __slots__ = ("cls", "fields", "keyed", "tag")

    def __init__(self, cls: type, tag: tuple[str, str | int] | None, *, keyed: bool) -> None:
        self.cls, self.tag, self.keyed = cls, tag, keyed
        self.fields: list[Field] = []

    def at(self, name: str) -> Shape | None:
        for field in self.fields:
            if field[0] == name:
                return field[3]
        return _tag_shape(self.tag[1]) if self.tag and self.tag[0] == name else None

    def stored_at(self, stored: str) -> Shape | None:
        for field in self.fields:
            if field[1] == stored:
                return field[3]
        return None

    def write(self, value: Any, depth: int) -> dict[str, Any]:
        _descend(depth)
        tree: dict[str, Any] = {self.tag[0]: self.tag[1]} if self.tag else {}
        name = ""
        try:
            for name, stored, writers, shape, _ in self.fields:
                part: object = getattr(value, name)
                kind = type(part)
                writer = writers[kind] if kind in writers else shape.adopted(part)
                tree[stored] = part if writer is None else writer(part, depth + 1)
        except Misfit as misfit:
            misfit.path.append(f".{name}")
            raise
        return tree

    def write_keyed(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        _descend(depth)
        tree: dict[str, Any] = {}
        for name, stored, _, shape, required in self.fields:
            if name in value:
                try:
                    tree[stored] = shape.write(value[name], depth + 1)
                except Misfit as misfit:
                    misfit.path.append(f".{name}")
                    raise
            elif required:
                raise Misfit(f"the key {name!r} ({shape.called})", "none")
        if len(tree) != len(value):
            declared = {field[0] for field in self.fields}
            extra = next(key for key in value if key not in declared)
            raise Misfit(f"the keys of {self.cls.__name__}", f"{extra!r}")
        return tree


def merged(shapes: list[Shape]) -> Shape:
    """One place that several members of a union share."""
    whole = Shape()
    for each in shapes:
        whole.names += each.names
        whole.writers |= each.writers
        whole.objects += each.objects
        whole.text = whole.text or each.text
        whole.array = whole.array or each.array
        whole.numeric = whole.numeric or each.numeric
        whole.items = whole.items or each.items
        whole.keys = whole.keys or each.keys
        whole.values = whole.values or each.values
    return whole


def utc_text(value: datetime, depth: int = 0) -> str:
    """Fixed width in UTC, so that text sorts as time does."""
    if value.tzinfo is UTC:
        return value.isoformat(timespec="microseconds")[:26] + "Z"
    if value.tzinfo is None or value.utcoffset() is None:
        raise Misfit("an aware datetime", "a naive one")
    try:
        return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
    except OverflowError:
        raise Misfit("a datetime of the years 1 to 9999 in UTC", repr(value)) from None


def date_text(value: date, depth: int = 0) -> str:
    return value.isoformat()[:10]


def id_text(value: UUID, depth: int = 0) -> str:
    return str(value)


def enum_value(value: Any, depth: int = 0) -> Any:
    return value._value_  # half the price of .value


def _plain_str(value: str, depth: int = 0) -> str:
    return str.__str__(value)


def _plain_int(value: int, depth: int = 0) -> int:
    return number.whole(int.__int__(value))


def _plain_float(value: float, depth: int = 0) -> float:
    return number.real(float.__float__(value))


# Subclasses that are stored as the class they extend; None: by the writer of that class. A subclass
# of an author's own class is refused: its further fields would be lost.
ADOPTING: dict[type, Writer] = {
    str: _plain_str,
    int: _plain_int,
    float: _plain_float,
    datetime: None,
    Decimal: None,
    UUID: None,
    list: None,
    dict: None,
    set: None,
    frozenset: None,
}


def _tag_shape(tag: str | int) -> Shape:
    shape = Shape()
    shape.names.append(type(tag).__name__)
    shape.writers[type(tag)] = None
    shape.text = str if isinstance(tag, str) else None
    shape.numeric = isinstance(tag, int)
    return shape


def _dict_key(key: str) -> str:
    if not key or len(key) * 4 > DICT_KEY_BYTES_MAX < len(key.encode()):
        raise Misfit("a key of 1 to 65,535 bytes", f"one of {len(key)} characters")
    return key


def _descend(depth: int) -> None:
    if depth > DEPTH_MAX:
        raise Misfit(f"at most {DEPTH_MAX} levels of nesting", "more")
