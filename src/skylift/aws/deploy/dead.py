"""Dead letters on AWS: a queue for each function that is given messages, whatever brings them. It
keeps what comes to it as long as SQS keeps anything.
"""

from __future__ import annotations

from math import ceil

from ...graph.collect import dead_of
from ...graph.model import Graph, Node
from ...graph.queue import LEASE_TIMEOUTS
from .names import logical
from .plan import Feed, Plan, PlannedDead
from .queue import LEASE_S, polled, queue_physical, queue_properties, tls_only
from .reference import Resources
from .sender import sending
from .table import kept

RETENTION_S = 1_209_600  # 14 days


def planned(consumer: Node, graph: Graph, stage: str) -> PlannedDead:
    """The dead letters of a function. Lambda takes no FIFO queue for what it gives up."""
    letters = dead_of(consumer.function)
    assert letters is not None
    trigger = consumer.function.trigger
    queue: str = trigger.resource.name if trigger.kind == "queue" else ""
    fifo: bool = trigger.kind == "queue" and trigger.resource.fifo
    reader = next(graph.triggered_by(letters), None)
    lease = ceil(LEASE_TIMEOUTS * reader.function.limits["timeout_s"]) if reader else LEASE_S
    name = f"{consumer.name}.dead"
    physical = queue_physical(graph.app, stage, name, fifo)
    return PlannedDead(name, physical, fifo, lease, queue)


def feed(node: Node) -> Feed:
    """One at a time: each is a whole story of its own."""
    return Feed("dead", node.function.trigger.resource.name, 1, concurrency_max=polled(node))


def resources(dead: PlannedDead, plan: Plan) -> Resources:
    name = logical(dead.name)
    properties = queue_properties(dead.physical, dead.lease_s, RETENTION_S)
    if dead.fifo:
        properties["FifoQueue"] = True
    return {
        name: kept("AWS::SQS::Queue", properties, plan),
        f"{name}Policy": tls_only(name, *sending(dead.name, name, plan)),
    }
