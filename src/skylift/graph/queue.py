"""What can be wrong with a Queue and its consumer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Mistake
from ..function import Function
from ..resources.queue import Queue


def mistakes(queue: Queue[Any], functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    for other in functions[1:]:
        reason = f"queue {queue.name!r} has a consumer already, at {functions[0].place}"
        yield Mistake(other.place, reason, "two would take each other's messages: use two queues")
