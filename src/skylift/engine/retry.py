"""When a message that failed comes back."""

from __future__ import annotations

from ..ports import Entropy
from ..resources.backoff import Backoff

STEPS = 1 << 32


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
