"""What can be wrong with a Timer and its function, before anything is ever set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..resources.timer import Due, Timer
from . import consumer, message


def mistakes(timer: Timer[Any], functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    said = f"timer {timer.name!r}"
    for reason, remedy in message.wrong(timer.message):
        yield Mistake(timer.place, f"{said}: {reason}", remedy)
    if not functions:
        remedy = f"write the function that takes it: @{timer.name}.on_due"
        yield Mistake(timer.place, f"{said} has no function for what is due", remedy)
    for function in functions:
        yield from consumer.mistakes(function, fifo=False)
        call = f"{function.handler.__name__}()"
        for reason, remedy in consumer.once_wrong(cast(Due, function.trigger)):
            yield Mistake(function.place, f"{call}: {reason}", remedy)
    for other in functions[1:]:
        reason = f"{said} has a function already, at {functions[0].place}"
        yield Mistake(other.place, reason, "one sends the other what it needs: use a Topic or two")
