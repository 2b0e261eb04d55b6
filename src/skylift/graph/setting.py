"""What can be wrong with a Setting."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum, Flag
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..resources.setting import Setting, is_number, wrong_text
from .consumer import Wrong

KINDS: tuple[type[Any], ...] = (str, int, float, bool, Decimal)
ALLOWED = "str, int, float, bool, Decimal, or an Enum of texts or of whole numbers"


def mistakes(setting: Setting[Any], _: list[Function[..., Any]]) -> Iterator[Mistake]:
    for reason, remedy in [*_name(setting), *_type(setting)]:
        yield Mistake(setting.place, f"setting {setting.name!r}: {reason}", remedy)


def _name(setting: Setting[Any]) -> Iterator[Wrong]:
    name = cast(object, setting.name)
    if isinstance(name, str) and "-" in name:
        remedy = f"write {name.replace('-', '_')!r}: a variable of the environment is made of it"
        yield "a - in its name", remedy


def _type(setting: Setting[Any]) -> Iterator[Wrong]:
    kind = cast(object, setting.type)
    if not isinstance(kind, type) or not (kind in KINDS or is_plain_enum(cast("type[Any]", kind))):
        yield f"{getattr(kind, '__name__', repr(kind))} is no type of a setting", ALLOWED
    elif not setting.is_required:
        yield from _default(setting)


def _default(setting: Setting[Any]) -> Iterator[Wrong]:
    default: object = setting.default
    if type(default) is not setting.type:
        remedy = f"write one that is, as {setting.type.__name__}(…)"
        yield f"default={default!r} is no {setting.type.__name__}", remedy
    elif is_number(default) and "n" in f"{default}".lower():
        yield f"default={default!r} is no number", "no setting is infinite"
    elif isinstance(default, str) and (wrong := wrong_text(default)):
        yield f"default: {wrong}", "put a long text into a module, or into a table"


def is_plain_enum(kind: type[Any]) -> bool:
    """Its members can be told by a text."""
    if not issubclass(kind, Enum) or issubclass(kind, Flag) or not list(kind):
        return False
    kinds: set[type[Any]] = {type(cast(object, one.value)) for one in kind}
    return kinds in ({str}, {int})
