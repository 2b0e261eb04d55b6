"""What can be wrong with starting a function: it would break an order, or there is nothing that it
could be started with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import Mistake
from ..function import Function
from ..invocation import Grant


def mistakes(
    function: Function[..., Any], verbs: Iterable[Grant], functions: Iterable[Function[..., Any]]
) -> Iterator[Mistake]:
    """Of what this function starts."""
    started = {name for name, verb in verbs if verb == "start"}
    for other in functions:
        trigger: Any = other.trigger
        if other.name not in started:
            continue
        said = f"{function.handler.__name__}() starts {other.name}"
        if trigger.kind == "queue" and trigger.resource.fifo:
            reason = f"{said}, which takes its messages in the order of its FIFO queue"
            remedy = f"send to the queue: {trigger.resource.name}.send(…, group=)"
            yield Mistake(function.place, reason, remedy)
        elif trigger.kind == "change":
            reason = f"{said}, which follows a table"
            yield Mistake(function.place, reason, "write to the table, or call what both need")
