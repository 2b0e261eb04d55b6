"""A value that came as text: a path segment, a query parameter, a header.

What JSON writes as a string is read as it stands, numbers and truth values as JSON writes them. So
`nan`, `+1`, `TRUE` or a timestamp for a date are refused, as the OpenAPI description says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import DecodeError, ValidationError, convert, json
from msgspec import inspect as shape

from .unknown import unwrapped

NUMERIC = (shape.IntType, shape.FloatType, shape.BoolType)
DIGITS = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"  # of a decimal


def text_reader(kind: Any) -> Callable[[str], Any]:
    """A function from text to a value of the type; ValidationError or DecodeError otherwise."""
    if kind is str:
        return str
    info = unwrapped(shape.type_info(kind))
    if isinstance(info, shape.DecimalType):
        return _decimal_reader(kind)
    written = set(_written(info))
    if written == {"json"}:
        return json.Decoder(kind).decode
    if written == {"text"}:
        return lambda text: convert(text, kind)
    decode = json.Decoder(kind).decode

    def read_either(text: str) -> Any:
        if not text.startswith('"'):
            try:
                return decode(text)
            except (DecodeError, ValidationError):
                pass
        return convert(text, kind)

    return read_either


def _decimal_reader(kind: Any) -> Callable[[str], Any]:
    """Without what Decimal reads too: `nan`, blanks, `1_000`, digits of other scripts."""
    import re

    fits = re.compile(DIGITS).fullmatch

    def read(text: str) -> Any:
        if not fits(text):
            raise ValidationError("Expected `decimal`, got `str`")
        return convert(text, kind)

    return read


def texts_reader(kind: Any) -> Callable[[list[str]], list[Any]]:
    """The same for all values of a repeated parameter."""
    from .annotation import annotation

    info: Any = unwrapped(shape.type_info(kind))
    read = text_reader(annotation(info.item_type))
    low, high = info.min_length or 0, info.max_length

    def read_each(texts: list[str]) -> list[Any]:
        if len(texts) < low or (high is not None and len(texts) > high):
            raise ValidationError(f"{len(texts)} values")
        return [read(text) for text in texts]

    return read_each


def _written(info: shape.Type) -> list[str]:
    """How JSON writes the values of a scalar type."""
    told = unwrapped(info)
    if isinstance(told, shape.UnionType):
        return [way for part in told.types for way in _written(part)]
    if isinstance(told, shape.LiteralType):
        return ["text" if isinstance(value, str) else "json" for value in told.values]
    if isinstance(told, shape.EnumType):
        return ["text" if isinstance(member.value, str) else "json" for member in told.cls]
    return ["json" if isinstance(told, NUMERIC) else "text"]
