"""A function on AWS: Lambda, a role of its own, a log that ends, and what hands events to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import ceil
from typing import Any

from ...graph.model import Graph, Node
from ...resources.queue import Consumption
from ...resources.resource import Resource as Declared
from ...resources.table import Table
from . import dead, ledger, queue
from .bundle.bundle import HANDLER
from .names import LAMBDA_MAX, logical, physical
from .plan import Feed, Plan, PlannedFunction
from .policy import LEDGER_ID, needs_ledger, permissions, relayed, role
from .reference import Resource, Resources, arn, of, ref
from .unit import Unit

MEMORY_MB, TIMEOUT_S = 256, 10  # of ours
RELAY_TIMEOUT_S = 60  # it has a batch of transactions to send
FEEDS: dict[str, Callable[[Node], Feed]] = {"queue": queue.feed, "dead": dead.feed}


def planned(unit: Unit, graph: Graph, stage: str, code: str) -> PlannedFunction:
    node = unit.node
    return PlannedFunction(
        unit.name,
        physical(graph.app, stage, unit.name, LAMBDA_MAX),
        unit.kind,
        node.function.limits["memory_mb"] if node else MEMORY_MB,
        ceil(node.function.limits["timeout_s"]) if node else timeout_s(unit),
        reserved(node) if node else None,
        permissions(unit, graph),
        dict(sorted(places(unit, graph))),
        needs_ledger(unit),
        fed(unit),
        code,
    )


def timeout_s(unit: Unit) -> int:
    return RELAY_TIMEOUT_S if unit.kind == "relay" else TIMEOUT_S


def reserved(node: Node) -> int | None:
    """Of the account's concurrency: an event source holds its own number of calls."""
    most: int | None = node.function.limits["concurrency_max"]
    return None if node.function.trigger.kind in FEEDS and queue.polled(node) else most


def fed(unit: Unit) -> Feed | None:
    if unit.kind == "relay":
        return ledger.feed()
    return FEEDS[unit.kind](unit.node) if unit.node and unit.kind in FEEDS else None


# -- what it is told of its surroundings


def places(unit: Unit, graph: Graph) -> Iterator[tuple[str, str]]:
    """Resource name and where it is, of all that the function reaches."""
    if unit.kind == "relay":
        yield from ((name, ref(logical(name, "Queue"))) for name in relayed(graph))
    if unit.node is None:
        return
    declared = {one.name: one for one in graph.resources}
    sent = {name for name, _ in unit.node.alone}
    for name in {name for name, _ in unit.node.grants}:
        one = declared.get(name)
        if one is None:  # notes.count.dead
            yield name, ref(logical(name))
            yield queue_of(name, graph)
        elif one.kind == Table.kind or name in sent:
            yield name, ref(logical_of(one))
    trigger = unit.node.function.trigger
    if trigger.kind == "queue":
        yield trigger.resource.name, ref(logical_of(trigger.resource))
        yield f"{unit.name}.dead", ref(logical(f"{unit.name}.dead"))
    elif trigger.kind == "dead":
        yield trigger.resource.name, ref(logical(trigger.resource.name))


def logical_of(declared: Declared) -> str:
    return logical(declared.name, type(declared).__name__)


def queue_of(letters: str, graph: Graph) -> tuple[str, str]:
    """Where dead letters came from, and go when they are redriven."""
    consumer = next(node for node in graph.functions if f"{node.name}.dead" == letters)
    trigger = consumer.function.trigger
    assert isinstance(trigger, Consumption)
    return trigger.resource.name, ref(logical_of(trigger.resource))


def environment(function: PlannedFunction, stage: str) -> dict[str, Any]:
    variables: dict[str, Any] = {"SKYLIFT_STAGE": stage}
    if function.needs_ledger:
        variables["SKYLIFT_LEDGER"] = of(ref(LEDGER_ID))
    if function.places:
        variables["SKYLIFT_RESOURCES"] = of(json.dumps(function.places, separators=(",", ":")))
    return variables


# -- as a template says it


def resources(function: PlannedFunction, plan: Plan, code: Any) -> Resources:
    name = logical(function.name)
    found: Resources = {
        f"{name}Logs": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {
                "LogGroupName": f"/aws/lambda/{function.physical}",
                "RetentionInDays": plan.retention_days,
            },
        },
        f"{name}Role": role(function.permissions),
        f"{name}Function": lambda_function(function, plan, code),
    }
    if function.feed:
        found[f"{name}Source"] = event_source(function, function.feed)
    return found


def lambda_function(function: PlannedFunction, plan: Plan, code: Any) -> Resource:
    name = logical(function.name)
    properties: dict[str, Any] = {
        "FunctionName": function.physical,
        "Description": f"{function.name} of {plan.app}",
        "Runtime": plan.runtime,
        "Architectures": [plan.arch],
        "Handler": HANDLER,
        "Code": code,
        "Role": of(arn(f"{name}Role")),
        "MemorySize": function.memory_mb,
        "Timeout": function.timeout_s,
        "Environment": {"Variables": environment(function, plan.stage)},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": of(ref(f"{name}Logs"))},
    }
    if function.reserved is not None:
        properties["ReservedConcurrentExecutions"] = function.reserved
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def event_source(function: PlannedFunction, feed: Feed) -> Resource:
    properties: dict[str, Any] = {
        "FunctionName": of(ref(logical(function.name, "Function"))),
        "EventSourceArn": of(SOURCES[feed.kind](feed.name)),
        "BatchSize": feed.batch,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    if feed.window_s:
        properties["MaximumBatchingWindowInSeconds"] = feed.window_s
    if feed.concurrency_max is not None:
        properties["ScalingConfig"] = {"MaximumConcurrency": feed.concurrency_max}
    if feed.kind == "ledger":
        properties |= {
            "StartingPosition": "TRIM_HORIZON",
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": -1,  # as long as the stream keeps it: a message is never lost
            "FilterCriteria": {"Filters": [{"Pattern": ledger.MESSAGES}]},
        }
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}


SOURCES: dict[str, Callable[[str], str]] = {
    "queue": lambda name: arn(logical(name, "Queue")),
    "dead": lambda name: arn(logical(name)),
    "ledger": lambda _: f"${{{LEDGER_ID}.StreamArn}}",
}
