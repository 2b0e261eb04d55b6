"""What becomes of one item in one write, whoever stores it and however."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from ..resources.change import Kind

V = TypeVar("V")  # an item as it is stored


def stories(
    before: V | None, after: V | None, is_same: Callable[[V, V], bool], *, is_over: bool
) -> Iterator[tuple[Kind, V | None, V | None]]:
    """What happened, with the item before and after it. One that has expired is gone before
    anything else happens to it; nothing is told of what stays the same.
    """
    if is_over and before is not None:
        yield "expired", before, None
        before = None
    if before is None:
        if after is not None:
            yield "created", None, after
    elif after is None:
        yield "deleted", before, None
    elif not is_same(before, after):
        yield "updated", before, after
