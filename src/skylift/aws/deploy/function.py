"""A function on AWS: Lambda, a role of its own, a log that ends, and what hands events to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import ceil
from typing import Any

from ...graph.collect import dead_of
from ...graph.model import Graph, Node
from ...resources.bus import Bus
from ...resources.channel import Channel
from ...resources.consumer import Consumer
from ...resources.dead import DeadLetters
from ...resources.resource import Resource as Declared
from ...resources.secret import Secret
from ...resources.setting import Setting
from ...resources.site import Site
from ...resources.table import Table
from ...resources.timer import Timer
from ...resources.users import Users
from . import bus, change, channel, dead, edge, invoked, ledger, queue, secret, timer, users
from .bundle.bundle import HANDLER
from .crossing import FUNCTION
from .names import LAMBDA_MAX, logical, physical
from .plan import Feed, Plan, PlannedFunction
from .policy import LEDGER_ID, needs_ledger, permissions, reachable, role
from .reference import Resource, Resources, arn, of, ref
from .unit import Unit, relayed

MEMORY_MB, TIMEOUT_S = 256, 10  # of ours
RELAY_TIMEOUT_S = 60  # it has a batch of transactions to send
FEEDS: dict[str, Callable[[Node], Feed]] = {
    "queue": queue.feed,
    "dead": dead.feed,
    "timer": timer.feed,
    "change": change.feed,
}


def planned(unit: Unit, graph: Graph, stage: str, code: str) -> PlannedFunction:
    node = unit.node
    return PlannedFunction(
        unit.name,
        physical(graph.app, stage, unit.name, LAMBDA_MAX),
        unit.kind,
        max((one.function.limits["memory_mb"] for one in unit.nodes), default=MEMORY_MB),
        timeout_s(unit),
        reserved(node) if node else None,
        permissions(unit, graph),
        dict(sorted(places(unit, graph, stage))),
        needs_ledger(unit, graph),
        fed(unit),
        code,
        invoked=invoked.planned(unit, graph),
        sites=behind(unit, graph),
    )


def timeout_s(unit: Unit) -> int:
    if unit.node is not None:
        is_many = unit.kind == "change"  # one after another
        own: float = unit.node.function.limits["timeout_s"]
        return change.timeout_s(unit.node) if is_many else ceil(own)
    if unit.guards:
        return ceil(max(one.function.limits["timeout_s"] for one in unit.guards))
    return RELAY_TIMEOUT_S if unit.kind == "relay" else TIMEOUT_S


def reserved(node: Node) -> int | None:
    """Of the account's concurrency: an event source of a queue holds its own number of calls."""
    most: int | None = node.function.limits["concurrency_max"]
    is_of_queue = node.function.trigger.kind in FEEDS.keys() - {"change"}
    return None if is_of_queue and queue.polled(node) else most


def fed(unit: Unit) -> Feed | None:
    if unit.kind == "relay":
        return ledger.feed()
    return FEEDS[unit.kind](unit.node) if unit.node and unit.kind in FEEDS else None


def behind(unit: Unit, graph: Graph) -> tuple[str, ...]:
    """The sites that the Api of a route is behind."""
    if unit.kind != "http":
        return ()
    apis = [one.function.trigger.resource for one in unit.nodes]
    return tuple(sorted(site.name for site in graph.of(Site) if site.api in apis))


# -- what it is told of its surroundings


def places(unit: Unit, graph: Graph, stage: str) -> Iterator[tuple[str, str]]:
    """Resource name and where it is, of all that the function reaches."""
    found = reachable(graph)

    def place(name: str) -> tuple[str, str]:
        return name, PLACES.get(found[name].kind, of_declared)(found[name], graph, stage)

    def sent_to(name: str) -> Iterator[tuple[str, str]]:
        yield place(name)
        yield from BESIDE.get(found[name].kind, nothing)(found[name], graph)

    if unit.kind == "relay":
        for name in relayed(graph):
            yield from sent_to(name)
    for node in unit.nodes:
        sent = {name for name, _ in node.alone}
        for name, verb in node.grants:
            if found[name].kind == Setting.kind:
                continue  # its value is said, and no place
            if found[name].kind == Table.kind or name in sent:
                yield from sent_to(name)
            if verb == "redrive":
                yield place(redriven_to(found[name]))
    if unit.guards:
        yield from map(place, channel.users_of_all(unit.guards, graph))
    yield from map(place, users.looked_at(unit))
    if unit.node is None:
        return
    function = unit.node.function
    if function.trigger.kind in ("queue", "timer", "dead"):
        yield place(function.trigger.resource.name)
    if letters := dead_of(function):
        yield place(letters.name)


