"""JSON schemas of what has no parts: numbers, texts and the formats written as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from msgspec import inspect as shape

from ..check.text import DIGITS

Way: TypeAlias = Literal["in", "out", "text"]  # a body, an answer, a parameter
Schema: TypeAlias = dict[str, Any]

BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}
CLOCK = (
    r"(([0-9]{1,6}H)?([0-9]{1,6}M)?[0-9]{1,6}(\.[0-9]{1,6})?S"
    r"|([0-9]{1,6}H)?[0-9]{1,6}M|[0-9]{1,6}H)"
)
BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
NAIVE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$"
INTEGER = r"^(0|-?[1-9][0-9]*)$"


def described(cls: Any) -> Schema:
    """The class's docstring, unless a dataclass or a NamedTuple made it itself."""
    origin = getattr(cls, "__origin__", cls)
    doc: str = (origin.__doc__ or "").strip()
    if not doc or doc.startswith(f"{origin.__name__}(") or doc == "An enumeration.":
        return {}
    return {"description": "\n".join(line.strip() for line in doc.splitlines())}


def lengths(info: Any, what: str) -> Schema:
    lengths = {f"min{what}": info.min_length, f"max{what}": info.max_length}
    return {name: length for name, length in lengths.items() if length is not None}


def _number(info: Any, _way: Way) -> Schema:
    written = {BOUNDS[name]: getattr(info, name) for name in BOUNDS}
    kind = "integer" if isinstance(info, shape.IntType) else "number"
    return {"type": kind} | {name: bound for name, bound in written.items() if bound is not None}


def _string(info: Any, _way: Way) -> Schema:
    pattern = {} if info.pattern is None else {"pattern": info.pattern}
    return {"type": "string"} | lengths(info, "Length") | pattern


def _bytes(info: Any, _way: Way) -> Schema:
    sizes = {name: (size + 2) // 3 * 4 for name, size in lengths(info, "Length").items()}
    return {"type": "string", "contentEncoding": "base64", "pattern": BASE64} | sizes


def _datetime(info: Any, _way: Way) -> Schema:
    if info.tz is False:
        return {"type": "string", "pattern": NAIVE}
    return {"type": "string", "format": "date-time"}


def _time(info: Any, _way: Way) -> Schema:
    if info.tz is True:
        return {"type": "string", "format": "time"}
    return {"type": "string", "pattern": r"^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"}


def _fixed(**schema: Any) -> Callable[[Any, Way], Schema]:
    return lambda _info, _way: dict(schema)


def _decimal(_info: Any, way: Way) -> Schema:
    text = {"type": "string", "format": "decimal", "pattern": f"^{DIGITS}$"}
    return {"anyOf": [text, {"type": "number"}]} if way == "in" else text


def _enum(info: Any, _way: Way) -> Schema:
    return described(info.cls) | {"enum": [member.value for member in info.cls]}


def _literal(info: Any, _way: Way) -> Schema:
    values: list[Any] = list(info.values)
    return {"const": values[0]} if len(values) == 1 else {"enum": values}


SCALARS: dict[type, Callable[[Any, Way], Schema]] = {
    shape.NoneType: _fixed(type="null"),
    shape.BoolType: _fixed(type="boolean"),
    shape.IntType: _number,
    shape.FloatType: _number,
    shape.StrType: _string,
    shape.BytesType: _bytes,
    shape.ByteArrayType: _bytes,
    shape.MemoryViewType: _bytes,
    shape.DateTimeType: _datetime,
    shape.TimeType: _time,
    shape.DateType: _fixed(type="string", format="date"),
    shape.TimeDeltaType: _fixed(type="string", pattern=f"^-?P([0-9]{{1,6}}D(T{CLOCK})?|T{CLOCK})$"),
    shape.UUIDType: _fixed(type="string", format="uuid"),
    shape.DecimalType: _decimal,
    shape.EnumType: _enum,
    shape.LiteralType: _literal,
}
