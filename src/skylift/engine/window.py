"""Counting in a window that slides. Requests are counted by slots of time, and a slot counts until
its last instant has left the window: so there are never more in any window than are allowed, and
what is kept stays small. Up to 64 a slot is a microsecond; beyond, a 64th of the window.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..counted import Counted

SECOND = 1_000_000
SLOTS_MAX = 64


def slot_us(n: int, per_s: float) -> int:
    """How long a slot is, in microseconds."""
    return 1 if n <= SLOTS_MAX else max(1, round(per_s * SECOND) // SLOTS_MAX)


def slot_of(now_us: int, width_us: int) -> int:
    """When the slot of this moment began."""
    return now_us // width_us * width_us


def expired_before(now_us: int, n: int, per_s: float) -> int:
    """A slot that began then, or earlier, counts no more."""
    return now_us - round(per_s * SECOND) - slot_us(n, per_s)


def counted(
    slots: Mapping[int, int], now_us: int, n: int, per_s: float, *, is_accepted: bool
) -> Counted:
    """What is told of those that count, this request among them where it was accepted."""
    since = expired_before(now_us, n, per_s)
    live = {at: count for at, count in slots.items() if at > since}
    total, freed, free_us = sum(live.values()), 0, 0
    for at in sorted(live):
        freed += live[at]
        free_us = at - since
        if total - freed < n:
            break
    return Counted(is_accepted, max(0, n - total), free_us / SECOND)
