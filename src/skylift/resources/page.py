"""What a table is read by, a part at a time."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    """Items in order and the cursor of the next page; None when this was the last."""

    items: list[T]
    cursor: str | None = None
