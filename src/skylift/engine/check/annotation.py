"""From what msgspec says about a type back to the type: so it can judge one part alone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, Literal, Union
from uuid import UUID

from msgspec import Meta
from msgspec import inspect as shape

from .unknown import unwrapped

META = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tz")


def annotation(info: Any) -> Any:
    """The type of a scalar, or of several in a union."""
    info = unwrapped(info)
    if isinstance(info, shape.UnionType):
        return Union[tuple(map(annotation, scalars(info)))]  # noqa: UP007
    if isinstance(info, shape.LiteralType):
        return Literal[info.values]
    if hasattr(info, "cls"):
        return info.cls
    bounds = {name: value for name in META if (value := getattr(info, name, None)) is not None}
    plain = PLAIN[info.__class__]
    return Annotated[plain, Meta(**bounds)] if bounds else plain


def scalars(info: shape.UnionType) -> list[shape.Type]:
    """The alternatives without parts. (Those with parts must stay out of a type made for a moment:
    when msgspec 0.22 frees a union of a str with a pattern and a list, it corrupts the heap.)
    """
    return [part for part in map(unwrapped, info.types) if container(part) is None]


def container(info: Any) -> type | None:
    """The kind of JSON value a type with parts is written as."""
    if isinstance(info, shape.StructType) and info.array_like:
        return list
    return CONTAINERS.get(info.__class__)


PLAIN: dict[type, Any] = {
    shape.AnyType: Any,
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
