"""What a live object that is not the app's own holds of the app: found by following its references, without
running anything. It decides whether a value of a foreign library can be data.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any
from weakref import ref

from msgspec import Struct

from ..function import Function
from ..resources.resource import Resource
from .source import Source

OBJECTS_MAX = 50_000  # near ones first; a client of a large library may hold more
LEAVES = (str, bytes, int, float, complex, bool, type(None), CodeType, range)


class Held(Struct, frozen=True):
    resources: tuple[Resource, ...]
    functions: tuple[Any, ...]  # the app's own, and its declared functions
    classes: frozenset[type]
    is_closed: bool  # nothing of the app that can name a resource: no module, no function

    @property
    def is_data(self) -> bool:
        return self.is_closed and not self.resources


def held(source: Source, held_by: Any) -> Held:
    """What is reachable from an object; cached, as nothing is declared after the import."""
    if isinstance(held_by, LEAVES):
        return EMPTY
    return source.keep("held", held_by, lambda: _held(source, held_by))


EMPTY = Held((), (), frozenset(), True)


def _held(source: Source, start: Any) -> Held:
    skipped = {
        id(vars(module)) for module in list(sys.modules.values()) if hasattr(module, "__dict__")
    }
    skipped.add(id(sys.modules))
    seen, waiting = {id(start)}, deque([start])
    resources: list[Resource] = []
    functions: list[Any] = []
    classes: set[type] = set()
    has_module = False
    while waiting and len(seen) < OBJECTS_MAX:
        one = waiting.popleft()
        kind: type = type(one)  # not isinstance: a proxy would run code
        if issubclass(kind, Resource):
            resources.append(one)
        elif issubclass(kind, Function) or (kind is FunctionType and source.is_own(one)):
            functions.append(one)
        elif kind is MethodType and is_verb(one):
            functions.append(one)
        elif issubclass(kind, ModuleType):
            has_module = has_module or source.is_inside(one.__name__)
        elif issubclass(kind, type):
            classes.update([one] if source.is_own_class(one) else [])
        else:
            classes.update([kind] if source.is_own_class(kind) else [])
            for inner in _referents(one):
                if (
                    id(inner) not in seen
                    and id(inner) not in skipped
                    and not isinstance(inner, LEAVES)
                ):
                    seen.add(id(inner))
                    waiting.append(inner)
    return Held(
        tuple(resources), tuple(functions), frozenset(classes), not (functions or has_module)
    )


def is_verb(method: MethodType) -> bool:
    """Whether a live method is a verb bound to a resource."""
    owner: Any = method.__self__
    return isinstance(owner, Resource) and method.__func__.__name__ in type(owner).verbs


def _referents(one: Any) -> list[Any]:
    if type(one) is FunctionType:
        return [one.__closure__, one.__defaults__, one.__kwdefaults__, one.__dict__]
    if isinstance(one, ref):
        return [one()]
    return gc.get_referents(one)
