"""What a live object that is not the app's own holds of the app: found by following its references,
without running anything. It decides whether a value of a foreign library can be data.
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
from .owner import verbs_of
from .source import Source
from .values import kind_of

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
    names = {id(vars(one)) for one in list(sys.modules.values()) if hasattr(one, "__dict__")}
    seen = {id(start), id(sys.modules)} | names
    waiting, found = deque([start]), _Found(source)
    while waiting and len(seen) < OBJECTS_MAX + len(names):
        one = waiting.popleft()
        for inner in _referents(one) if found.goes_on(one) else ():
            if id(inner) not in seen and not isinstance(inner, LEAVES):
                seen.add(id(inner))
                waiting.append(inner)
    several = (tuple(found.resources), tuple(found.functions), tuple(found.instances))
    return Held(*several, frozenset(found.classes), found.has_module)


class _Found:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.resources: list[Resource] = []
        self.functions: list[Any] = []
        self.instances: list[Any] = []
        self.classes: set[type] = set()
        self.has_module = False

    def goes_on(self, one: Any) -> bool:
        """Note an object of the app; whether to look at what it refers to."""
        source, kind = self.source, kind_of(one)  # not isinstance: a proxy would run code
        if issubclass(kind, Resource):
            self.resources.append(one)
        elif (
            issubclass(kind, Function)
            or (kind is FunctionType and source.is_own(one))
            or (kind is MethodType and is_verb(one))
        ):
            self.functions.append(one)
        elif issubclass(kind, ModuleType):
            self.has_module = self.has_module or source.is_inside(one.__name__)
        elif issubclass(kind, type):
            self.classes.update([one] if source.is_own_class(one) else [])
        else:
            if source.is_own_class(kind):
                self.classes.add(kind)
                self.instances += [] if is_record(source, kind) else [one]
            return True
        return False


def dead_letters(value: Any) -> Resource | None:
    """What comes with a declared function: whoever holds it may reach them."""
    letters: Any = getattr(value, "dead", None) if issubclass(kind_of(value), Function) else None
    return letters if isinstance(letters, Resource) else None


def is_verb(method: MethodType) -> bool:
    """Whether a live method is a verb bound to what has it."""
    return method.__func__.__name__ in verbs_of(kind_of(method.__self__))


def _referents(one: Any) -> list[Any]:
    if type(one) is FunctionType:
        return [one.__closure__, one.__defaults__, one.__kwdefaults__, one.__dict__]
    if isinstance(one, ref):
        return [one()]
    return gc.get_referents(one)
