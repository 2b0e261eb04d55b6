"""A function that follows a table: its changes come from the table's stream, ten at a time, without
waiting for more. Ten of them may be under way in each shard, and of one item always one: a change
that fails holds up a tenth of its shard, until Lambda has split it off or it is a dead letter.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from ...graph.model import Graph, Node
from ...resources.change import WAIT_S_MAX, Observation
from ...resources.resource import Resource
from .names import logical
from .plan import Feed, PlannedFunction
from .reference import arn, of

BATCH = 10  # each has all of its time-out, and Lambda 15 minutes
SIDE_BY_SIDE_MAX = 10  # Lambda's limit, for each shard
# The entry counts attempts, and buries. A crash, which it cannot count, ends here; so does what was
# not its turn yet, which is no attempt.
RETRIES_FREE = 10
TIMEOUT_S_MAX = 900  # of Lambda


def is_followed(table: Resource, graph: Graph) -> bool:
    return next(graph.triggered_by(table), None) is not None


def feed(node: Node) -> Feed:
    trigger = node.function.trigger
    assert isinstance(trigger, Observation)
    most: int | None = node.function.limits["concurrency_max"]
    return Feed(
        *("change", trigger.resource.name, BATCH),
        concurrency_max=min(most or SIDE_BY_SIDE_MAX, SIDE_BY_SIDE_MAX),
        retries_max=trigger.attempts_max - 1 + RETRIES_FREE,
    )


def timeout_s(node: Node) -> int:
    """Time to wait for an attempt, and for it and one more."""
    return min(TIMEOUT_S_MAX, ceil(2 * node.function.limits["timeout_s"]) + WAIT_S_MAX)


def stream(table: str) -> str:
    return f"${{{logical(table, 'Table')}.StreamArn}}"


def source(function: PlannedFunction, feed: Feed) -> dict[str, Any]:
    """What an event source of this kind says besides."""
    return {
        "StartingPosition": "TRIM_HORIZON",  # what was written while this was made is told too
        "ParallelizationFactor": feed.concurrency_max,
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": feed.retries_max,
        "DestinationConfig": {
            "OnFailure": {"Destination": of(arn(logical(f"{function.name}.dead")))},
        },
    }
