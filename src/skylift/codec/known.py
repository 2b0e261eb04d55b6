"""What was found out of a class is not found out again: a class does not change. Tests open their
app a thousand times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

CLASSES_MAX = 256
EVERYTHING: list[dict[type, Any]] = []


def known(read: Callable[[Any], T]) -> Callable[[Any], T]:
    """`read`, that is asked once of each class."""
    found: dict[type, T] = {}
    EVERYTHING.append(found)

    def remembered(told: Any) -> T:
        if not isinstance(told, type):
            return read(told)
        if told not in found:
            if len(found) >= CLASSES_MAX:
                found.clear()
            found[told] = read(told)
        return found[told]

    return remembered


def forget() -> None:
    """Or code that was loaded again would be kept alive."""
    for found in EVERYTHING:
        found.clear()
