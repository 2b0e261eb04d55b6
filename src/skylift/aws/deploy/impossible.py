"""What AWS could not hold, or could not make of what is there: refused before AWS is asked, with
what and what next.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...graph.model import Graph
from . import schedule, users
from .api import gateway
from .channel import API_ID
from .failure import DeployRefused
from .function import environment
from .label import of_bus, of_topic
from .names import logical
from .plan import Plan, PlannedFunction, PlannedTable
from .policy import LEDGER_ID
from .secret import RESERVED

ENVIRONMENT_BYTES_MAX = 4_096
# A queue is said by its URL: as long as they come, without its name.
URL_BYTES = len("https://sqs.ap-southeast-1.amazonaws.com.cn/123456789012/")
ARN_BYTES = len("arn:aws-us-gov:sqs:ap-southeast-1:123456789012:")
ROLE_LENGTH_MAX = 64
PLACE_BYTES = len("ap-southeast-1_AbCdEfGhI/") + 26  # of a user pool, and of its client
HOST_BYTES = len("abcdefghijklmnopqrstuvwxyz.appsync-api.ap-southeast-1.amazonaws.com.cn")


def refuse(graph: Graph, plan: Plan, before: Plan | None) -> None:
    """DeployRefused with the first reason."""
    for node in graph.functions:
        if node.function.limits["warm"]:
            reason = f"{node.name}: warm= is not deployed yet (at {node.function.place})"
            raise DeployRefused(reason, "leave it away: the first call starts cold")
    if plan.secrets and plan.app.startswith(RESERVED):
        reason = f"{plan.app} has secrets, and SSM keeps names with aws and ssm in front for itself"
        raise DeployRefused(reason, "give the app another name")
    for place, name, names in shared(plan):
        reason = f"{' and '.join(names)} would both be called {name!r} in {place}"
        raise DeployRefused(reason, "rename one of them")
    sizes = {name: len(place) for name, place in places(plan)}
    for function in plan.functions:
        check_environment(function, plan.stage, sizes)
    for table in before.tables if before else ():
        for wanted in plan.tables:
            check_indexes(table, wanted)


# -- names


def shared(plan: Plan) -> Iterator[tuple[str, str, list[str]]]:
    """Names that two things would have in a service of AWS, or in the template."""
    held: dict[tuple[str, str], list[str]] = {}
    for place, called, name in named(plan):
        held.setdefault((place, called), []).append(repr(name))
    return ((*at, names) for at, names in held.items() if len(names) > 1)


def named(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for one in plan.functions:
        yield "Lambda", one.physical, one.name
        for what in ("Function", "Role"):
            yield TEMPLATE, logical(one.name, what), one.name
    for one in plan.stateful():
        yield SERVICES[one.kind], one.physical, one.name
        yield TEMPLATE, logical(one.name, one.kind.capitalize()), one.name
    for one in plan.timers:
        yield "Scheduler", one.group, one.name
        yield TEMPLATE, logical(one.name, "Due"), one.name
        yield TEMPLATE, logical(one.name, "TimerRole"), one.name
    for one in plan.sites:
        yield "S3", one.physical, one.name
        yield TEMPLATE, logical(one.name, "Bucket"), one.name
        yield TEMPLATE, logical(one.name, "Distribution"), one.name
    for one in plan.buses:
        for rule in one.rules:
            yield "EventBridge", rule.physical, rule.function or rule.queue
        for id, said in of_bus(one):
            yield TEMPLATE, id, said
    for one in plan.channels:
        yield TEMPLATE, logical(one.name, "Channel"), one.name
    for one in plan.schedules:
        yield f"schedules of {one.group}", one.physical, one.name
        yield TEMPLATE, logical(one.name, "Schedule"), one.name
        yield TEMPLATE, logical(one.name, "ScheduleRole"), one.name
    for group in {one.group for one in plan.schedules}:
        yield "Scheduler", group, "the schedules"
        yield TEMPLATE, schedule.GROUP_ID, "the schedules"
    for one in plan.apis:
        yield TEMPLATE, gateway(one.name), one.name
    for one in plan.topics:
        yield "SNS", one.physical, one.name
        for id, said in of_topic(one):
            yield TEMPLATE, id, said


TEMPLATE = "the template"
SERVICES = {
    "table": "DynamoDB",
    "ledger": "DynamoDB",
    "queue": "SQS",
    "dead": "SQS",
    "timer": "SQS",
    "users": "Cognito",
}


# -- the environment of a function


def places(plan: Plan) -> Iterator[tuple[str, str]]:
    """What stands in an environment for each reference, as long as it may be."""
    for one in plan.tables:
        yield logical(one.name, "Table"), one.physical
    for one in plan.queues:
        yield logical(one.name, "Queue"), URL_BYTES * "u" + one.physical
    for one in plan.dead:
        yield logical(one.name), URL_BYTES * "u" + one.physical
    for one in plan.buses:
        yield logical(one.name, "Bus"), one.physical
    for one in plan.timers:
        yield logical(one.name, "Timer"), one.group
        yield logical(one.name, "Due"), URL_BYTES * "u" + one.physical
        yield f"{logical(one.name, 'Due')}.Arn", ARN_BYTES * "a" + one.physical
        yield f"{logical(one.name, 'TimerRole')}.Arn", ARN_BYTES * "a" + ROLE_LENGTH_MAX * "r"
    for one in plan.dead:
        yield f"{logical(one.name)}.Arn", ARN_BYTES * "a" + one.physical
    for one in plan.topics:
        yield logical(one.name, "Topic"), ARN_BYTES * "a" + one.physical
    yield f"{API_ID}.Dns.Http", HOST_BYTES * "h"
    for one in plan.users:
        yield f"{users.pool_id(one.name)}}}/${{{users.client_id(one.name)}", PLACE_BYTES * "u"
    if plan.ledger:
        yield LEDGER_ID, plan.ledger.physical


def check_environment(function: PlannedFunction, stage: str, sizes: dict[str, int]) -> None:
    said = environment(function, stage)
    size = sum(map(len, said)) + len(stage)
    size += sum(len(text.encode()) for text in function.said.values())
    size += sizes[LEDGER_ID] if function.needs_ledger else 0
    size += sum(
        len(json.dumps(name)) + 4 + sizes.get(place.strip("${}"), len(place))
        for name, place in function.places.items()
    )
    if size > ENVIRONMENT_BYTES_MAX:
        reason = (
            f"{function.name} reaches {len(function.places)} resources: where they are, and its "
            f"settings, take {size:,} bytes of its environment, Lambda allows "
            f"{ENVIRONMENT_BYTES_MAX:,}"
        )
        raise DeployRefused(reason, "split it: a function that does less also starts faster")


# -- indexes


def check_indexes(old: PlannedTable, new: PlannedTable) -> None:
    """DynamoDB makes or drops one index of a table at a time."""
    if old.physical != new.physical:
        return
    names = old.indexes.keys() | new.indexes.keys()
    changed = sorted(one for one in names if old.indexes.get(one) != new.indexes.get(one))
    if any(one in old.indexes and one in new.indexes for one in changed):
        reason = f"table {new.name}: index {changed[0]!r} has another key, which it cannot get"
        raise DeployRefused(reason, "add it under another name, deploy, then take the old one out")
    if len(changed) > 1:
        reason = f"table {new.name}: {len(changed)} indexes come or go ({', '.join(changed)})"
        raise DeployRefused(reason, "DynamoDB changes one at a time: deploy after each")
