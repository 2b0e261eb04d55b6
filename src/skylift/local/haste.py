"""`dev --fast-retries`: what failed comes back at once, so that one sees what becomes of it while
one is looking.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..ports.delivery import Held, Retry, Settled
from .pump import Deliver


def hastened(deliver: Deliver, retry_s_max: float) -> Deliver:
    """The same deliveries; none waits longer for its next attempt, not even for its lease."""

    async def deliver_soon(held: Sequence[Held]) -> list[Settled]:
        return [_soon(one, retry_s_max) for one in await deliver(held)]

    return deliver_soon


def _soon(settled: Settled, retry_s_max: float) -> Settled:
    if not isinstance(settled, Retry):
        return settled
    wait_s = retry_s_max if settled.after_s is None else min(settled.after_s, retry_s_max)
    return replace(settled, after_s=wait_s)
