"""How long what failed waits before it is tried again."""

from __future__ import annotations

from msgspec import Struct


class Backoff(Struct, frozen=True):
    """Any time up to `first_s`, then up to twice that, four times, … up to `max_s`. Chance spreads
    what failed together.
    """

    first_s: float = 0.5
    max_s: float = 300
