"""A Timer on AWS: a group of schedules, which the app fills, and the hidden queue they lead into,
from where Lambda hands to the timer's function what is due. Scheduler may send there by a role that
may do nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from ...graph.model import Graph, Node
from ...graph.queue import LEASE_TIMEOUTS
from ...resources.timer import Due, Timer
from .names import logical, physical
from .plan import Feed, Plan, PlannedTimer
from .policy import SCHEDULER, allow, assumed_by, policy
from .queue import polled, queue_physical, queue_properties, tls_only
from .reference import Resources, arn, of, ref
from .table import kept

GROUP_MAX = 64
RETENTION_S = 1_209_600  # 14 days, SQS's longest: accepted is accepted


def planned(timer: Timer[Any], graph: Graph, stage: str) -> PlannedTimer:
    node = function_of(timer, graph)
    trigger = node.function.trigger
    assert isinstance(trigger, Due)
    return PlannedTimer(
        timer.name,
        queue_physical(graph.app, stage, timer.name, False),
        physical(graph.app, stage, timer.name, GROUP_MAX),
        ceil(LEASE_TIMEOUTS * node.function.limits["timeout_s"]),
        trigger.receives_max,
        f"{node.name}.dead",
    )


def function_of(timer: Timer[Any], graph: Graph) -> Node:
    return next(graph.triggered_by(timer))


def feed(node: Node) -> Feed:
    return Feed("timer", node.function.trigger.resource.name, 1, concurrency_max=polled(node))


def group_id(name: str) -> str:
    return logical(name, "Timer")


def queue_id(name: str) -> str:
    return logical(name, "Due")


def role_id(name: str) -> str:
    return logical(name, "TimerRole")


def beside(timer: Timer[Any], graph: Graph) -> Iterator[tuple[str, str]]:
    """What whoever sets it is told besides its queue."""
    name = timer.name
    yield f"{name}.group", ref(group_id(name))
    yield f"{name}.queue", arn(queue_id(name))
    yield f"{name}.role", arn(role_id(name))
    yield f"{name}.dead", arn(logical(f"{function_of(timer, graph).name}.dead"))


def resources(timer: PlannedTimer, plan: Plan) -> Resources:
    name = timer.name
    properties = queue_properties(timer.physical, timer.lease_s, RETENTION_S)
    properties["RedrivePolicy"] = {
        "deadLetterTargetArn": of(arn(logical(timer.dead))),
        "maxReceiveCount": timer.receives_max,
    }
    group = {"Name": timer.group}
    return {
        group_id(name): kept("AWS::Scheduler::ScheduleGroup", group, plan),
        queue_id(name): kept("AWS::SQS::Queue", properties, plan),
        f"{queue_id(name)}Policy": tls_only(queue_id(name)),
        role_id(name): role(timer),
    }


def role(timer: PlannedTimer) -> dict[str, Any]:
    """For the schedules of this group alone."""
    trust = assumed_by(SCHEDULER)
    trust["Statement"][0]["Condition"] = {
        "StringEquals": {
            "aws:SourceAccount": of("${AWS::AccountId}"),
            "aws:SourceArn": of(arn(group_id(timer.name))),
        }
    }
    targets = [of(arn(one)) for one in (queue_id(timer.name), logical(timer.dead))]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust,
            "Policies": [policy([allow(["sqs:SendMessage"], {"Resource": targets})])],
        },
    }
