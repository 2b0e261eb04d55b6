"""Times that are said exactly, as AWS waits itself. A route or a queue does without."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from .backoff import Backoff


class Waits(Struct, frozen=True):
    """Exactly these times, one after another; the last of them for all that follow."""

    each_s: tuple[float, ...]


Delay: TypeAlias = Backoff | Waits
ASYNC_WAITS = Waits((60, 120))  # of Lambda, between the attempts of an asynchronous invocation
ASYNC_ATTEMPTS_MAX = 3
