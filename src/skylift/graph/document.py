"""A graph as plain data: what `graph --json` prints, and what every drawing is made from.

The member names are a promise to whoever reads the JSON: more may come, none goes. A new kind of
trigger or resource adds one row here. Dead letters are no resource: nobody declares them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from msgspec import to_builtins

from ..invocation import Grant
from ..resources.api import Api
from ..resources.bus import Bus
from ..resources.channel import Channel
from ..resources.queue import Queue
from ..resources.resource import Resource
from ..resources.schedule import Schedule
from ..resources.secret import Secret
from ..resources.setting import Setting
from ..resources.site import Site
from ..resources.table import Table
from ..resources.timer import Timer
from ..resources.topic import Topic
from ..resources.users import Users
from .media import policy
from .model import Graph, Node
from .queue import lease_s

Members = dict[str, Any]


class GrantEntry(TypedDict):
    resource: str
    verbs: list[str]
    alone: list[str]  # those of them that are reached without `tx=`
    together: list[str]  # and with it


class FunctionEntry(TypedDict):
    name: str
    place: str
    trigger: Members
    limits: Members
    grants: list[GrantEntry]
    uses: bool  # something was said with uses=


class Document(TypedDict):
    app: str
    place: str
    resources: list[Members]  # kind, name and place, then what the kind has
    functions: list[FunctionEntry]


class TriggerKind(NamedTuple):
    """`resource` names the member that holds the resource's name; `label` is the short form."""

    resource: str
    members: tuple[str, ...]
    label: Callable[[Members], str]


def _request(trigger: Members) -> str:
    said = f"{trigger['method']} {trigger['path']}{', once' * trigger['once']}"
    said += f", {trigger['limited']}" if trigger["limited"] else ""
    return f"{said}{', optional' * trigger['is_optional']}{', PUBLIC' * trigger['is_exempt']}"


def _messages(trigger: Members) -> str:
    """`batch 10, 5 attempts, once by request_id`"""
    said = [f"batch {trigger['batch']}"] if trigger.get("batch", 1) > 1 else []
    said.append(_attempts(trigger))
    if trigger["once_by"]:
        said.append(f"once by {trigger['once_by']}")
    elif trigger["once"]:
        said.append("once")
    return ", ".join(said)


def _changes(trigger: Members) -> str:
    return f"changes, {_messages(trigger)}"


def _wanted(trigger: Members) -> str:
    """`where status, total; 3 attempts, once`"""
    where = f"where {', '.join(trigger['where'])}; " if trigger["where"] else ""
    return where + _messages(trigger)


def _events(trigger: Members) -> str:
    return f"{trigger['event']}{' ' if trigger['where'] else '; '}{_wanted(trigger)}"


def _runs(trigger: Members) -> str:
    return f"{_attempts(trigger)}{', once' * trigger['once']}"


def _attempts(trigger: Members) -> str:
    count = trigger["attempts_max"]
    return f"{count:,} attempt{'s' * (count != 1)}"


def _guards(_: Members) -> str:
    return "guards it"


ROUTE = (
    "method",
    "path",
    "status",
    "once",
    "users",
    "is_optional",
    "is_exempt",
    "throttled",
    "limited",
)
RETRIED = ("attempts_max", "backoff")
TRIGGERS = {
    "http": TriggerKind("api", ROUTE, _request),
    "queue": TriggerKind("queue", ("batch", *RETRIED, "once", "once_by"), _messages),
    "change": TriggerKind("table", (*RETRIED, "once", "once_by"), _changes),
    "dead": TriggerKind("dead", RETRIED, _attempts),
    "schedule": TriggerKind("schedule", ("attempts_max", "once"), _runs),
    "timer": TriggerKind("timer", (*RETRIED, "once", "once_by"), _messages),
    "bus": TriggerKind("bus", ("event", "where", "attempts_max", "once", "once_by"), _events),
    "guard": TriggerKind("channel", (), _guards),
    "topic": TriggerKind("topic", ("where", "attempts_max", "once", "once_by"), _wanted),
}
LIMITS = ("memory_mb", "timeout_s", "concurrency_max", "warm", "isolate")


def _api(api: Api, _: Graph) -> Members:
    demand = None if api.auth is None else api.auth.demand
    said = {"users": demand.users.name, "is_optional": demand.is_optional} if demand else {}
    throttled = api.throttle.told if api.throttle is not None else None
    plain = {"public": is_public(api), "users": None, "is_optional": False}
    return plain | said | {"throttled": throttled}


def _table(table: Table[Any, *tuple[Any, ...]], _: Graph) -> Members:
    indexes = {name: list(fields) for name, fields in table.indexes.items()}
    item = getattr(table.item, "__name__", str(table.item))
    return {"item": item, "key": list(table.key), "indexes": indexes, "ttl": table.ttl}


