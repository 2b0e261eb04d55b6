"""How a wrong value is told: what was expected, in the words of JSON and of the type's limits, and
what came, shortened and never a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from msgspec import inspect as shape
from msgspec import json

from .unknown import unwrapped

SHOWN_MAX = 40
CHOICES_MAX = 12
SECRETS = ("passw", "secret", "token", "authorization", "cookie", "credential", "apikey")


def expected(info: shape.Type, given: object = None) -> str:
    """`int >= 0`, `one of "red", "green"`, `array of at most 3 items`."""
    told: Any = unwrapped(info)
    if isinstance(told, shape.LiteralType):
        return choices(told.values, given)
    if isinstance(told, shape.EnumType):
        return choices([member.value for member in told.cls], given)
    say = WORDS.get(told.__class__)
    return say(told) if say else "another value"


def choices(values: Sequence[object], given: object = None) -> str:
    """The allowed values, and the one that was probably meant."""
    if len(values) == 1:
        return _quoted(values[0])
    near = _nearest(given, [value for value in values if isinstance(value, str)])
    return f"one of {_listed(values)}" + (f"; did you mean {near}?" if near else "")


def meant(name: str, known: Sequence[str]) -> str:
    """The name that was probably meant, or what names there are."""
    near = _nearest(name, known)
    return f"did you mean {near}?" if near else f"there is {_listed(known) or 'none'}"


def got(raw: Any, pointer: str) -> str:
    """`str "abc"`, `int -1`, `array of 3`; only the type where the name says it is a secret."""
    if raw is None:
        return "null"
    name: str = KINDS.get(raw.__class__) or raw.__class__.__name__
    if isinstance(raw, (list, dict)):
        return f"{name} of {len(cast(Sequence[object], raw))}"
    return name if is_secret(pointer) else f"{name} {_quoted(raw)}"


def is_secret(pointer: str) -> bool:
    name = pointer.lower().replace("-", "").replace("_", "")
    return any(secret in name for secret in SECRETS)


def _nearest(given: object, known: Sequence[str]) -> str:
    if not isinstance(given, str) or len(given) > SHOWN_MAX:
        return ""
    from difflib import get_close_matches

    near = get_close_matches(given, known, 1, 0.6)
    return _quoted(near[0]) if near else ""


def _listed(values: Sequence[object]) -> str:
    told = ", ".join(map(_quoted, values[:CHOICES_MAX]))
    return told if len(values) <= CHOICES_MAX else f"{told}, … ({len(values)} in all)"


def _quoted(value: object) -> str:
    if isinstance(value, str):
        cut = value if len(value) <= SHOWN_MAX else value[: SHOWN_MAX - 1] + "…"
        return json.encode(cut.encode("utf-8", "replace").decode()).decode()
    text = json.encode(value).decode()
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


def _bounds(info: Any) -> str:
    pairs = [(">=", info.ge), (">", info.gt), ("<=", info.le), ("<", info.lt)]
    said = [f"{sign} {bound}" for sign, bound in pairs if bound is not None]
    if info.multiple_of is not None:
        said.append(f"a multiple of {info.multiple_of}")
    return (" " + " and ".join(said)) if said else ""


def _length(info: Any, unit: str) -> str:
    low: int = info.min_length or 0
    high: int | None = info.max_length
    if high is None:
        return f" of at least {_count(low, unit)}" if low else ""
    if low == high:
        return f" of {_count(low, unit)}"
    return f" of {low} to {high} {unit}s" if low else f" of at most {_count(high, unit)}"


def _count(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _str(info: Any) -> str:
    pattern = "" if info.pattern is None else f" matching {info.pattern}"
    return "str" + _length(info, "character") + pattern


def _zoned(name: str) -> Callable[[Any], str]:
    zones = {True: " with a time zone", False: " without a time zone", None: ""}
    return lambda info: f"{name}{zones[info.tz]} (RFC 3339)"


def _array(info: Any) -> str:
    return "array" + (_length(info, "item") or f" of {expected(info.item_type)}")


def _union(info: Any) -> str:
    said = list(dict.fromkeys(expected(part) for part in info.types))
    return " or ".join(said)


def _always(text: str) -> Callable[[Any], str]:
    return lambda _info: text


def _base64(info: Any) -> str:
    return "base64 str" + _length(info, "byte")


KINDS: dict[type, str] = {list: "array", dict: "object"}
WORDS: dict[type, Callable[[Any], str]] = {
    shape.NoneType: _always("null"),
    shape.BoolType: _always("bool"),
    shape.IntType: lambda info: "int" + _bounds(info),
    shape.FloatType: lambda info: "float" + _bounds(info),
    shape.StrType: _str,
    shape.BytesType: _base64,
    shape.ByteArrayType: _base64,
    shape.MemoryViewType: _base64,
    shape.DateTimeType: _zoned("datetime"),
    shape.TimeType: _zoned("time"),
    shape.DateType: _always("date (YYYY-MM-DD)"),
    shape.TimeDeltaType: _always("duration (ISO 8601)"),
    shape.UUIDType: _always("UUID"),
    shape.DecimalType: _always("decimal"),
    shape.UnionType: _union,
    shape.ListType: _array,
    shape.SetType: _array,
    shape.FrozenSetType: _array,
    shape.VarTupleType: _array,
    shape.TupleType: lambda info: f"array of {_count(len(info.item_types), 'item')}",
    shape.NamedTupleType: lambda info: f"array of {_count(len(info.fields), 'item')}",
    shape.DictType: lambda info: "object" + _length(info, "field"),
    shape.FrozenDictType: lambda info: "object" + _length(info, "field"),
    shape.TypedDictType: _always("object"),
    shape.DataclassType: _always("object"),
    shape.StructType: lambda info: "array" if info.array_like else "object",
    shape.CustomType: _always("object"),
}
