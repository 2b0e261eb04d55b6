"""Imports inside functions. A module of the app or of the standard library is imported, as the
function would do; any other is looked at only when it is there already.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import resolve_name
from types import ModuleType

from .frame import Frame
from .values import ONLY_DATA, Known, Values, one, unknown


def imported(frame: Frame, node: ast.Import) -> Iterator[tuple[str, Values]]:
    for alias in node.names:
        module = _module(frame, alias.name)
        if alias.asname is None:
            module = module and sys.modules.get(alias.name.split(".")[0])
        name = alias.asname or alias.name.split(".")[0]
        yield name, ONLY_DATA if module is None else one(Known(module))


def imported_names(frame: Frame, node: ast.ImportFrom) -> Iterator[tuple[str, Values]]:
    home = node.module or ""
    if node.level:
        package = str(frame.code.globals.get("__package__") or "")
        home = resolve_name("." * node.level + home, package)
    module = _module(frame, home)
    for alias in node.names:
        if module is None:
            yield alias.asname or alias.name, ONLY_DATA
        elif alias.name == "*":
            yield from ((name, frame.load(one(Known(module)), name, node)) for name in vars(module))
        else:
            yield alias.asname or alias.name, _name(frame, module, alias.name, node)


def _name(frame: Frame, module: ModuleType, name: str, node: ast.AST) -> Values:
    if not hasattr(module, name) and hasattr(module, "__path__"):
        inner = _module(frame, f"{module.__name__}.{name}")
        if inner is not None:
            return one(Known(inner))
    if not hasattr(module, name) and frame.walk.source.is_inside(module.__name__):
        return unknown(f"{module.__name__} has no {name}")
    return frame.load(one(Known(module)), name, node)


def _module(frame: Frame, name: str) -> ModuleType | None:
    top = name.split(".")[0]
    is_ours = frame.walk.source.is_inside(name) or top in ("skylift", "msgspec")
    if name not in sys.modules and (is_ours or top in sys.stdlib_module_names):
        try:
            import_module(name)
        except ImportError:
            return None
    return sys.modules.get(name)
