"""A Queue on AWS: an SQS queue, encrypted, reached over TLS alone. What its consumer fails on for
the last time the consumer buries itself; what crashes again and again SQS moves.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from ...graph.model import Graph, Node
from ...graph.queue import lease_s
from ...resources.queue import Consumption, Queue
from .names import FIFO, QUEUE_MAX, logical, physical
from .plan import Feed, Plan, PlannedQueue
from .reference import Resources, arn, of, ref
from .sender import sending
from .table import kept

LEASE_S = 30  # of a queue without a consumer: SQS's own
BATCH_UNWINDOWED = 10  # SQS hands over more only when Lambda may wait for them
CONCURRENCY_MIN = 2  # of an event source; a single one is reserved instead


def planned(queue: Queue[Any], graph: Graph, stage: str) -> PlannedQueue:
    consumer = next(graph.triggered_by(queue), None)
    timeout = consumer.function.limits["timeout_s"] if consumer else None
    return PlannedQueue(
        queue.name,
        queue_physical(graph.app, stage, queue.name, queue.fifo),
        queue.fifo,
        queue.dedup == "content",
        hidden_s(lease_s(queue, timeout), timeout),
        ceil(queue.retention_s),
        consumption(consumer).receives_max if consumer else None,
        f"{consumer.name}.dead" if consumer else None,
    )


def queue_physical(app: str, stage: str, name: str, fifo: bool) -> str:
    return physical(app, stage, name, QUEUE_MAX - len(FIFO)) + FIFO * fifo


def hidden_s(lease: float | None, timeout: float | None) -> int:
    """Whole seconds, and never less than Lambda may take."""
    return max(ceil(lease or LEASE_S), ceil(timeout or 0))


def consumption(consumer: Node) -> Consumption:
    trigger = consumer.function.trigger
    assert isinstance(trigger, Consumption)
    return trigger


def feed(node: Node) -> Feed:
    trigger = consumption(node)
    window_s = int(trigger.batch > BATCH_UNWINDOWED)
    most = polled(node)
    return Feed("queue", trigger.resource.name, trigger.batch, window_s, most)


def polled(node: Node) -> int | None:
    """How many at a time the event source calls at most."""
    most: int | None = node.function.limits["concurrency_max"]
    return most if most is not None and most >= CONCURRENCY_MIN else None


def resources(queue: PlannedQueue, plan: Plan) -> Resources:
    name = logical(queue.name, "Queue")
    properties = queue_properties(queue.physical, queue.lease_s, queue.retention_s)
    if queue.fifo:
        # SQS's own scope of deduplication, the whole queue: its faster mode knows a group's alone.
        properties |= {"FifoQueue": True, "ContentBasedDeduplication": queue.dedup_by_content}
    if queue.dead:
        properties["RedrivePolicy"] = {
            "deadLetterTargetArn": of(arn(logical(queue.dead))),
            "maxReceiveCount": queue.receives_max,
        }
    return {
        name: kept("AWS::SQS::Queue", properties, plan),
        logical(queue.name, "QueuePolicy"): tls_only(name, *sending(queue.name, name, plan)),
    }


def queue_properties(name: str, lease: int, retention: int) -> dict[str, Any]:
    return {
        "QueueName": name,
        "VisibilityTimeout": lease,
        "MessageRetentionPeriod": retention,
        "SqsManagedSseEnabled": True,
    }


def tls_only(name: str, *more: dict[str, Any]) -> dict[str, Any]:
    """With what else its policy says."""
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [of(ref(name))],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "OnlyOverTls",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sqs:*",
                        "Resource": of(arn(name)),
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                    *more,
                ],
            },
        },
    }
