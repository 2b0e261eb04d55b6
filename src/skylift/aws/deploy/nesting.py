"""Which stack holds what. CloudFormation takes 500 resources a stack: an app that outgrows 450 has
its functions in nested stacks, one a module, and its routes in one an Api; what holds data stays in
the app's own. What is deployed never moves: its name would exist twice for a moment. What a nested
stack is told of others comes by parameters, of which it takes 200.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from . import schedule, topic
from .api import keys, leading
from .function import resources
from .names import logical
from .plan import Plan, PlannedApi, PlannedFunction, PlannedRoute
from .reference import references

RESOURCES_MAX = 450  # of 500: the next route finds room
PARAMETERS_MAX = 180  # of 200: what is there may reach for something new


class Piece(NamedTuple):
    """What stays together."""

    name: tuple[str, ...]
    home: str  # the stack it goes to when the app's own is full
    size: int
    told: frozenset[str] = frozenset()  # of other stacks


class Room:
    """What each stack holds, and is told."""

    def __init__(self, own: int) -> None:
        self.sizes = Counter({"": own})
        self._told: dict[str, set[str]] = {}

    def take(self, stack: str, piece: Piece) -> None:
        self.sizes[stack] += piece.size
        self._told.setdefault(stack, set()).update(piece.told)

    def is_for(self, stack: str, piece: Piece) -> bool:
        told = self._told.get(stack, set()) | piece.told
        return self.sizes[stack] + piece.size <= RESOURCES_MAX and len(told) <= PARAMETERS_MAX


def nested(plan: Plan, before: Plan | None) -> Plan:
    held = {} if before is None else where(before)
    room, found = Room(own_size(plan)), pieces(plan)
    for piece in found:
        if piece.name in held:
            room.take(held[piece.name], piece)
    fresh = [piece for piece in found if piece.name not in held]
    is_small = room.sizes[""] + sum(piece.size for piece in fresh) <= RESOURCES_MAX
    for piece in fresh:
        held[piece.name] = "" if is_small else with_room(piece, room)
        room.take(held[piece.name], piece)
    return placed(plan, lambda name: held[name])


def pieces(plan: Plan) -> list[Piece]:
    asking = {rule.function for bus in plan.buses for rule in bus.rules}
    asking |= {one.function for topic in plan.topics for one in topic.subscriptions}
    asking |= {one.function for one in plan.schedules}
    found = [of_function(one, asking, told(one, plan)) for one in plan.functions]
    return [*found, *of_routes(plan)]


def told(function: PlannedFunction, plan: Plan) -> frozenset[str]:
    """What its resources say of what stands in the app's own stack."""
    own = resources(function, plan, {})
    own |= topic.of_function(function, plan) | schedule.of_function(function, plan)
    known = {logical(one.name, "Function") for one in plan.functions} | own.keys()
    return frozenset(
        f"{name}.{attribute}" for name, attribute in references(own) if name not in known
    )


def with_room(piece: Piece, room: Room) -> str:
    part, stack = 1, piece.home
    while not room.is_for(stack, piece):
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
    channels = len(plan.channels) + 2 * bool(plan.channels)
    sites = sum(6 + bool(one.api) for one in plan.sites)
    events = queues + buses + topics + channels + sites + bool(plan.schedules)
    return len(plan.tables) + events + 6 * len(plan.apis) + len(plan.alarms) + 2 + stacks


def of_function(
    function: PlannedFunction, asking: set[str], told: frozenset[str] = frozenset()
) -> Piece:
    """Beside those of `asking` stands what a bus, topic or schedule calls it by, and its leave."""
    module = function.name.rpartition(".")[0]
    beside = (function.feed, function.invoked)
    size = 3 + sum(one is not None for one in beside) + 2 * (function.name in asking)
    return Piece((function.name,), logical(module, "Stack"), size, told)


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
