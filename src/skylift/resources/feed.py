"""A queue that is fed by what publishes: declared by a call on the source, kept on it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ..function import place_of_caller
from .queue import Queue


class Feed(Struct, frozen=True):
    """`message` is what is published, and what the queue must hold; `where` as it was written."""

    queue: Queue[Any]
    message: type[Any]
    where: Any
    place: str
    module: str


def feed(queue: Queue[Any], message: type[Any], where: Any) -> Feed:
    """Declared where the author called."""
    return Feed(queue, message, where, *place_of_caller())
