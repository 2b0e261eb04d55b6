"""Inboxes: what is on its way to one function, whatever brings it. An inbox is a queue that nobody
declared, under the function's name; who publishes puts a row into each that is to have it, in one
commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ..function import Function
from ..graph.model import Graph, Node
from ..resources.consumer import Consumer
from ..resources.queue import Consumption, Queue
from .queue import SqliteQueue

KEPT_S = 100 * 365 * 86_400.0  # accepted is accepted, however long nothing runs


class Wired(Protocol):
    """An adapter that puts messages into inboxes and queues."""

    def wire(self, graph: Graph, receivers: Receivers) -> None: ...


class Receivers:
    """Where a message may be put."""

    def __init__(
        self, inboxes: Mapping[str, SqliteQueue], queues: Mapping[str, SqliteQueue]
    ) -> None:
        self._inboxes, self._queues = inboxes, queues

    def inbox(self, node: Node) -> SqliteQueue:
        return self._inboxes[node.name]

    def queue(self, name: str) -> SqliteQueue:
        return self._queues[name]


def wire(adapters: Iterable[Any], graph: Graph, receivers: Receivers) -> None:
    for one in adapters:
        if hasattr(one, "wire"):
            wired: Wired = one
            wired.wire(graph, receivers)


def inbox_queues(graph: Graph) -> dict[str, Queue[Any]]:
    """The inboxes of an app, by function name: of what is called by anything but its own queue, and
    of what somebody starts. The changes of one item stay in their order.
    """
    started = {name for node in graph.functions for name, verb in node.grants if verb == "start"}
    found: dict[str, Queue[Any]] = {}
    for node in graph.functions:
        trigger: Any = node.function.trigger
        if not isinstance(node.function, Consumer):
            continue
        if not isinstance(trigger, Consumption) or node.name in started:
            is_ordered = trigger.kind == "change"
            found[node.name] = Queue(
                node.name, trigger.message, fifo=is_ordered, retention_s=KEPT_S
            )
    return found


def letters_of(function: Function[..., Any]) -> str:
    """Under which name its dead letters are kept: its queue's, which outlives a renamed handler; of
    what has none its own.
    """
    trigger = function.trigger
    return trigger.resource.name if isinstance(trigger, Consumption) else function.name
