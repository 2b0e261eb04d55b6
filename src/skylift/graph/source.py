"""The source of an app as trees: its modules, and those of its own packages that they use."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import NamedTuple


class Source(NamedTuple):
    module: ModuleType
    tree: ast.Module
    is_held: bool  # the app was given this module

    def at(self, line: int) -> str:
        return f"{self.module.__file__}:{line}"


def sources(modules: list[ModuleType], packages: tuple[str, ...]) -> Iterator[Source]:
    """What has no source (it was made by a program) is left out."""
    found = dict.fromkeys(modules)
    waiting = list(modules)
    while waiting:
        for module in _used(waiting.pop()):
            if module not in found and module.__name__.split(".")[0] in packages:
                found[module] = None
                waiting.append(module)
    for module in found:
        try:
            tree = ast.parse(inspect.getsource(module))
        except (OSError, TypeError):
            continue
        yield Source(module, tree, module in modules)


def _used(module: ModuleType) -> Iterator[ModuleType]:
    for value in vars(module).values():
        if isinstance(value, ModuleType):
            yield value
        elif isinstance(value, FunctionType | type):
            home = sys.modules.get(value.__module__)
            if home is not None:
                yield home
