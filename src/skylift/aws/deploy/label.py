"""What a resource of the template is to the author: whoever reads a deploy's progress wrote
`notes.write`, not `NotesWriteFunction`.
"""

from __future__ import annotations

from collections.abc import Iterator

from .api import callers, gateway, keys, leading, route_id
from .bus import feed_id
from .channel import API_ID
from .names import logical
from .plan import Plan, PlannedApi, PlannedBus, PlannedTopic, PlannedUsers
from .policy import LEDGER_ID
from .schedule import GROUP_ID, role_id
from .topic import feed_id as topic_feed_id
from .users import authorizer_id, claims_id, client_id, pool_id

OF_FUNCTION = {
    "Function": "",
    "Role": "role of ",
    "Logs": "logs of ",
    "Source": "what feeds ",
    "Invoked": "attempts of ",
    "Subscription": "subscription of ",
    "Told": "permission to call ",
    "Asked": "permission to ask ",
    "Rule": "rule of ",
    "RuleCall": "call by the rule of ",
}
OF_SITE = {
    "Bucket": "files of ",
    "BucketPolicy": "policy of ",
    "Access": "access of ",
    "Headers": "headers of ",
    "Pages": "pages of ",
    "Paths": "paths of ",
    "Distribution": "",
}
REST = "everything else"  # that no route takes
SUFFIX = {"table": "Table", "queue": "Queue", "dead": "", "timer": "Timer", "users": "Users"}


def data_names(plan: Plan | None) -> dict[str, str]:
    """Of what holds data: its name in the app, by its name in the template."""
    found = dict[str, str]()
    for one in plan.stateful() if plan else ():
        is_ledger = one.kind == "ledger"
        found[LEDGER_ID if is_ledger else logical(one.name, SUFFIX[one.kind])] = one.name
        if one.kind == "timer":
            found[logical(one.name, "Due")] = one.name
    for bus in plan.archived() if plan else ():
        found[logical(bus.name, "Archive")] = bus.name
    return found


def labels(plan: Plan) -> dict[str, str]:
    found = data_names(plan)
    found |= {logical(one.name, "QueuePolicy"): f"policy of {one.name}" for one in plan.queues}
    found |= {f"{logical(one.name)}Policy": f"policy of {one.name}" for one in plan.dead}
    for topic in plan.topics:
        found |= dict(of_topic(topic))
    if plan.channels:
        found[API_ID] = "the channels' API"
    found |= {logical(one.name, "Channel"): one.name for one in plan.channels}
    for one in plan.timers:
        due = logical(one.name, "Due")
        found |= {due: f"queue of {one.name}", f"{due}Policy": f"policy of {one.name}"}
        found[logical(one.name, "TimerRole")] = f"role of {one.name}"
    for one in plan.sites:
        found |= {logical(one.name) + part: said + one.name for part, said in OF_SITE.items()}
    for one in plan.schedules:
        found[logical(one.name, "Schedule")] = one.name
        found |= {role_id(one): f"role of {one.name}", GROUP_ID: "group of schedules"}
    found |= {logical(one.name, "Alarm"): f"alarm {one.name}" for one in plan.alarms}
    for bus in plan.buses:
        found |= dict(of_bus(bus))
    for users in plan.users:
        found |= dict(of_users(users))
    for api in plan.apis:
        found |= dict(of_api(api))
    for function in plan.functions:
        name = logical(function.name)
        found |= {name + part: said + function.name for part, said in OF_FUNCTION.items()}
    return found


def of_bus(bus: PlannedBus) -> Iterator[tuple[str, str]]:
    yield logical(bus.name, "Bus"), bus.name
    yield logical(bus.name, "Archive"), f"archive of {bus.name}"
    for rule in bus.rules:
        if rule.queue:
            yield feed_id(bus, rule), f"{rule.event} of {bus.name} to {rule.queue}"


def of_users(users: PlannedUsers) -> Iterator[tuple[str, str]]:
    pool, claims = pool_id(users.name), claims_id(users.name)
    yield client_id(users.name), f"client of {users.name}"
    yield f"{pool}Guests", f"guests of {users.name}"
    for part, said in {**OF_FUNCTION, "Leave": "permission to call ", "Function": ""}.items():
        yield claims + part, f"{said}claims of {users.name}"


def of_topic(topic: PlannedTopic) -> Iterator[tuple[str, str]]:
    yield logical(topic.name, "Topic"), topic.name
    yield logical(topic.name, "TopicPolicy"), f"policy of {topic.name}"
    for one in topic.subscriptions:
        if one.queue:
            yield topic_feed_id(topic, one.queue), f"what {topic.name} feeds {one.queue}"


def of_api(api: PlannedApi) -> Iterator[tuple[str, str]]:
    yield gateway(api.name), api.name
    yield logical(api.name, "Stage"), f"stage of {api.name}"
    for users in {route.users for route in api.routes} - {""}:
        yield authorizer_id(api.name, users), f"{api.name}'s look at tokens of {users}"
    for stack in {route.stack for route in leading(api)}:
        for role in callers(api, stack):
            yield role, f"role of {api.name}"
    for route in leading(api):
        called = f"route of {api.name} {f'{route.method} {route.path}' if route.method else REST}"
        yield logical(api.name, f"Call{route_id(route.method, route.path)}"), f"call of {called}"
        for method, path in keys(api, route):
            told = f"route of {api.name} {method} {path}" if method else called
            yield logical(api.name, route_id(method, path)), told
