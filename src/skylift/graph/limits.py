"""The options every trigger takes, held against AWS's limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Mistake, did_you_mean
from ..function import DEFAULTS, Function

RANGES: dict[str, tuple[float, float, str]] = {
    "memory_mb": (128, 10_240, "Lambda takes 128 to 10,240 MB"),
    "timeout_s": (0.001, 900, "Lambda runs at most 900 s"),
    "concurrency_max": (1, 1_000, "an account has 1,000 by default"),
    "warm": (0, 1_000, "an account has 1,000 by default"),
}
WHOLE = ("memory_mb", "concurrency_max", "warm")


def mistakes(function: Function[..., Any]) -> Iterator[Mistake]:
    name = function.handler.__name__
    for option, value in function.limits.items():
        if option not in DEFAULTS:
            remedy = did_you_mean(option, list(DEFAULTS))
            yield Mistake(function.place, f"{name}(): there is no option {option!r}", remedy)
        elif option in RANGES and value is not DEFAULTS.get(option):
            yield from _outside(function, name, option, value)


def _outside(function: Function[..., Any], name: str, option: str, value: Any) -> Iterator[Mistake]:
    low, high, why = RANGES[option]
    whole = option in WHOLE
    if is_whole(value, low, high) if whole else is_number(value, low, high):
        return
    allowed = f"{'whole numbers from ' if whole else ''}{low:,} to {high:,}"
    yield Mistake(function.place, f"{name}(): {option}={value!r}, allowed are {allowed}", why)


def is_whole(value: object, low: float, high: float) -> bool:
    return isinstance(value, int) and is_number(value, low, high)


def is_number(value: object, low: float, high: float) -> bool:
    return (
        isinstance(value, (int, float))
        and value is not True
        and value is not False
        and low <= value <= high
    )
