"""Which stack holds what. CloudFormation takes 500 resources a stack: an app that outgrows 450 has
its functions in nested stacks, one a module, and its routes in one an Api; what holds data stays in
the app's own. What is deployed never moves: its name would exist twice for a moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from .api import keys, leading
from .names import logical
from .plan import Plan, PlannedApi, PlannedFunction, PlannedRoute

RESOURCES_MAX = 450  # of 500: the next route finds room


class Piece(NamedTuple):
    """What stays together."""

    name: tuple[str, ...]
    home: str  # the stack it goes to when the app's own is full
    size: int


def nested(plan: Plan, before: Plan | None) -> Plan:
    held = {} if before is None else where(before)
    asking = {rule.function for bus in plan.buses for rule in bus.rules}
    asking |= {one.function for topic in plan.topics for one in topic.subscriptions}
    asking |= {one.function for one in plan.schedules}
    pieces = [of_function(one, asking) for one in plan.functions]
    pieces += of_routes(plan)
    sizes = Counter({"": own_size(plan)})
    for piece in pieces:
        if piece.name in held:
            sizes[held[piece.name]] += piece.size
    fresh = [piece for piece in pieces if piece.name not in held]
    is_small = sizes[""] + sum(piece.size for piece in fresh) <= RESOURCES_MAX
    for piece in fresh:
        held[piece.name] = "" if is_small else with_room(piece, sizes)
        sizes[held[piece.name]] += piece.size
    return placed(plan, lambda name: held[name])


def with_room(piece: Piece, sizes: Counter[str]) -> str:
    part, stack = 1, piece.home
    while sizes[stack] + piece.size > RESOURCES_MAX:
        part += 1
        stack = f"{piece.home}{part}"
    return stack


def own_size(plan: Plan) -> int:
    """Of what is always in the app's own stack."""
    queues = 2 * (len(plan.queues) + len(plan.dead))
    stacks = len({name.rpartition(".")[0] for name in (one.name for one in plan.functions)})
    queues += 4 * len(plan.timers)
    buses = sum(2 + sum(bool(rule.queue) for rule in one.rules) for one in plan.buses)
    topics = sum(2 + sum(bool(each.queue) for each in one.subscriptions) for one in plan.topics)
    asked = {(one.name, route.users) for one in plan.apis for route in one.routes if route.users}
    topics += 7 * len(plan.users) + len(asked)
    events = queues + buses + topics + bool(plan.schedules)
    return len(plan.tables) + events + 6 * len(plan.apis) + len(plan.alarms) + 2 + stacks


def of_function(function: PlannedFunction, asking: set[str]) -> Piece:
    """Beside those of `asking` stands what a bus, topic or schedule calls it by, and its leave."""
    module = function.name.rpartition(".")[0]
    beside = (function.feed, function.invoked)
    size = 3 + sum(one is not None for one in beside) + 2 * (function.name in asking)
    return Piece((function.name,), logical(module, "Stack"), size)


def of_routes(plan: Plan) -> list[Piece]:
    return [
        Piece(route_name(api, route), logical(api.name, "Routes"), 1 + len(keys(api, route)))
        for api in plan.apis
        for route in leading(api)
    ]


def route_name(api: PlannedApi, route: PlannedRoute) -> tuple[str, ...]:
    return (api.name, route.method, route.path)


def where(plan: Plan) -> dict[tuple[str, ...], str]:
    """The stack of everything that has one of its own."""
    held: dict[tuple[str, ...], str] = {(one.name,): one.stack for one in plan.functions}
    for api in plan.apis:
        held |= {route_name(api, route): route.stack for route in leading(api)}
    return held


def placed(plan: Plan, stack_of: Callable[[tuple[str, ...]], str]) -> Plan:
    functions = tuple(replace(one, stack=stack_of((one.name,))) for one in plan.functions)
    apis = tuple(_placed_api(api, stack_of) for api in plan.apis)
    return replace(plan, functions=functions, apis=apis)


def _placed_api(api: PlannedApi, stack_of: Callable[[tuple[str, ...]], str]) -> PlannedApi:
    *routes, default = leading(api)
    return replace(
        api,
        stack=stack_of(route_name(api, default)),
        routes=tuple(replace(one, stack=stack_of(route_name(api, one))) for one in routes),
    )
