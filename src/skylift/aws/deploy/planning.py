"""Graph -> Plan: everything that will exist, decided before anything is asked of AWS. What is
deployed already is looked at for two things only: the names of tables, and which stack of a large
app a function is in, for it can move to no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from ...graph.collect import dead_of
from ...graph.model import Graph
from ...resources.api import Api
from ...resources.bus import Bus
from ...resources.channel import Channel
from ...resources.queue import Queue
from ...resources.schedule import Schedule
from ...resources.secret import Secret
from ...resources.site import Site
from ...resources.table import Table
from ...resources.timer import Timer
from ...resources.topic import Topic
from ...resources.users import Users
from . import (
    alarm,
    api,
    bus,
    channel,
    dead,
    function,
    ledger,
    queue,
    schedule,
    secret,
    setting,
    site,
    table,
    timer,
    topic,
    users,
)
from .impossible import refuse
from .names import checked_stage
from .nesting import nested
from .plan import PRODUCTION, Plan, PlannedDead
from .table import AnyTable
from .target import Target
from .unit import units

RETENTION_DAYS, PRODUCTION_DAYS = 14, 90  # of logs
TABLES: type[AnyTable] = Table
QUEUES: type[Queue[Any]] = Queue
TIMERS: type[Timer[Any]] = Timer
TOPICS: type[Topic[Any]] = Topic
CHANNELS: type[Channel[Any, ...]] = Channel
NOTHING_SAID: Mapping[str, str | None] = {}
BY_NAME = attrgetter("name")  # whatever the order of the source


def planned(
    graph: Graph,
    stage: str,
    target: Target,
    code: Mapping[str, str] | None = None,
    before: Plan | None = None,
    *,
    said: Mapping[str, str | None] = NOTHING_SAID,
) -> Plan:
    """`code` has the digest of each unit's bundle where there is one, `before` is what is deployed,
    `said` are settings that are said anew. DeployRefused when AWS could not hold it.
    """
    checked_stage(stage)
    digests, settings = code or {}, setting.planned(graph, said, before)
    functions = sorted(
        (
            replace(
                function.planned(unit, graph, stage, digests.get(unit.name, "")),
                said=setting.of_unit(unit, graph, settings),
            )
            for unit in units(graph)
        ),
        key=BY_NAME,
    )
    queues = sorted((queue.planned(one, graph, stage) for one in graph.of(QUEUES)), key=BY_NAME)
    timers = sorted((timer.planned(one, graph, stage) for one in graph.of(TIMERS)), key=BY_NAME)
    topics = sorted((topic.planned(one, graph, stage) for one in graph.of(TOPICS)), key=BY_NAME)
    schedules = (schedule.planned(one, graph, stage) for one in graph.of(Schedule))
    letters = sorted(_dead(graph, stage), key=BY_NAME)
    apis = sorted((api.planned(one, graph, stage) for one in graph.of(Api)), key=BY_NAME)
    tables = (table.planned(one, graph, stage, before) for one in graph.of(TABLES))
    plan = Plan(
        *(graph.app, stage, target.runtime, target.arch),
        PRODUCTION_DAYS if stage == PRODUCTION else RETENTION_DAYS,
        *(tuple(sorted(tables, key=BY_NAME)), tuple(queues), tuple(letters), tuple(apis)),
        *(ledger.planned(graph, stage), tuple(functions)),
        alarms=(),
        tags={"app": graph.app, "stage": stage, "managed-by": "skylift"},
        timers=tuple(timers),
        schedules=tuple(sorted(schedules, key=BY_NAME)),
        topics=tuple(topics),
        buses=tuple(sorted((bus.planned(one, graph, stage) for one in graph.of(Bus)), key=BY_NAME)),
        secrets=tuple(
            sorted((secret.planned(one, graph, stage) for one in graph.of(Secret)), key=BY_NAME)
        ),
        settings=settings,
        sites=tuple(
            sorted((site.planned(one, graph, stage) for one in graph.of(Site)), key=BY_NAME)
        ),
        users=tuple(
            sorted((users.planned(one, graph, stage) for one in graph.of(Users)), key=BY_NAME)
        ),
        channels=tuple(
            sorted((channel.planned(one, graph, stage) for one in graph.of(CHANNELS)), key=BY_NAME)
        ),
    )
    refuse(graph, plan, before)
    return nested(replace(plan, alarms=alarm.planned(plan)), before)


def _dead(graph: Graph, stage: str) -> Iterator[PlannedDead]:
    for node in graph.functions:
        if dead_of(node.function) is not None:
            yield dead.planned(node, graph, stage)
