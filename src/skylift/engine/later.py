"""When to come again, as a header; few errors say it, so few load this."""

from __future__ import annotations

LATER_S_MAX = 366 * 86_400


def later(wait_s: object) -> tuple[tuple[str, str], ...]:
    """Whole seconds, and none too few."""
    if not isinstance(wait_s, (int, float)) or not 0 <= wait_s <= LATER_S_MAX:
        return ()
    return (("retry-after", str(-int(-wait_s // 1))),)
