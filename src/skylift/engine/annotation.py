"""From what msgspec says about a type back to the type: so it can judge one part alone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, Literal, Union
from uuid import UUID

from msgspec import Meta, Raw
from msgspec import inspect as shape

from .unknown import MAPPINGS, unwrapped

META = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tz")


def annotation(info: Any) -> Any:
    """The type again, from what msgspec says about it."""
    info = unwrapped(info)
    if isinstance(info, shape.UnionType):
        return Union[tuple(map(annotation, info.types))]  # noqa: UP007
    if isinstance(info, shape.LiteralType):
        return Literal[info.values]
    if hasattr(info, "cls"):
        return info.cls
    plain: Any = PLAIN[info.__class__]
    if isinstance(info, shape.TupleType):
        plain = tuple[tuple(map(annotation, info.item_types))]
    elif isinstance(info, shape.VarTupleType):
        plain = tuple[annotation(info.item_type), ...]
    elif isinstance(info, shape.CollectionType):
        plain = plain[annotation(info.item_type)]
    elif isinstance(info, MAPPINGS):
        plain = plain[annotation(info.key_type), annotation(info.value_type)]
    bounds = {name: value for name in META if (value := getattr(info, name, None)) is not None}
    return Annotated[plain, Meta(**bounds)] if bounds else plain


def container(info: Any) -> type | None:
    """The kind of JSON value a type with parts is written as."""
    if isinstance(info, shape.StructType) and info.array_like:
        return list
    return CONTAINERS.get(info.__class__)


PLAIN: dict[type, Any] = {
    shape.AnyType: Any,
    shape.RawType: Raw,
    shape.NoneType: NoneType,
    shape.BoolType: bool,
    shape.IntType: int,
    shape.FloatType: float,
    shape.StrType: str,
    shape.BytesType: bytes,
    shape.ByteArrayType: bytearray,
    shape.MemoryViewType: memoryview,
    shape.DateTimeType: datetime,
    shape.TimeType: time,
    shape.DateType: date,
    shape.TimeDeltaType: timedelta,
    shape.UUIDType: UUID,
    shape.DecimalType: Decimal,
    shape.ListType: list,
    shape.SetType: set,
    shape.FrozenSetType: frozenset,
    shape.VarTupleType: tuple,
    shape.TupleType: tuple,
    shape.DictType: dict,
}
CONTAINERS: dict[type, type] = {
    shape.StructType: dict,
    shape.DataclassType: dict,
    shape.TypedDictType: dict,
    shape.DictType: dict,
    shape.FrozenDictType: dict,
    shape.NamedTupleType: list,
    shape.TupleType: list,
    shape.ListType: list,
    shape.SetType: list,
    shape.FrozenSetType: list,
    shape.VarTupleType: list,
    shape.CustomType: dict,
}
