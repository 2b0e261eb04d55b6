"""A plan in words: each thing it holds with the facts about it, and what each function may do. Two
plans are compared by these words, and people read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...graph.text import of
from .api import leading
from .plan import (
    Feed,
    Key,
    Permission,
    Plan,
    PlannedApi,
    PlannedBus,
    PlannedChannel,
    PlannedDead,
    PlannedFunction,
    PlannedQueue,
    PlannedRate,
    PlannedSchedule,
    PlannedSite,
    PlannedSubscription,
    PlannedTable,
    PlannedTimer,
    PlannedTopic,
    PlannedUsers,
)

DAY_S = 86_400
PUBLIC = "PUBLIC"
OWN_LOG = "logs"
KEPT_IN = {False: "SSM", True: "Secrets Manager"}  # whether it is rotated
TO = {
    "send": "send to",
    "send_many": "send_many to",
    "receive": "receive from",
    "start": "start",
    "hasten": "send at once what is nearly due in",
    "lend": "lend Scheduler the role of",
}


@dataclass(frozen=True)
class Thing:
    kind: str
    name: str
    facts: dict[str, str]  # what is said of it, by what it is about
    data: str = ""  # what --allow-destroy calls it, where something would be lost with it
    identity: tuple[str, ...] = ()  # facts that make it another thing when they change

    @property
    def called(self) -> str:
        return f"{self.kind} {self.name}"


def things(plan: Plan) -> Iterator[Thing]:
    yield from map(_table, plan.tables)
    yield from map(_queue, plan.queues)
    yield from map(_dead, plan.dead)
    yield from map(_timer, plan.timers)
    yield from map(_schedule, plan.schedules)
    yield from map(_topic, plan.topics)
    yield from map(_users, plan.users)
    for bus in plan.buses:
        yield _bus(bus)
        yield from _rules(bus)
    yield from map(_channel, plan.channels)
    for site in plan.sites:
        yield _site(site)
        yield Thing("files of", site.name, site.files)
    for secret in plan.secrets:
        facts = {"on AWS": secret.physical, "kept in": KEPT_IN[secret.is_rotated]}
        yield Thing("secret", secret.name, facts)
    for setting in plan.settings:
        yield Thing("setting", setting.name, {"is": repr(setting.text)})
    if plan.ledger:
        facts = {"on AWS": plan.ledger.physical, "relay": "yes" if plan.ledger.is_relaying else ""}
        yield Thing("ledger", "of the app", facts, data="ledger")
    for api in plan.apis:
        yield _api(api)
        yield from _routes(api)
    for function in plan.functions:
        yield _function(function, plan)
    for one in plan.alarms:
        above = f"more than {one.threshold:,g} {one.told}, within five minutes"
        looks = of(len(one.metrics), "metric")
        yield Thing(
            "alarm", one.name, {"rings at": above, "looks at": looks, "on AWS": one.physical}
        )


def permissions(plan: Plan) -> dict[str, set[str]]:
    """By function: `create in notes`. Its own log is everybody's."""
    return {
        one.name: {said for permission in one.permissions for said in phrases(permission)}
        for one in plan.functions
    }


def phrases(permission: Permission) -> list[str]:
    if permission.on == OWN_LOG:
        return []
    return [f"{TO.get(word, f'{word} in')} {permission.on}" for word in permission.words]


# -- things


def _table(table: PlannedTable) -> Thing:
    facts = {"key": _key(table.key), "on AWS": table.physical}
    facts |= {f"index {name}": _key(key) for name, key in table.indexes.items()}
    facts |= {"expires": table.expires} if table.expires else {}
    facts |= {"changes": "told as before and after"} if table.is_followed else {}
    return Thing("table", table.name, facts, data=table.name, identity=("key",))


def _key(key: Key) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in key.fields)


def _queue(queue: PlannedQueue) -> Thing:
    facts = {
        "order": "FIFO" if queue.fifo else "",
        "lease": f"{queue.lease_s:,} s",
        "kept": days(queue.retention_s),
        "received at most": f"{queue.receives_max}, then {queue.dead}" if queue.dead else "",
        "on AWS": queue.physical,
    }
    return Thing("queue", queue.name, facts, data=queue.name, identity=("order",))


def _dead(dead: PlannedDead) -> Thing:
    facts = {"order": "FIFO" if dead.fifo else "", "kept": "14 days", "on AWS": dead.physical}
    return Thing("dead letters", dead.name, facts, data=dead.name, identity=("order",))


def _timer(timer: PlannedTimer) -> Thing:
    facts = {
        "lease": f"{timer.lease_s:,} s",
        "received at most": f"{timer.receives_max}, then {timer.dead}",
        "on AWS": f"schedules {timer.group}, queue {timer.physical}",
    }
    return Thing("timer", timer.name, facts, data=timer.name)


def _bus(bus: PlannedBus) -> Thing:
    facts = {
        "of": f"app {bus.owner}" if bus.owner else "",
        "keeps events": f"{bus.archive_days} days" if bus.archive else "",
        "on AWS": bus.physical,
    }
    return Thing("bus", bus.name, facts, data=bus.name if bus.archive else "")


def _channel(channel: PlannedChannel) -> Thing:
    facts = {
        "channels": f"/{channel.name}/{channel.template}",
        "who may subscribe": f"as {channel.guard} says" if channel.guard else "nobody",
        "on AWS": f"{channel.name} in {channel.physical}",
    }
    return Thing("channel", channel.name, facts)