def _queue(queue: Queue[Any], graph: Graph) -> Members:
    consumer = next(graph.triggered_by(queue), None)
    timeout_s = consumer.function.limits["timeout_s"] if consumer else None
    return {
        "message": queue.message.__name__,
        "fifo": queue.fifo,
        "lease_s": lease_s(queue, timeout_s),
        "retention_s": queue.retention_s,
        "dedup": queue.dedup,
        "consumer": consumer.name if consumer else None,
    }


def _schedule(schedule: Schedule, graph: Graph) -> Members:
    runner = next(graph.triggered_by(schedule), None)
    said = {"cron": schedule.cron, "rate": schedule.rate, "timezone": schedule.timezone}
    return said | {"function": runner.name if runner else None}


def _timer(timer: Timer[Any], graph: Graph) -> Members:
    function = next(graph.triggered_by(timer), None)
    return {"message": timer.message.__name__, "function": function.name if function else None}


def _topic(topic: Topic[Any], _: Graph) -> Members:
    feeds = [{"queue": one.queue.name, "where": to_builtins(one.where)} for one in topic.fed]
    return {"message": topic.message.__name__, "fifo": topic.fifo, "feeds": feeds}


def _bus(bus: Bus, _: Graph) -> Members:
    feeds = [
        {"queue": one.queue.name, "event": one.message.__name__, "where": to_builtins(one.where)}
        for one in bus.fed
    ]
    return {"archive_days": bus.archive_days, "shared": bus.shared, "feeds": feeds}


def _users(users: Users, _: Graph) -> Members:
    policy = to_builtins(users.password)
    return {"access_s": users.access_s, "refresh_days": users.refresh_days, "password": policy}


def _secret(secret: Secret, _: Graph) -> Members:
    return {"rotate": secret.rotate, "optional": secret.optional}


def _setting(setting: Setting[Any], _: Graph) -> Members:
    default = None if setting.is_required else to_builtins(setting.default)
    return {"type": setting.type.__name__, "required": setting.is_required, "default": default}


def _channel(channel: Channel[Any, ...], graph: Graph) -> Members:
    guard = next(graph.triggered_by(channel), None)
    said = {"event": channel.event.__name__, "template": channel.template}
    return said | {"guard": guard.name if guard else None}


def _site(site: Site, _: Graph) -> Members:
    api = site.api.name if site.api is not None else None
    return {"folder": site.folder, "api": api, "spa": site.spa, "csp": policy(site.allow)}


RESOURCES: dict[type[Resource], Callable[[Any, Graph], Members]] = {
    Api: _api,
    Table: _table,
    Queue: _queue,
    Schedule: _schedule,
    Timer: _timer,
    Topic: _topic,
    Bus: _bus,
    Users: _users,
    Channel: _channel,
    Secret: _secret,
    Setting: _setting,
    Site: _site,
}


def document(graph: Graph, *, seen_from: Path) -> Document:
    """The graph; places are relative to a folder, so that they say nothing about the machine."""
    return Document(
        app=graph.app,
        place=relative(graph.place, seen_from),
        resources=[_resource(one, graph, seen_from) for one in graph.resources],
        functions=[_function(node, seen_from) for node in graph.functions],
    )


def is_public(api: Api) -> bool:
    """Nobody is asked who he is."""
    return api.auth is None


def triggering(function: FunctionEntry) -> str:
    """The name of the resource a function hangs on."""
    return function["trigger"][TRIGGERS[function["trigger"]["kind"]].resource]


def label(function: FunctionEntry) -> str:
    """What calls a function, in one line: `POST /notes`."""
    return TRIGGERS[function["trigger"]["kind"]].label(function["trigger"])


def relative(place: str, folder: Path) -> str:
    """`apps/hello/notes.py:19`, seen from a folder."""
    file, _, line = place.rpartition(":")
    return f"{os.path.relpath(file, folder)}:{line}" if os.path.isabs(file) else place


def _resource(resource: Resource, graph: Graph, folder: Path) -> Members:
    place = relative(resource.place, folder)
    more = RESOURCES[type(resource)](resource, graph)
    return {"kind": resource.kind, "name": resource.name, "place": place} | more


def _function(node: Node, folder: Path) -> FunctionEntry:
    trigger = node.function.trigger
    kind = TRIGGERS[trigger.kind]
    return FunctionEntry(
        name=node.name,
        place=relative(node.function.place, folder),
        trigger={"kind": trigger.kind, kind.resource: trigger.resource.name}
        | {name: to_builtins(getattr(trigger, name)) for name in kind.members},
        limits={name: node.function.limits[name] for name in LIMITS},
        grants=_grants(node),
        uses=node.said_uses,
    )


def _grants(node: Node) -> list[GrantEntry]:
    return [
        GrantEntry(
            resource=name,
            verbs=_verbs(name, node.grants),
            alone=_verbs(name, node.alone),
            together=_verbs(name, node.together),
        )
        for name in sorted({resource for resource, _ in node.grants})
    ]


def _verbs(name: str, grants: frozenset[Grant]) -> list[str]:
    return sorted(verb for resource, verb in grants if resource == name)
