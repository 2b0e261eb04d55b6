"""Functions an author wrote and the app does not hold: replaced by a later definition of the same
name, or kept where nobody looks. Each would be a route that silently does not exist.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import ModuleType
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..resources.api import Api
from ..resources.bus import Bus
from ..resources.resource import Resource
from .source import Source

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def lost_functions(source: Source, held: list[Function[..., Any]]) -> Iterator[Mistake]:
    """The definitions under a trigger of which no function of the app was made."""
    module, tree = source.module, source.tree
    places = {function.place for function in held}
    last = {node.name: node for node in tree.body if isinstance(node, Definition)}
    for node in _definitions(tree.body):
        if not _has_trigger(node, module):
            continue
        place, latest = source.at(node.decorator_list[0].lineno), last.get(node.name)
        # A decorator without functools.wraps hides where a handler was written.
        is_held = latest is node and isinstance(getattr(module, node.name, None), Function)
        if place not in places and not is_held:
            yield Mistake(place, *_told(node, latest, module))


def _definitions(body: list[ast.stmt]) -> Iterator[Definition]:
    """Those that are surely executed: not what stands in a function, or below an `if`."""
    for node in body:
        if isinstance(node, Definition):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _definitions(node.body)


def _told(node: Definition, later: Definition | None, module: ModuleType) -> tuple[str, str]:
    if later is not None and later is not node:
        reason = f"{node.name}() is replaced by the one in line {later.lineno}"
        return reason, "give each handler a name of its own"
    for decorator in node.decorator_list:
        if isinstance(_root(decorator, module), Api) and not isinstance(decorator, ast.Call):
            said = ast.unparse(decorator)
            return f"@{said} without a path makes no route", f'write @{said}("/path")'
        if isinstance(_root(decorator, module), Bus) and not isinstance(decorator, ast.Call):
            said = ast.unparse(decorator)
            return f"@{said} without a type asks for no event", f"write @{said}(RoomOpened)"
    reason = f"{node.name}() has a trigger, but the module does not hold it"
    if not isinstance(_root(node.decorator_list[0], module), Resource):
        return reason, "put the trigger above the other decorators"
    return reason, "keep it under a name of the module"


def _has_trigger(node: Definition, module: ModuleType) -> bool:
    """Below `@api.get(...)`, where `api` is a resource the module knows."""
    return any(isinstance(_root(one, module), Resource) for one in node.decorator_list)


def _root(decorator: ast.expr, module: ModuleType) -> object:
    """What stands before the last dot: `api`, `resources.api` or `count.dead`."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    path: list[str] = []
    while isinstance(called, ast.Attribute):
        path.append(called.attr)
        called = called.value
    if not isinstance(called, ast.Name) or not path:
        return None
    found: object = getattr(module, called.id, None)
    for name in reversed(path[1:]):
        is_read = isinstance(found, ModuleType | Function)
        found = getattr(cast(object, found), name, None) if is_read else None
    return found
