"""Functions that are called and nobody waits: Lambda keeps the event, calls again when the function
fails, and gives it up to the function's dead letters.
"""

from __future__ import annotations

from typing import Any

from ...graph.model import Graph, Node
from ...resources.waits import ASYNC_ATTEMPTS_MAX
from .names import logical
from .plan import PlannedFunction, PlannedInvoked
from .reference import Resource, arn, of, ref
from .unit import Unit

EVENT_AGE_S_MAX = 21_600  # Lambda's longest: what is throttled waits so long


# Lambda is told of what brings them; a change is, when its letter is redriven.
TOLD = frozenset(["topic", "bus", "schedule", "change"])


def planned(unit: Unit, graph: Graph) -> PlannedInvoked | None:
    """None for a function that is called in other ways only."""
    if unit.node is None or not is_invoked(unit.node, graph):
        return None
    return PlannedInvoked(attempts_max(unit.node), f"{unit.name}.dead")


def is_invoked(node: Node, graph: Graph) -> bool:
    return node.function.trigger.kind in TOLD or node.name in graph.started


def attempts_max(node: Node) -> int:
    trigger: Any = node.function.trigger
    return min(trigger.attempts_max, ASYNC_ATTEMPTS_MAX)


def counts_attempts(node: Node, graph: Graph) -> bool:
    """The ledger does it, for a handler that is told: Lambda does not say which attempt it is."""
    return is_invoked(node, graph) and node.signature.has_context and attempts_max(node) > 1


def resource(function: PlannedFunction, invoked: PlannedInvoked) -> Resource:
    return {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": of(ref(logical(function.name, "Function"))),
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": invoked.attempts_max - 1,
            "MaximumEventAgeInSeconds": EVENT_AGE_S_MAX,
            "DestinationConfig": {
                "OnFailure": {"Destination": of(arn(logical(invoked.dead)))},
            },
        },
    }
