"""What counting a request says. A function that counts none does not load this."""

from __future__ import annotations

from msgspec import Struct


class Counted(Struct, frozen=True):
    """Of one request: whether it is among the `n`, how many are left, and in how many seconds there
    is room for one more than now.
    """

    is_accepted: bool
    left: int
    free_s: float
