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
from .hint import is_record
from .source import Source

OBJECTS_MAX = 50_000  # near ones first; a client of a large library may hold more
LEAVES = (str, bytes, int, float, complex, bool, type(None), CodeType, range)


class Held(Struct, frozen=True):
    resources: tuple[Resource, ...]
    functions: tuple[Any, ...]  # the app's own, and its declared functions
    instances: tuple[Any, ...]  # of classes of the app that are more than records
    classes: frozenset[type]
    has_module: bool

    @property
    def is_data(self) -> bool:
        """Whether nothing of it can name a resource."""
        return not (self.resources or self.functions or self.instances or self.has_module)


def held(source: Source, held_by: Any) -> Held:
    """What is reachable from an object; cached, as nothing is declared after the import."""
    if isinstance(held_by, LEAVES):
        return EMPTY
    return source.keep("held", held_by, lambda: _held(source, held_by))


EMPTY = Held((), (), (), frozenset(), False)


def _held(source: Source, start: Any) -> Held:
    skipped = {
        id(vars(module)) for module in list(sys.modules.values()) if hasattr(module, "__dict__")
    }
    skipped.add(id(sys.modules))
    seen, waiting = {id(start)}, deque([start])
    resources: list[Resource] = []
    functions: list[Any] = []
    instances: list[Any] = []
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
            if source.is_own_class(kind):
                classes.add(kind)
                instances += [] if is_record(source, kind) else [one]
            for inner in _referents(one):
                if (
                    id(inner) not in seen
                    and id(inner) not in skipped
                    and not isinstance(inner, LEAVES)
                ):
                    seen.add(id(inner))
                    waiting.append(inner)
    several = (tuple(resources), tuple(functions), tuple(instances))
    return Held(*several, frozenset(classes), has_module)


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
