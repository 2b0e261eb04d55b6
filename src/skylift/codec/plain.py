"""The shape of a plain Struct or dataclass: its fields are scalars, lists of them or others of its
kind, and may be None where None is their default. Anything else is left to somebody else.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from msgspec import NODEFAULT, StructMeta

from . import number, shape
from .shape import Object, Shape

# Name, writers, what its JSON text means, whether it is a number.
Plain: TypeAlias = "tuple[str, dict[type, shape.Writer], Any, bool]"

PLAIN: dict[type, Plain] = {
    NoneType: ("None", {NoneType: None}, None, False),
    bool: ("bool", {bool: None}, None, False),
    str: ("str", {str: None}, str, False),
    bytes: ("bytes", {bytes: None}, bytes, False),
    int: ("int", {int: number.whole}, None, True),
    float: ("float", {float: number.real, int: number.widened}, None, True),
    Decimal: ("Decimal", {Decimal: number.trimmed, int: number.whole}, None, True),
    datetime: ("datetime", {datetime: shape.utc_text}, str, False),
    date: ("date", {date: shape.date_text}, str, False),
    UUID: ("UUID", {UUID: shape.id_text}, str, False),
}
DEPTH_MAX = 4  # a type may lead back to itself


def plain(declared: Any) -> Shape | None:
    """None for what is not plain, or holds a mistake."""
    into = Shape()
    return into if _add_object(into, declared, 0) else None


def _add_object(into: Shape, cls: Any, depth: int) -> bool:
    fields = _fields(cls) if depth <= DEPTH_MAX else None
    if fields is None or getattr(cls, "__parameters__", None):
        return False
    try:
        hints = get_type_hints(cls, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return False
    known = Object(cls, None, keyed=False)
    for name, stored, default in fields:
        inner = Shape()
        if not _add(inner, hints[name], depth):
            return False
        if inner.nullable and default is not NODEFAULT and default is not None:
            return False
        known.fields.append((name, stored, inner.writers, inner, default is NODEFAULT))
    into.names.append(cls.__name__)
    into.objects.append(known)
    into.writers[cls] = known.write
    return True


def _fields(cls: Any) -> list[tuple[str, str, Any]] | None:
    """Name, name stored under, and default."""
    if type(cls) is StructMeta:
        config = cls.__struct_config__
        names, defaults = cls.__struct_fields__, cls.__struct_defaults__
        given = (NODEFAULT,) * (len(names) - len(defaults)) + defaults
        is_other = config.array_like or config.tag is not None
        stored = cls.__struct_encode_fields__
        return None if is_other else list(zip(names, stored, given, strict=True))
    declared = getattr(cls, "__dataclass_fields__", None)
    if declared is None or not isinstance(cls, type):
        return None
    from dataclasses import MISSING, fields  # loaded already

    own = fields(cls)
    if len(own) != len(declared) or not all(one.init for one in own):
        return None
    return [(one.name, one.name, _default(one, MISSING)) for one in own]


def _default(field: Any, missing: object) -> Any:
    """One that is made anew each time counts as itself: it is surely not None."""
    for default in (field.default, field.default_factory):
        if default is not missing:
            return default
    return NODEFAULT


def _add(into: Shape, hint: Any, depth: int) -> bool:
    if isinstance(hint, type) and (scalar := PLAIN.get(hint)) is not None:
        name, writers, text, numeric = scalar
        into.names.append(name)
        into.writers.update(writers)
        into.text, into.numeric = text or into.text, numeric or into.numeric
        return True
    origin, parts = get_origin(hint), get_args(hint)
    if origin is list:
        return _add_list(into, parts[0], depth)
    if origin is Union or origin is UnionType:  # of one thing with None: others have an order
        rest = [part for part in parts if part is not NoneType]
        if len(rest) != 1:
            return False
        in_order = (NoneType, int) if rest == [int] else (*rest, NoneType)  # as inspection has it
        return all(_add(into, part, depth) for part in in_order)
    return _add_object(into, hint, depth + 1)


def _add_list(into: Shape, hint: Any, depth: int) -> bool:
    into.array, into.items = list, Shape()
    if not _add(into.items, hint, depth) or into.items.nullable:
        return False
    into.names.append(f"list[{into.items.called}]")
    into.writers[list] = into.write_list
    return True
