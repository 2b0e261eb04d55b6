"""Settings, here and on AWS: what the environment of the process says, read once. Whoever starts an
app has looked at all of them before, so a wrong one is told before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import DeclarationError, Mistake
from ..resources.setting import Setting


class SaidSetting:
    """The SettingPort of one declaration."""

    def __init__(self, setting: Setting[Any], environment: Mapping[str, str]) -> None:
        self._setting, self._environment = setting, environment
        self._read: list[Any] = []  # once it was asked for

    async def value(self) -> Any:
        if not self._read:
            self._read.append(read(self._setting, self._environment))
        return self._read[0]


def read(setting: Setting[Any], environment: Mapping[str, str]) -> Any:
    """DeclarationError when there is none, or one of another type."""
    text = environment.get(setting.variable)
    if text is None:
        if setting.is_required:
            reason = f"setting {setting.name!r} has no value, and no default"
            raise DeclarationError(Mistake(setting.place, reason, f"say {setting.variable}=…"))
        return setting.default
    try:
        return setting.parsed(text)
    except ValueError as error:
        reason = f"setting {setting.name!r}: {error}"
        remedy = f"{setting.variable} says it: a text that reads as {setting.type.__name__}"
        raise DeclarationError(Mistake(setting.place, reason, remedy)) from error


def unread(settings: Iterable[Setting[Any]], environment: Mapping[str, str]) -> Iterator[Mistake]:
    """What is wrong with them, of each that has no value."""
    for setting in settings:
        try:
            read(setting, environment)
        except DeclarationError as error:
            yield from error.mistakes