def _rules(bus: PlannedBus) -> Iterator[Thing]:
    for rule in bus.rules:
        name = f"{rule.event} to {rule.function or rule.queue}"
        facts = {"on": rule.pattern, "what cannot be handed over": f"to {rule.dead}"}
        yield Thing(f"rule of {bus.name}", name, facts if rule.dead else {"on": rule.pattern})


def _schedule(schedule: PlannedSchedule) -> Thing:
    zone = f" in {schedule.timezone}" * (schedule.timezone != "UTC")
    facts = {
        "runs at": f"{schedule.expression}{zone}",
        "which is": how_often(schedule.runs_a_month),
        "calls": schedule.function,
        "on AWS": f"{schedule.physical} in {schedule.group}",
    }
    return Thing("schedule", schedule.name, facts)


def _site(site: PlannedSite) -> Thing:
    facts = {
        "pages": "index.html where there is no file" if site.spa else "files",
        "behind /api": f"api {site.api}" if site.api else "",
        "allows": site.csp,
        "on AWS": site.physical,
    }
    return Thing("site", site.name, facts)


def how_often(runs_a_month: float) -> str:
    if runs_a_month >= 1:
        return f"{runs_a_month:,.0f} times a month"
    return f"{runs_a_month * 12:.2g} times a year"


def _topic(topic: PlannedTopic) -> Thing:
    facts = {"order": "FIFO" if topic.fifo else "", "on AWS": topic.physical}
    facts |= {f"feeds {one.queue}": wanted(one) for one in topic.subscriptions if one.queue}
    return Thing("topic", topic.name, facts, identity=("order",))


def _users(users: PlannedUsers) -> Thing:
    has = ", ".join([f"{users.length_min} letters", *users.needs])
    facts = {
        "a password has": has,
        "access token": f"{users.access_s:,} s",
        "signed in": f"{users.refresh_days} days",
        "on AWS": f"user pool {users.physical}, claims by {users.claims}",
    }
    return Thing("users", users.name, facts, data=users.name)


def wanted(one: PlannedSubscription) -> str:
    return f"where {one.where}" if one.where else "everything"


def days(seconds: int) -> str:
    return f"{seconds / DAY_S:g} days" if seconds % DAY_S == 0 else f"{seconds:,} s"


def _api(api: PlannedApi) -> Thing:
    facts = {"open to": PUBLIC if api.is_public else "", "on AWS": api.physical}
    facts |= {"lets through": lets_through(api.rate)} if api.rate else {}
    if api.cors:
        facts["cors"] = f"{', '.join(api.cors.origins)} with {', '.join(api.cors.headers)}"
        facts["cors cookies"] = "yes" if api.cors.credentials else ""
        facts["cors methods"] = ", ".join(api.cors.methods)
    return Thing("api", api.name, facts)


def _routes(api: PlannedApi) -> Iterator[Thing]:
    for route in (*api.own, *leading(api)):
        said = f"{', '.join(route.methods)} {route.path}" if route.method else "everything else"
        facts = {"calls": route.function}
        facts |= {"lets through": lets_through(route.rate)} if route.rate else {}
        facts |= {"asks for a token of": route.users} if route.users else {}
        facts |= {"open to": PUBLIC} if route.is_public else {}
        yield Thing(f"route of {api.name}", said, facts)


def lets_through(rate: PlannedRate) -> str:
    return f"{rate.per_s:g} a second, {rate.burst:,} at once"


def _function(function: PlannedFunction, plan: Plan) -> Thing:
    facts = {
        "memory": f"{function.memory_mb:,} MB",
        "at most": f"{function.timeout_s} s",
        "runs on": f"{plan.runtime}, {plan.arch}",
        "called by": _called_by(function, plan),
        "tried": _tried(function),
        "reserved": f"{function.reserved} of the account's concurrency" * bool(function.reserved),
        "logs": f"kept {plan.retention_days} days",
        "on AWS": function.physical,
    }
    return Thing("function", function.name, facts)


def _called_by(function: PlannedFunction, plan: Plan) -> str:
    if function.feed:
        return _feed(function.feed)
    said = [
        f"topic {topic.name}" + f" {wanted(one)}" * bool(one.where)
        for topic in plan.topics
        for one in topic.subscriptions
        if one.function == function.name
    ]
    if function.kind == "authorizer":
        said += [f"channel {one.name}" for one in plan.channels if one.guard]
    said += [f"schedule {one.name}" for one in plan.schedules if one.function == function.name]
    return ", ".join(said)


def _tried(function: PlannedFunction) -> str:
    """By Lambda itself, when nobody waits for it."""
    if function.invoked is None:
        return ""
    said = f"{function.invoked.attempts_max} times"
    return f"{said} when redriven" if function.kind == "change" else said


def _feed(feed: Feed) -> str:
    said = f"{feed.kind} {feed.name}" if feed.kind in ("queue", "timer") else feed.name
    if feed.kind == "change":
        said = f"changes of {feed.name}, up to {feed.batch:,}, {feed.concurrency_max} a shard"
        return f"{said}, again {feed.retries_max} times after a crash"
    said += f", up to {feed.batch:,} messages" if feed.batch > 1 else ""
    most = feed.concurrency_max
    return said + (f", {most:,} at a time" if most is not None else "")
