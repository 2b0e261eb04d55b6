"""A Bus on AWS: an event bus of EventBridge with a rule for each function that it calls and each
queue that it feeds, and an archive of what it was told. One that another app owns is there already:
it is known by its name, which follows from that app's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from msgspec import json

from ...graph.bus import is_own
from ...graph.collect import dead_of
from ...graph.model import Graph
from ...patterns import event_pattern
from ...patterns.pattern import deployed
from ...resources.bus import Bus, Rule
from ...resources.queue import Queue
from .names import logical, physical
from .plan import Plan, PlannedBus, PlannedRule
from .reference import Resource, Resources, arn, of, ref
from .table import kept

BUS_MAX, RULE_MAX, ARCHIVE_MAX = 256, 64, 48
EVENTS = "events.amazonaws.com"
OWN = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:"
RETRIES = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}  # EventBridge's most


def planned(bus: Bus, graph: Graph, stage: str) -> PlannedBus:
    owner = "" if is_own(bus, graph.app) else str(bus.shared)
    rules = sorted(_rules(bus, graph, stage), key=lambda one: (one.function, one.queue, one.event))
    name = bus_physical(bus, graph, stage)
    archive = physical(graph.app, stage, bus.name, ARCHIVE_MAX) if bus.archive_days else ""
    return PlannedBus(bus.name, name, owner, tuple(rules), archive, bus.archive_days)


def bus_physical(bus: Bus, graph: Graph, stage: str) -> str:
    """Of whoever owns it."""
    return physical(bus.shared or graph.app, stage, bus.name, BUS_MAX)


def place(bus: Bus, graph: Graph, stage: str) -> str:
    """Where it is, for who publishes: its name."""
    own = is_own(bus, graph.app)
    return ref(logical(bus.name, "Bus")) if own else bus_physical(bus, graph, stage)


def _rules(bus: Bus, graph: Graph, stage: str) -> Iterator[PlannedRule]:
    def written(event: type[Any], where: Any) -> str:
        document = event_pattern(where, event).document
        return json.encode(deployed(event.__name__, document)).decode()

    for node in graph.triggered_by(bus):
        rule = cast(Rule, node.function.trigger)
        name = rule_physical(graph.app, stage, node.name)
        pattern = written(rule.message, rule.where)
        yield PlannedRule(node.name, "", rule.event, name, pattern, f"{node.name}.dead")
    for feed in bus.fed:
        queue, event = feed.queue.name, feed.message
        name = rule_physical(graph.app, stage, f"{bus.name}.{queue}.{event.__name__}")
        pattern = written(event, feed.where)
        dead = letters_of(feed.queue, graph)
        yield PlannedRule("", queue, event.__name__, name, pattern, dead)


def rule_physical(app: str, stage: str, name: str) -> str:
    return physical(app, stage, name, RULE_MAX)


def letters_of(queue: Queue[Any], graph: Graph) -> str:
    """Of the queue's consumer: where what cannot be put into the queue goes. "" where none is."""
    consumer = next(graph.triggered_by(queue), None)
    letters = consumer and dead_of(consumer.function)
    return letters.name if letters and not queue.fifo else ""


# -- as a template says it


def bus_arn(bus: PlannedBus) -> str:
    own = arn(logical(bus.name, "Bus"))
    return f"{OWN}event-bus/{bus.physical}" if bus.owner else own


def bus_name(bus: PlannedBus) -> str:
    return bus.physical if bus.owner else ref(logical(bus.name, "Bus"))


def rule_arn(bus: PlannedBus, rule: PlannedRule) -> str:
    """By its name: a queue's policy says it before the rule is there."""
    return f"{OWN}rule/{bus.physical}/{rule.physical}"


def resources(bus: PlannedBus, plan: Plan) -> Resources:
    name = logical(bus.name, "Bus")
    found: Resources = {}
    if bus.archive:
        # An archive holds on to its bus, which alone takes back what is in it: both stay.
        found[name] = kept("AWS::Events::EventBus", {"Name": bus.physical}, plan)
        properties = {
            "ArchiveName": bus.archive,
            "SourceArn": of(arn(name)),
            "RetentionDays": bus.archive_days,
        }
        found[logical(bus.name, "Archive")] = kept("AWS::Events::Archive", properties, plan)
    elif not bus.owner:
        found[name] = {"Type": "AWS::Events::EventBus", "Properties": {"Name": bus.physical}}
    for rule in bus.rules:
        if rule.queue:
            target = {"Arn": of(arn(logical(rule.queue, "Queue"))), "InputPath": "$.detail"}
            written = rule_resource(bus, rule, target)
            written["DependsOn"] = sorted(_policies(rule))
            found[feed_id(bus, rule)] = written
    return found


def _policies(rule: PlannedRule) -> Iterator[str]:
    """What lets it in has to be there before it comes."""
    yield logical(rule.queue, "QueuePolicy")
    if rule.dead:
        yield f"{logical(rule.dead)}Policy"


def feed_id(bus: PlannedBus, rule: PlannedRule) -> str:
    return f"{logical(bus.name)}{logical(rule.event)}To{logical(rule.queue)}"


def of_function(function: str, plan: Plan) -> Resources:
    """How a bus calls it; what EventBridge cannot hand over its dead letters have."""
    found: Resources = {}
    for bus in plan.buses:
        for rule in bus.rules:
            if rule.function == function:
                found |= _calling(bus, rule)
    return found


def _calling(bus: PlannedBus, rule: PlannedRule) -> Resources:
    name = logical(rule.function)
    permission = {
        "FunctionName": of(ref(f"{name}Function")),
        "Action": "lambda:InvokeFunction",
        "Principal": EVENTS,
        "SourceArn": of(rule_arn(bus, rule)),
    }
    written = rule_resource(bus, rule, {"Arn": of(arn(f"{name}Function"))})
    written["DependsOn"] = [f"{name}Invoked", f"{name}RuleCall"]  # or what comes first is lost
    return {
        f"{name}Rule": written,
        f"{name}RuleCall": {"Type": "AWS::Lambda::Permission", "Properties": permission},
    }


def rule_resource(bus: PlannedBus, rule: PlannedRule, target: dict[str, Any]) -> Resource:
    dead = {"DeadLetterConfig": {"Arn": of(arn(logical(rule.dead)))}} if rule.dead else {}
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": rule.physical,
            "Description": f"{rule.event} to {rule.function or rule.queue} of {bus.name}",
            "EventBusName": of(bus_name(bus)),
            "EventPattern": json.decode(rule.pattern),
            "State": "ENABLED",
            "Targets": [{"Id": "target", **target, "RetryPolicy": RETRIES, **dead}],
        },
    }
