"""Plan -> CloudFormation, as text that a person can read and own: the same plan is the same bytes,
in whatever order the app was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import (
    alarm,
    api,
    bus,
    channel,
    dead,
    function,
    ledger,
    pool,
    queue,
    schedule,
    site,
    table,
    timer,
    topic,
    users,
)
from .api import gateway, leading
from .crossing import Crossing
from .failure import DeployRefused
from .names import logical
from .plan import Plan, PlannedFunction
from .readable import readable
from .reference import Resources, arn, of, ref

BYTES_MAX = 1_000_000  # of a template in a bucket
RESOURCES_MAX, PARAMETERS_MAX, OUTPUTS_MAX = 500, 200, 200  # of a stack
BUCKET = "CodeBucket"
VERSION = "2010-09-09"


@dataclass(frozen=True)
class Places:
    """Where CloudFormation finds what it is told of: keys in one bucket. Without `bucket` whoever
    deploys the template says which.
    """

    bucket: str | None
    bundle: Callable[[PlannedFunction], str]
    template: Callable[[str, str], str]  # of a nested stack: its name and its text


@dataclass(frozen=True)
class Templates:
    """Of the app's stack, and of those nested in it by the key they are expected under."""

    root: str
    nested: dict[str, str]


def templates(plan: Plan, places: Places) -> Templates:
    """DeployRefused when one is too large for CloudFormation."""
    by_stack = stacks(plan, places)
    crossing = Crossing({name: set(held) for name, held in by_stack.items()}, physicals(plan))
    root, nested = by_stack.pop(""), dict[str, str]()
    inner: Resources = {}
    for name, resources in sorted(by_stack.items()):
        parameters, rewritten = crossing.rewritten(name, resources)
        check_count(f"stack {name}", len(parameters), PARAMETERS_MAX, "parameters")
        types = {one: {"Type": "String"} for one in sorted(parameters)}
        text = written(f"{plan.app}, {plan.stage}: {name}", types, rewritten, {})
        key = places.template(name, text)
        nested[key] = text
        url = f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{{BUCKET}}}/{key}"
        inner[name] = {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": of(url), "Parameters": dict(sorted(parameters.items()))},
        }
    waiting_for_functions(inner, plan)
    check_count("the app's own stack", len(root) + len(inner), RESOURCES_MAX, "resources")
    _, own = crossing.rewritten("", root)
    bucket = {"Type": "String", "Description": "the bucket that holds the bundles"}
    bucket |= {} if places.bucket is None else {"Default": places.bucket}
    told = f"{plan.app}, {plan.stage}. Written by skylift from the code."
    said = dict(outputs(plan))
    check_count("the app's own stack", len(said), OUTPUTS_MAX, "outputs")
    text = written(told, {BUCKET: bucket}, {**own, **inner}, said)
    return Templates(text, nested)


def check_count(what: str, count: int, most: int, of_what: str) -> None:
    if count > most:
        reason = f"{what} has {count:,} {of_what}, CloudFormation takes {most:,}"
        raise DeployRefused(reason, "make two apps of it")


def stacks(plan: Plan, places: Places) -> dict[str, Resources]:
    """All resources by stack; "" is the app's own, and holds the data."""
    found: dict[str, Resources] = {"": {}}
    for stack, resources in parts(plan, places):
        held = found.setdefault(stack, {})
        assert held.keys().isdisjoint(resources), "two things have one name in the template"
        held |= resources
    return found


def parts(plan: Plan, places: Places) -> Iterator[tuple[str, Resources]]:
    """What each thing of the plan is, with its stack."""
    yield from (("", table.resources(one, plan)) for one in plan.tables)
    yield from (("", queue.resources(one, plan)) for one in plan.queues)
    yield from (("", dead.resources(one, plan)) for one in plan.dead)
    yield from (("", timer.resources(one, plan)) for one in plan.timers)
    yield from (("", topic.resources(one)) for one in plan.topics)
    yield from (("", bus.resources(one, plan)) for one in plan.buses)
    yield "", schedule.group(plan)
    yield "", channel.api(plan)
    yield from (("", channel.resources(one)) for one in plan.channels)
    yield from (("", alarm.resources(one, plan)) for one in plan.alarms)
    yield from (("", pool.resources(one, plan)) for one in plan.users)
    yield from (("", site.resources(one)) for one in plan.sites)
    if plan.ledger:
        yield "", ledger.resources(plan.ledger, plan)
    for one in plan.functions:
        code = {"S3Bucket": of(ref(BUCKET)), "S3Key": places.bundle(one)}
        yield one.stack, function.resources(one, plan, code)
        yield one.stack, topic.of_function(one, plan)
        yield one.stack, schedule.of_function(one, plan)
        yield one.stack, channel.of_function(one, plan)
    for one in plan.apis:
        yield "", api.resources(one)
        yield "", users.authorizers(one, gateway(one.name))
        for stack in sorted({route.stack for route in leading(one)}):
            yield stack, api.route_resources(one, stack)


def physicals(plan: Plan) -> dict[str, str]:
    """The names of functions, by which another stack knows them."""
    return {logical(one.name, "Function"): one.physical for one in plan.functions}


def waiting_for_functions(stacks: Resources, plan: Plan) -> None:
    """A route is there when what it leads to is."""
    functions = sorted({one.stack for one in plan.functions} - {""})
    routes = {route.stack for one in plan.apis for route in leading(one)} - {""}
    for name in routes - {*functions}:
        stacks[name]["DependsOn"] = functions


def outputs(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in plan.apis:
        value = {"Fn::GetAtt": [gateway(one.name), "ApiEndpoint"]}
        yield logical(one.name, "Url"), {"Description": f"api {one.name}", "Value": value}
    for one in plan.sites:
        yield from site.outputs(one)
    for one in plan.tables:
        value = of(ref(logical(one.name, "Table")))
        yield logical(one.name, "TableName"), {"Description": f"table {one.name}", "Value": value}
    for one in plan.queues:
        value = of(ref(logical(one.name, "Queue")))
        yield logical(one.name, "QueueUrl"), {"Description": f"queue {one.name}", "Value": value}
    for one in plan.topics:
        value = of(ref(logical(one.name, "Topic")))
        yield logical(one.name, "TopicArn"), {"Description": f"topic {one.name}", "Value": value}
    yield from channel.outputs(plan)
    for one in plan.users:
        value = of(ref(users.pool_id(one.name)))
        yield f"{users.pool_id(one.name)}Pool", {"Description": f"users {one.name}", "Value": value}
    for one in plan.buses:
        if not one.owner:
            value = of(arn(logical(one.name, "Bus")))
            yield logical(one.name, "BusArn"), {"Description": f"bus {one.name}", "Value": value}


def written(
    told: str, parameters: dict[str, Any], resources: Resources, outputs: dict[str, Any]
) -> str:
    whole: dict[str, Any] = {"AWSTemplateFormatVersion": VERSION, "Description": told}
    whole |= {"Parameters": parameters} if parameters else {}
    whole["Resources"] = dict(sorted(resources.items()))
    whole |= {"Outputs": dict(sorted(outputs.items()))} if outputs else {}
    text = readable(whole)
    if len(text.encode()) > BYTES_MAX:
        reason = (
            f"the template has {len(text.encode()):,} bytes, CloudFormation takes {BYTES_MAX:,}"
        )
        raise DeployRefused(reason, "make two apps of it")
    return text
