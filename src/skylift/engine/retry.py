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
