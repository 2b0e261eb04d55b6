"""An answer that is too large to be held: written piece by piece, in its turn, no faster than the
client reads.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from msgspec import Struct


class Streamed(Struct):
    """`parts` begins to read; what they hold together has `length` bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    length: int
    parts: Callable[[], AsyncGenerator[bytes]]
