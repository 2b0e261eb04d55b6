"""A function of the graph as the engines take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from ..engine.dead import DeadFunction
from ..engine.deliver import QueueFunction
from ..engine.entrance import HttpFunction
from ..engine.guard import GuardFunction
from ..engine.invoke import Target
from ..graph.model import Graph, Node
from ..resources.api import Route
from ..resources.channel import Guarded
from ..resources.consumer import Consumer
from ..resources.dead import Burial
from ..resources.queue import Consumption
from ..resources.users import Users
from ..resources.waits import ASYNC_ATTEMPTS_MAX, ASYNC_WAITS

if TYPE_CHECKING:
    from ..resources.consumer import Reaction


def message_function(node: Node, *, is_started: bool = False) -> QueueFunction:
    """A function as the engine delivers to it; `is_started`: by hand, and not by its own queue."""
    function = cast("Consumer[..., Any, Any]", node.function)
    trigger = cast("Reaction", function.trigger)
    resource = trigger.resource
    codec = resource.codec if isinstance(trigger, Consumption) else function.codec
    given = (target_of(node), resource.name, node.signature, codec, trigger.batch)
    if is_started:
        attempts_max = min(trigger.attempts_max, ASYNC_ATTEMPTS_MAX)
        once = (trigger.once, trigger.once_by)
        return QueueFunction(*given, attempts_max, ASYNC_WAITS, False, *once, kind="start")
    return QueueFunction(
        *(*given, trigger.attempts_max, trigger.backoff, getattr(resource, "fifo", False)),
        *(trigger.once, trigger.once_by, trigger.kind),
    )


def dead_function(node: Node) -> DeadFunction:
    trigger = node.function.trigger
    assert isinstance(trigger, Burial)
    letters, attempts_max = trigger.resource, trigger.attempts_max
    return DeadFunction(target_of(node), node.signature, letters, attempts_max, trigger.backoff)


def http_function(node: Node) -> HttpFunction:
    route = node.function.trigger
    assert isinstance(route, Route)
    return HttpFunction(
        *(target_of(node), route.method, route.path, route.status, node.signature),
        *(node.function.handler.__doc__, route.once, route.demand, route.rate, route.limit),
    )


def guard_functions(graph: Graph) -> list[GuardFunction]:
    """The channels somebody may subscribe to, with their guards."""
    users = [one.name for one in graph.of(Users)]
    return [
        _guard(node, node.function.trigger, users)
        for node in graph.functions
        if isinstance(node.function.trigger, Guarded)
    ]


def _guard(node: Node, trigger: Guarded, users: Sequence[str]) -> GuardFunction:
    channel = trigger.resource
    name = channel.auth.name if channel.auth is not None else users[0]
    return GuardFunction(channel, target_of(node), node.signature, name)


def target_of(node: Node) -> Target:
    limits = node.function.limits
    return Target(
        *(node.name, node.function.handler, node.signature.is_async, node.grants),
        *(limits["timeout_s"], limits["concurrency_max"], limits["isolate"]),
    )
