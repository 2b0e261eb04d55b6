"""JSON that a person reads: what fits on a line stands on one."""

from __future__ import annotations

import json
from typing import Any, cast

WIDTH = 100


def readable(value: Any) -> str:
    return _shown(value, 0, 0) + "\n"


def _shown(value: Any, depth: int, before: int) -> str:
    """`before`: letters on its first line that stand before it."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value or _fits(flat, value, depth, before):
        return flat
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        members = [
            (f"{json.dumps(key)}: ", part) for key, part in cast("dict[str, Any]", value).items()
        ]
    else:
        members = [("", part) for part in cast("list[Any]", value)]
    lines = [
        f"{inner}{key}{_shown(part, depth + 1, len(inner) + len(key))}" for key, part in members
    ]
    brackets = "{}" if isinstance(value, dict) else "[]"
    return f"{brackets[0]}\n" + ",\n".join(lines) + f"\n{outer}{brackets[1]}"


def _fits(flat: str, value: Any, depth: int, before: int) -> bool:
    return depth > 2 and before + len(flat) < WIDTH
