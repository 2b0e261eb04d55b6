"""App -> Graph. Every mistake of every declaration is found before anything starts, and all are
told at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ..app import App
from ..errors import DeclarationError, Mistake
from ..function import Function
from ..grants.read import read_grants
from ..resources.api import Api
from ..resources.resource import Resource
from ..resources.table import Table
from ..signature import http_signature
from . import api, limits, table
from .collect import collected, name_of
from .misread import misread_conditions
from .model import Graph, Node

Check = Callable[[Any, list[Function[..., Any]]], Iterator[Mistake]]
CHECKS: dict[type[Resource], Check] = {Api: api.mistakes, Table: table.mistakes}
SIGNATURES = {"http": http_signature}  # by kind of trigger

APP_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,47}")


def build(app: App) -> Graph:
    """The graph of an app; DeclarationError with every mistake in it."""
    found = collected(app)
    mistakes = [*_names(app, found.resources, found.functions), *_strays(found)]
    for resource in found.resources:
        own = [one for one in found.functions if one.trigger.resource is resource]
        mistakes += CHECKS[type(resource)](resource, own)
    for function in found.functions:
        mistakes += limits.mistakes(function)
    for module in found.modules:
        mistakes += misread_conditions(module)
    nodes = [_node(one, app, found.packages, mistakes) for one in found.functions]
    if mistakes:
        raise DeclarationError(*dict.fromkeys(mistakes))
    functions = tuple(node for node in nodes if node is not None)
    return Graph(app.name, app.place, found.packages, tuple(found.resources), functions)


def _node(
    function: Function[..., Any], app: App, packages: tuple[str, ...], mistakes: list[Mistake]
) -> Node | None:
    try:
        signature = SIGNATURES[function.trigger.kind](function)
    except DeclarationError as error:
        mistakes += error.mistakes
        signature = None
    reading = read_grants(function, packages)
    mistakes += [
        Mistake(f"{one.file}:{one.line}", f"{one.expression}: {one.reason}", one.remedy)
        for one in reading.refusals
    ]
    if signature is None:
        return None
    return Node(name_of(function, app), function, signature, reading.verbs, reading.used)


def _names(
    app: App, resources: list[Resource], functions: list[Function[..., Any]]
) -> Iterator[Mistake]:
    if not APP_NAME.fullmatch(app.name):
        yield Mistake(
            app.place,
            f"app name {app.name!r}: AWS would refuse it",
            "1 to 32 of a-z, 0-9 and -, a letter first",
        )
    seen: dict[str, str] = {}
    for one in resources:
        if not NAME.fullmatch(one.name):
            yield Mistake(
                one.place,
                f"{one.kind} name {one.name!r}: AWS would refuse it",
                "1 to 48 of letters, digits, - and _, a letter first",
            )
        if one.name in seen:
            yield Mistake(
                one.place,
                f"{one.kind} {one.name!r}: the name is taken by the one at {seen[one.name]}",
                "names are unique over all kinds of an app",
            )
        seen.setdefault(one.name, one.place)
    places: dict[str, str] = {}
    for function in functions:
        name = name_of(function, app)
        if name in places:
            yield Mistake(
                function.place,
                f"function {name!r}: the name is taken by the one at {places[name]}",
                "give the handler another name",
            )
        places.setdefault(name, function.place)


def _strays(found: Any) -> Iterator[Mistake]:
    for function in found.functions:
        resource = function.trigger.resource
        if not any(one is resource for one in found.resources):
            yield Mistake(
                function.place,
                f"{resource.kind} {resource.name!r} ({resource.place}) is not in the app",
                "add its module to App(...)",
            )