def of_declared(declared: Declared, graph: Graph, stage: str) -> str:
    del graph, stage
    return ref(logical(declared.name, type(declared).__name__))


def of_letters(letters: Declared, graph: Graph, stage: str) -> str:
    del graph, stage
    return ref(logical(letters.name))


def of_due(declared: Declared, graph: Graph, stage: str) -> str:
    del graph, stage
    return ref(timer.queue_id(declared.name))


def of_function(function: Any, graph: Graph, stage: str) -> str:
    """By its name, which is known: two that start each other would wait in a circle."""
    return physical(graph.app, stage, function.name, LAMBDA_MAX)


PLACES: dict[str, Callable[[Any, Graph, str], str]] = {  # by kind; others are as declared
    DeadLetters.kind: of_letters,
    Consumer.kind: of_function,
    Timer.kind: of_due,
    Bus.kind: bus.place,
    Secret.kind: secret.place,
    Channel.kind: channel.place,
    Users.kind: users.place,
}


def nothing(declared: Any, graph: Graph) -> Iterator[tuple[str, str]]:
    del declared, graph
    return iter(())


# By kind: what is told besides to who sends there.
BESIDE: dict[str, Callable[[Any, Graph], Iterator[tuple[str, str]]]] = {Timer.kind: timer.beside}


def redriven_to(letters: Any) -> str:
    """Where dead letters go when they are redriven: to their queue, or to their function."""
    trigger = letters.function.trigger
    return str(trigger.resource.name if trigger.kind in TO_RESOURCE else letters.function.name)


# Kinds of triggers whose letters go back to what they came from.
TO_RESOURCE = frozenset(["queue", "timer"])


def environment(function: PlannedFunction, stage: str) -> dict[str, Any]:
    variables: dict[str, Any] = {"SKYLIFT_STAGE": stage}
    if function.needs_ledger:
        variables["SKYLIFT_LEDGER"] = of(ref(LEDGER_ID))
    if function.places:
        variables["SKYLIFT_RESOURCES"] = of(json.dumps(function.places, separators=(",", ":")))
    if function.sites:
        variables[edge.KEYS] = of(" ".join(edge.key_of(name) for name in function.sites))
    return variables | function.said


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
        f"{name}Role": role(function.permissions, by_name(plan)),
        f"{name}Function": lambda_function(function, plan, code),
    }
    if function.feed:
        found[f"{name}Source"] = event_source(function, function.feed)
    if function.invoked:
        found[f"{name}Invoked"] = invoked.resource(function, function.invoked)
    return found | bus.of_function(function.name, plan)


def by_name(plan: Plan) -> dict[str, str]:
    """The ARNs of what no template may point to, made of names: of functions, of other apps' buses
    and of secrets.
    """
    return {
        arn(logical(one.name, "Function")): f"{FUNCTION}{one.physical}" for one in plan.functions
    } | {
        **{arn(logical(one.name, "Bus")): bus.bus_arn(one) for one in plan.buses if one.owner},
        **{arn(logical(one.name, "Secret")): secret.own_arn(one) for one in plan.secrets},
    }


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
    if feed.kind == "change":
        properties |= change.source(function, feed)
    elif feed.concurrency_max is not None:
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
    "timer": lambda name: arn(timer.queue_id(name)),
    "ledger": lambda _: f"${{{LEDGER_ID}.StreamArn}}",
    "change": change.stream,
}
