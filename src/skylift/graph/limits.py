"""The options every trigger takes, held against AWS's limits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, cast

from ..errors import Mistake, did_you_mean
from ..function import DEFAULTS, Function
from ..signature import is_async

RANGES: dict[str, tuple[float, float, str]] = {
    "memory_mb": (128, 10_240, "Lambda takes 128 to 10,240 MB"),
    "timeout_s": (0.001, 900, "Lambda runs at most 900 s"),
    "concurrency_max": (1, 1_000, "an account has 1,000 by default"),
    "warm": (0, 1_000, "an account has 1,000 by default"),
}
GIVEN = ("resource", "method", "path", "message")  # of a trigger, and no options
QUEUED = "let it feed a queue, whose consumer has batch= and backoff="
SENT = "have it send messages to a queue, whose consumer has batch= and backoff="
ALONE = "one message comes alone: send to a queue, whose consumer has batch="
ONCE = "say once=True: what comes has an id of its own"
ELSEWHERE: dict[
    str, dict[str, str]
] = {  # what some triggers take, by the kind of one that does not
    "topic": {"batch": QUEUED, "backoff": QUEUED},
    "bus": {"batch": QUEUED, "backoff": QUEUED},
    "schedule": {"batch": SENT, "backoff": SENT, "once_by": ONCE},
    "timer": {"batch": ALONE},
    "change": {"batch": ALONE, "once_by": ONCE},
}
WHOLE = ("memory_mb", "concurrency_max", "warm")


def mistakes(function: Function[..., Any]) -> Iterator[Mistake]:
    name = function.handler.__name__
    for option, value in function.limits.items():
        if option not in DEFAULTS:
            remedy = _instead(option, function.trigger)
            yield Mistake(function.place, f"{name}(): there is no option {option!r}", remedy)
        elif option == "isolate":
            yield from _unisolated(function, name, value)
        elif option in RANGES and value is not DEFAULTS.get(option):
            yield from _outside(function, name, option, value)


def _instead(option: str, trigger: Any) -> str:
    elsewhere = ELSEWHERE.get(trigger.kind, {})
    own = {*trigger.__struct_fields__} - {*GIVEN} - elsewhere.keys()
    return elsewhere.get(option) or did_you_mean(option, [*DEFAULTS, *sorted(own)])


def _outside(function: Function[..., Any], name: str, option: str, value: Any) -> Iterator[Mistake]:
    low, high, why = RANGES[option]
    whole = option in WHOLE
    if is_whole(value, low, high) if whole else is_number(value, low, high):
        return
    allowed = f"{'whole numbers from ' if whole else ''}{low:,} to {high:,}"
    yield Mistake(function.place, f"{name}(): {option}={value!r}, allowed are {allowed}", why)


def _unisolated(function: Function[..., Any], name: str, value: object) -> Iterator[Mistake]:
    """Why it cannot run in a process of its own, which imports it by its name."""
    if not isinstance(value, bool):
        remedy = "a plain `def` that computes takes isolate=True"
        yield Mistake(function.place, f"{name}(): isolate={value!r}, allowed: True, False", remedy)
    elif value and is_async(function.handler):
        reason = f"{name}() is `async def`, and in a process of its own nothing can be awaited"
        remedy = "put what computes into a plain `def` with a trigger of its own"
        yield Mistake(function.place, reason, remedy)
    elif value and not _is_named(function):
        reason = f"{name}() is imported by its name in a process of its own, and is not found so"
        yield Mistake(function.place, reason, "write it with `def` at the top of its module")


def _is_named(function: Function[..., Any]) -> bool:
    handler = function.handler
    found: Any = sys.modules.get(handler.__module__)
    for name in handler.__qualname__.split("."):
        found = getattr(found, name, None)
    if isinstance(found, Function):
        found = cast("Function[..., Any]", found).handler
    return found is handler and handler.__module__ != "__main__"


def is_whole(value: object, low: float, high: float) -> bool:
    return isinstance(value, int) and is_number(value, low, high)


def is_number(value: object, low: float, high: float) -> bool:
    return (
        isinstance(value, (int, float))
        and value is not True
        and value is not False
        and low <= value <= high
    )
