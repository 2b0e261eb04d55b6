"""Buses on MiniStack, made as a template of ours makes them: each with a rule for every queue that
it feeds and for the queues at the places of its functions.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from skylift.patterns import event_pattern
from skylift.patterns.pattern import deployed
from skylift.resources.bus import Bus, Rule

if TYPE_CHECKING:
    from tests.rehearsal.stand import AwsStand


def make_bus(stand: AwsStand, bus: Bus) -> None:
    name = stand.places[bus.name] = f"{stand.name}-{bus.name}"
    stand.call("events", "CreateEventBus", {"Name": name})
    for function in stand.functions:
        rule = function.trigger
        if isinstance(rule, Rule) and rule.resource is bus:
            make_rule(stand, name, function.name, rule.message, rule.where)
    for feed in bus.fed:
        make_rule(stand, name, feed.queue.name, feed.message, feed.where)


def make_rule(stand: AwsStand, bus: str, queue: str, event: type[Any], where: Any) -> None:
    pattern = deployed(event.__name__, event_pattern(where, event).document)
    said = {"Name": queue, "EventBusName": bus}
    stand.call("events", "PutRule", {**said, "EventPattern": json.dumps(pattern)})
    target = {"Id": "queue", "Arn": stand.arn(queue), "InputPath": "$.detail"}
    stand.call("events", "PutTargets", {"Rule": queue, "EventBusName": bus, "Targets": [target]})


def open_bus(stand: AwsStand, bus: Bus) -> Any:
    from skylift.aws.runtime.bus_eventbridge import EventBridgeBus

    return EventBridgeBus(stand.asking("events"), stand.places[bus.name], stand.clock)
