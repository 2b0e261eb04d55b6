"""When a message that failed comes back."""

from __future__ import annotations

from ..errors import Throttled
from ..ports import Entropy
from ..ports.delivery import Held, Retry
from ..resources.backoff import Backoff
from ..resources.waits import Delay, Waits
from .invoke import TimedOut

STEPS = 1 << 32
THROTTLED_S = 1.0


def again(
    held: Held, error: Exception, attempts_max: int, delay: Delay, entropy: Entropy
) -> Retry | None:
    """How what failed comes back; None when it has no attempt left."""
    if isinstance(error, PutBack):
        return Retry(held.receipt, error.after_s, counts=False)
    if isinstance(error, Throttled):
        return Retry(held.receipt, THROTTLED_S, counts=False)
    is_late = isinstance(error, TimedOut)
    if is_late and (held.attempt >= attempts_max or not isinstance(delay, Waits)):
        return Retry(held.receipt, None)  # nobody knows what it still does: its lease must end
    if held.attempt >= attempts_max:
        return None
    return Retry(held.receipt, wait_s(delay, held.attempt, entropy))


def wait_s(delay: Delay, attempt: int, entropy: Entropy) -> float:
    """After this attempt; the first is 1."""
    if isinstance(delay, Waits):
        return delay.each_s[min(attempt, len(delay.each_s)) - 1]
    return backoff_s(delay, attempt, entropy)


def backoff_s(backoff: Backoff, attempt: int, entropy: Entropy) -> float:
    """Anything from 0 to the limit of this attempt (the first is 1), which doubles each time: what
    failed together does not come back together.
    """
    limit = min(backoff.max_s, backoff.first_s * 2 ** min(attempt - 1, 62))
    return limit * int.from_bytes(entropy.token_bytes(4), "big") / STEPS


class PutBack(Exception):
    """A delivery that is not for now: it comes back, and this has not cost an attempt."""

    def __init__(self, after_s: float) -> None:
        super().__init__(f"back in {after_s:g} s")
        self.after_s = after_s
