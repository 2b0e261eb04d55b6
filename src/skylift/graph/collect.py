"""What an app holds: the resources and functions found in its modules, each once, in the order of
declaration.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

from ..app import App
from ..function import Function
from ..resources.channel import Channel
from ..resources.consumer import Consumer
from ..resources.dead import DeadLetters
from ..resources.resource import Resource


@dataclass(frozen=True)
class Collected:
    modules: list[ModuleType]
    packages: tuple[str, ...]
    resources: list[Resource]
    functions: list[Function[..., Any]]

    @property
    def dead(self) -> list[DeadLetters[Any]]:
        """The dead letters of the functions: nobody declares them."""
        return [letters for one in self.functions if (letters := dead_of(one)) is not None]


def dead_of(function: Function[..., Any]) -> DeadLetters[Any] | None:
    return function.dead if isinstance(function, Consumer) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def collected(app: App) -> Collected:
    modules = modules_of(app)
    resources: dict[int, Resource] = {}
    functions: dict[int, Function[..., Any]] = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Resource):
                resources[id(value)] = value
            elif isinstance(value, Function):
                functions[id(cast(object, value))] = value
    for guard in _guards(resources.values()):
        functions[id(guard)] = guard
    tops = {
        name.split(".")[0] for name in (app.package, *(one.__name__ for one in modules)) if name
    }
    declared = [one for one in resources.values() if one.kind != DeadLetters.kind]  # an alias
    return Collected(modules, tuple(sorted(tops)), declared, list(functions.values()))


def _guards(resources: Iterable[Resource]) -> Iterator[Function[..., Any]]:
    """Functions that no decorator made: their channels hold them."""
    for one in resources:
        guard = cast("Channel[Any, ...]", one).guard if isinstance(one, Channel) else None
        if guard is not None:
            yield guard


def modules_of(app: App) -> list[ModuleType]:
    """The modules the app was given, each once; a package with the modules directly in it."""
    named = (one for one in app.modules if isinstance(cast(object, one), ModuleType))
    return list(dict.fromkeys(module for one in named for module in _walked(one)))


def _walked(module: ModuleType) -> list[ModuleType]:
    """A module, or a package with the modules directly in it."""
    if not hasattr(module, "__path__"):
        return [module]
    names = [one.name for one in pkgutil.iter_modules(module.__path__) if not one.ispkg]
    return [module, *(importlib.import_module(f"{module.__name__}.{name}") for name in names)]
