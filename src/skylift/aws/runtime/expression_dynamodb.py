"""What the expressions of one request share: short placeholders for names and values. Only what an
expression uses is told with it: DynamoDB refuses the rest.
"""

from __future__ import annotations

from typing import Any

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Words:
    __slots__ = ("_names", "_values")

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, *path: str) -> str:
        """A document path, by the names that attributes are stored under."""
        return ".".join([self._name(step) for step in path])

    def value(self, value: Any) -> str:
        placeholder = ":" + short(len(self._values))
        self._values[placeholder] = value
        return placeholder

    def asked(self, **expressions: str) -> dict[str, Any]:
        """These members of a request, and what their placeholders stand for; none that is empty."""
        found: dict[str, Any] = {name: text for name, text in expressions.items() if text}
        used = placeholders(" ".join(found.values()))
        names = {short: name for name, short in self._names.items() if short in used}
        values = {short: value for short, value in self._values.items() if short in used}
        if names:
            found["ExpressionAttributeNames"] = names
        if values:
            found["ExpressionAttributeValues"] = values
        return found

    def _name(self, name: str) -> str:
        placeholder = self._names.get(name)
        if placeholder is None:
            placeholder = self._names[name] = "#" + short(len(self._names))
        return placeholder


def short(number: int) -> str:
    text = DIGITS[number % 36]
    while number := number // 36:
        text = DIGITS[number % 36] + text
    return text


def placeholders(text: str) -> set[str]:
    return set(text.translate(SIGNS).split())


SIGNS = str.maketrans("(),.", "    ")
