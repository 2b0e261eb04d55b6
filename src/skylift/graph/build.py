"""App -> Graph. Every mistake of every declaration is found before anything starts, and all are
told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_origin

from ..app import App
from ..errors import DeclarationError, Mistake
from ..function import Function
from ..grants.read import Reading, read_grants
from ..grants.source import Source as Reader
from ..resources.api import Api
from ..resources.bus import Bus
from ..resources.change import Change
from ..resources.channel import Channel
from ..resources.dead import DeadLetters
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
from ..signature import Signature, given_signature, guard_signature, http_signature
from . import (
    api,
    bus,
    channel,
    dead,
    feeds,
    handler,
    limits,
    name,
    once,
    parameter,
    queue,
    schedule,
    secret,
    setting,
    site,
    start,
    table,
    timer,
    topic,
    users,
    uses,
)
from .collect import Collected, collected
from .lost import lost_functions
from .misread import misread_conditions
from .model import Graph, Node
from .source import sources

Check = Callable[[Any, list[Function[..., Any]]], Iterator[Mistake]]
Read = Callable[[Function[..., Any], tuple[str, ...], Reader], Reading]
CHECKS: dict[type[Resource], Check] = {
    Api: api.mistakes,
    Table: table.mistakes,
    Queue: queue.mistakes,
    DeadLetters: dead.mistakes,
    Schedule: schedule.mistakes,
    Timer: timer.mistakes,
    Topic: topic.mistakes,
    Bus: bus.mistakes,
    Users: users.mistakes,
    Channel: channel.mistakes,
    Secret: secret.mistakes,
    Setting: setting.mistakes,
    Site: site.mistakes,
}
# By kind of trigger; all others are given one thing.
SIGNATURES = {"http": http_signature, "guard": guard_signature}


def build(app: App, read: Read = read_grants) -> Graph:
    """The graph of an app; DeclarationError with all its mistakes, in the order of the source."""
    found = collected(app)
    mistakes = [*name.of_app(app), *name.of_resources(found.resources)]
    sound: list[Function[..., Any]] = []
    for function in found.functions:
        wrong = list(handler.mistakes(function))
        mistakes += wrong
        if not wrong:
            function.name = name.of_function(function, app)
            sound.append(function)
    mistakes += [*name.of_functions(sound, app), *feeds.mistakes(found), *_in_source(found)]
    mistakes += users.wrong_demands(found.resources, sound)
    mistakes += channel.wrong_surroundings(found.resources)
    mistakes += site.wrong_apis(found.resources)
    mistakes += bus.not_the_owner(app.name, found.resources)
    for resource in [*found.resources, *found.dead]:
        own = [one for one in sound if one.trigger.resource is resource]
        mistakes += CHECKS.get(type(resource), _derived)(resource, own)
    source = Reader(found.packages, {module.__name__ for module in found.modules})

    def reading(function: Function[..., Any]) -> Reading:
        return read(function, found.packages, source)

    nodes = [_node(one, found, reading, mistakes) for one in sound]
    if mistakes:
        raise DeclarationError(*sorted(dict.fromkeys(mistakes), key=_in_order))
    functions = tuple(node for node in nodes if node is not None)
    return Graph(app.name, app.place, found.packages, tuple(found.resources), functions)


def _derived(resource: Resource, _: list[Function[..., Any]]) -> Iterator[Mistake]:
    """A resource of a class that no backend knows."""
    kind = type(resource)
    base = next(one.__name__ for one in kind.__mro__ if one in CHECKS)
    reason = f"{resource.kind} {resource.name!r} is a {kind.__name__}, which derives from {base}"
    remedy = f"declare a {base}, and write functions for what it is to do more"
    yield Mistake(resource.place, reason, remedy)


def _in_source(found: Collected) -> Iterator[Mistake]:
    for source in sources(found.modules, found.packages):
        yield from misread_conditions(source)
        if source.is_held:
            yield from lost_functions(source, found.functions)
            yield from once.stray_transactions(source, found.functions)


def _node(
    function: Function[..., Any],
    found: Collected,
    read: Callable[[Function[..., Any]], Reading],
    mistakes: list[Mistake],
) -> Node | None:
    """One function of the graph; None, and why among the mistakes, when there can be none."""
    mistakes += [*limits.mistakes(function), *once.mistakes(function), *_stray(function, found)]
    signature = _signature(function, mistakes)
    nonsense = list(uses.mistakes(function))
    mistakes += nonsense
    if nonsense:
        return None
    reading = read(function)
    mistakes += [
        Mistake(f"{one.file}:{one.line}", f"{one.expression}: {one.reason}", one.remedy)
        for one in reading.refusals
    ]
    mistakes += _foreign_grants(function, reading.verbs, found)
    mistakes += start.mistakes(function, reading.verbs, found.functions)
    if signature is None:
        return None
    reached = (reading.alone, reading.together)
    return Node(function.name, function, signature, *reached, reading.used)


def _signature(function: Function[..., Any], mistakes: list[Mistake]) -> Signature | None:
    """What its parameters mean; None, and why among the mistakes, when they make no sense."""
    message = getattr(function.trigger, "message", object)
    if not isinstance(message, type) and get_origin(message) is not Change:
        return None  # the queue's own mistake: nobody can take what is no message
    try:
        signature = SIGNATURES.get(function.trigger.kind, given_signature)(function)
    except DeclarationError as error:
        mistakes += error.mistakes
        return None
    mistakes += parameter.mistakes(function, signature)
    mistakes += users.wrong_callers(function, signature)
    return signature


def _stray(function: Function[..., Any], found: Collected) -> Iterator[Mistake]:
    """A trigger of a resource the app does not hold."""
    resource = function.trigger.resource
    if any(one is resource for one in [*found.resources, *found.dead]):
        return
    said = f"{resource.kind} {resource.name!r} (declared at {resource.place})"
    if isinstance(resource, DeadLetters):
        said = f"the function of {resource.name!r} (at {resource.place})"
    yield Mistake(function.place, f"{said} is not in the app", "add its module to App(...)")


def _foreign_grants(
    function: Function[..., Any], verbs: frozenset[tuple[str, str]], found: Collected
) -> Iterator[Mistake]:
    """Verbs of resources the app does not hold."""
    known = {one.name for one in [*found.resources, *found.dead, *found.functions]}
    for resource in sorted({resource for resource, _ in verbs} - known):
        reason = f"{function.handler.__name__}() uses {resource!r}, which is not in the app"
        remedy = "keep it under a name of a module, and add the module to App(...)"
        yield Mistake(function.place, reason, remedy)


def _in_order(mistake: Mistake) -> tuple[str, int]:
    file, _, line = mistake.place.rpartition(":")
    return file, int(line) if line.isdigit() else 0
