"""What can be wrong with a consumer of dead letters. Nobody declares dead letters: they are there
with the function, so it is the function that must be in the app.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Mistake
from ..function import Function
from ..resources.dead import DeadLetters
from . import consumer


def mistakes(letters: DeadLetters[Any], functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    source = letters.function.trigger.resource
    for function in functions:
        yield from consumer.mistakes(function, fifo=getattr(source, "fifo", False) is True)
    for other in functions[1:]:
        reason = f"{letters.name!r} has a consumer already, at {functions[0].place}"
        yield Mistake(other.place, reason, "two would take each other's dead letters: keep one")
