"""How long what failed waits before it is tried again."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Backoff(Struct, frozen=True):
    """Any time up to `first_s`, then up to twice that, four times, … up to `max_s`. Chance spreads
    what failed together.
    """

    first_s: float = 0.5
    max_s: float = 300


class Waits(Struct, frozen=True):
    """Exactly these times, one after another; the last of them for all that follow."""

    each_s: tuple[float, ...]


Delay: TypeAlias = Backoff | Waits
ASYNC_WAITS = Waits((60, 120))  # of Lambda, between the attempts of an asynchronous invocation
ASYNC_ATTEMPTS_MAX = 3
