"""What tells the two grammars apart, and the limits that SNS has of its own.

A limit of which the documentation says less than a formula is read in the stricter way: what is
refused here can be written otherwise, what AWS refuses stops a deploy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from .wrong import Wrong

NUMBER_MAX = 1_000_000_000
DECIMALS_MAX = 5
KEYS_MAX = 5
COMBINATIONS_MAX = 150
STARS_MAX = 3
WILDCARD_POINTS_MAX = 100
POINTS_OF_MANY_STARS = 3  # a pattern with one star costs 1


class Grammar(NamedTuple):
    service: str
    is_topic: bool
    negated: frozenset[str]  # operators that anything-but takes
    many_negated: bool  # and whether it takes several operands for one


BUS = Grammar(
    "EventBridge", False, frozenset(["prefix", "suffix", "equals-ignore-case", "wildcard"]), True
)
TOPIC = Grammar("SNS", True, frozenset(["prefix", "suffix", "wildcard"]), False)


def beyond_topic(document: dict[str, Any]) -> Iterator[Wrong]:
    leaves = list(_leaves(document, ()))
    keys = {path for path, _ in leaves}
    if len(keys) > KEYS_MAX:
        shown = ", ".join(sorted(".".join(path) for path in keys))
        reason = f"where: {len(keys)} fields ({shown}), limit {KEYS_MAX}"
        yield Wrong(reason, "SNS takes no more; the handler can look at the rest")
    combinations = _combinations(document, 1, 1)
    if combinations > COMBINATIONS_MAX:
        reason = f"where: {combinations:,} combinations of values, limit {COMBINATIONS_MAX}"
        remedy = "SNS multiplies the values of all fields, each times how deep it is nested"
        yield Wrong(reason, remedy)
    points = _points([values for _, values in leaves])
    if points > WILDCARD_POINTS_MAX:
        reason = f"where: its wildcards cost {points} points, limit {WILDCARD_POINTS_MAX}"
        yield Wrong(reason, "use prefix or suffix where one * is at an end")


def _leaves(part: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[Any, list[Any]]]:
    for name, value in part.items():
        if name == "$or":
            for branch in value:
                yield from _leaves(branch, path)
        elif isinstance(value, dict):
            yield from _leaves(cast("dict[str, Any]", value), (*path, name))
        else:
            yield (*path, name), value


def _combinations(part: dict[str, Any], depth: int, before: int) -> int:
    so_far = before
    for name, value in part.items():
        if name == "$or":
            so_far = sum(_combinations(branch, depth, so_far) for branch in value)
        elif isinstance(value, dict):
            so_far = _combinations(cast("dict[str, Any]", value), depth + 1, so_far)
        else:
            so_far *= len(value) * depth
    return so_far


def _points(fields: list[list[Any]]) -> int:
    total = 1
    for values in fields:
        stars = [count for value in values if (count := _stars(value))]
        if stars:
            total *= len(stars) * sum(1 if one == 1 else POINTS_OF_MANY_STARS for one in stars)
    return total


def _stars(value: Any) -> int:
    """How many a wildcard has, when it is one."""
    while isinstance(value, dict):
        ((name, value),) = cast("dict[str, Any]", value).items()
        if name == "wildcard":
            return stars(value)
    return 0


def stars(wildcard: str) -> int:
    """Those that are not escaped."""
    return wildcard.replace("\\\\", "").replace("\\*", "").count("*")
