"""A value that may not be stored, and where it stands in its item. It never reaches an author: a
table turns it into Invalid, with its own name in front.
"""

from __future__ import annotations


class Misfit(Exception):
    """Raised at the value; each container on the way out puts its own step before the path."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(expected, got)
        self.expected, self.got = expected, got
        self.path: list[str] = []

    def __str__(self) -> str:
        where = "".join(reversed(self.path)).lstrip(".")
        return f"{where}{': ' if where else ''}expected {self.expected}, got {self.got}"


def described(value: object) -> str:
    """A value as an error names it: its type, and itself when that is short."""
    if value is None:
        return "None"
    shown = repr(value) if isinstance(value, (bool, int, float)) else ""
    name = type(value).__name__
    return f"{name} {shown}" if shown and len(shown) <= 20 else name
