"""A setting: a typed value that differs from stage to stage and is no secret. It comes from the
environment of whoever runs the app, as text, and else from its declaration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import ValidationError, convert

from ..invocation import reach
from .resource import Resource

if TYPE_CHECKING:
    from ..ports import SettingPort

T = TypeVar("T")

REQUIRED: Any = object()  # no default: without a value the app does not start
TEXT_BYTES_MAX = 1_024
VARIABLE = "SKYLIFT_SETTING_"
SHOWN_LENGTH_MAX = 40


class Setting(Resource, Generic[T]):
    """`Setting("page_size", int, 20)`: the `default` of this type, unless the environment says
    `SKYLIFT_SETTING_PAGE_SIZE`. Without a default it must be said, or nothing starts.
    """

    kind = "setting"
    verbs = frozenset(["value"])

    def __init__(self, name: str, type: type[T], default: T = REQUIRED) -> None:
        self._declare(name)
        self.type, self.default = type, default

    async def value(self) -> T:
        """The value of this stage: the same for as long as the app runs."""
        port: SettingPort = reach(self.name, "value")
        value: T = await port.value()
        return value

    @property
    def is_required(self) -> bool:
        return self.default is REQUIRED

    @property
    def variable(self) -> str:
        """Of the environment."""
        return f"{VARIABLE}{self.name.upper()}"

    def parsed(self, text: str) -> T:
        """The value that a text says; ValueError, in words, when it says none."""
        if wrong := wrong_text(text):
            raise ValueError(wrong)
        shown = repr(text if len(text) <= SHOWN_LENGTH_MAX else f"{text[:SHOWN_LENGTH_MAX]}…")
        try:
            value = convert(text, self.type, strict=False)
        except ValidationError as error:
            raise ValueError(f"{shown} is no {self.type.__name__}") from error
        if not isinstance(value, str) and "n" in f"{value}".lower() and is_number(value):
            raise ValueError(f"{shown} is no number")
        return value


def is_number(value: object) -> bool:
    """Also one that is infinite, or none."""
    return hasattr(value, "as_integer_ratio") and not isinstance(value, bool)


def wrong_text(text: str) -> str:
    """Why AWS would not keep it as it is; "" when it would."""
    if len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES_MAX:
        return f"it has more than {TEXT_BYTES_MAX:,} bytes"
    if "\0" in text or "{{" in text:
        return "it holds a NUL" if "\0" in text else "it holds {{, which CloudFormation resolves"
    return ""
