"""Names: what AWS would take, and each only once in an app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, cast

from ..app import App
from ..errors import Mistake
from ..function import Function
from ..resources.resource import Resource

APP_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,47}")


def of_app(app: App) -> Iterator[Mistake]:
    if not _fits(APP_NAME, app.name):
        remedy = "1 to 32 of a-z, 0-9 and -, a letter first"
        yield Mistake(app.place, f"app name {app.name!r}: AWS would refuse it", remedy)
    if not app.modules:
        reason = f"app {app.name!r} was given no modules"
        yield Mistake(app.place, reason, "write App(name, module, ...): it holds what is in them")
    for one in app.modules:
        if not isinstance(cast(object, one), ModuleType):
            reason = f"app {app.name!r}: {one!r} is no module"
            yield Mistake(app.place, reason, "import the module and give it: from . import notes")


def of_resources(resources: list[Resource]) -> Iterator[Mistake]:
    seen: dict[str, Resource] = {}
    for one in resources:
        if not _fits(NAME, one.name):
            remedy = "1 to 48 of letters, digits, - and _, a letter first"
            yield Mistake(one.place, f"{one.kind} name {one.name!r}: AWS would refuse it", remedy)
        other = seen.setdefault(str(one.name).lower(), one)
        if other is not one:
            reason = f"{one.kind} {one.name!r}: the {other.kind} at {other.place} has that name"
            remedy = "names are unique over all kinds of an app, whatever their case"
            yield Mistake(one.place, reason, remedy)


def of_functions(functions: list[Function[..., Any]], app: App) -> Iterator[Mistake]:
    seen: dict[str, Function[..., Any]] = {}
    for function in functions:
        name = of_function(function, app)
        other = seen.setdefault(name, function)
        if other is not function:
            reason = f"function {name!r}: the one at {other.place} has that name"
            yield Mistake(function.place, reason, "give the handler another name")


def of_function(function: Function[..., Any], app: App) -> str:
    """`notes.write`: the handler's module, as seen from the app's package, and its name."""
    module: str = function.handler.__module__
    if app.package and module.startswith(f"{app.package}."):
        module = module[len(app.package) + 1 :]
    return f"{module}.{function.handler.__name__}"


def _fits(pattern: re.Pattern[str], name: object) -> bool:
    return isinstance(name, str) and pattern.fullmatch(name) is not None
