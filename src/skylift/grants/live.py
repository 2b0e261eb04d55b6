"""Attributes of live objects: modules, classes, functions, resources, and objects of libraries."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable
from enum import Enum
from types import FunctionType, MethodType, ModuleType
from typing import Any, cast

from ..function import Function
from ..resources.resource import Resource
from .bind import bind, of_class, of_object
from .callable import of_callable
from .container import is_live
from .frame import Frame
from .held import dead_letters
from .lookup import find
from .owner import verbs_of
from .protocol import foreign
from .refusal import for_resource
from .store import live
from .values import (
    CONSTANTS,
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    BoundVerb,
    Builtin,
    Const,
    Foreign,
    Known,
    Values,
    kind_of,
    one,
    unknown,
)

Loader = Callable[[Frame, Any, str, ast.AST], Values]


CACHED = type(functools.lru_cache(len))


# What a method or a partial is made of.
KEPT = ("__self__", "__func__", "__wrapped__", "func", "args", "keywords")
OBSERVER = Foreign("observer")  # its methods look at what they are given and keep nothing


# Live objects of the standard library whose methods are known.
FOREIGN_KINDS = {
    "logging.Logger": "observer",
    "logging.LoggerAdapter": "observer",
    "_contextvars.ContextVar": "context variable",
    "concurrent.futures.thread.ThreadPoolExecutor": "executor",
    "concurrent.futures.process.ProcessPoolExecutor": "executor",
}


def of_known(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    value: Any = atom.object
    for kind, loader in LIVE_LOADERS:
        if isinstance(value, kind):
            return loader(frame, atom, name, node)
    if is_live(value) and type(cast(object, value)).__module__ in ("builtins", "collections"):
        return one(Builtin(name, atom))
    if any(frame.walk.source.is_own_class(cls) for cls in type(value).__mro__):
        return of_object(frame, atom, name, node)
    kind_name = f"{type(value).__module__}.{type(value).__qualname__}"
    if kind_name in FOREIGN_KINDS:
        return one(Builtin(name, Foreign(FOREIGN_KINDS[kind_name])))
    return _of_foreign(frame, value, name)


def of_resource(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    resource: Resource = atom.object
    written = find(frame, atom, name)  # by a kind of resource that the app derived
    own = NOTHING.union(*(bind(frame, raw, atom, node) for raw in written))
    if name in type(resource).verbs:
        frame.walk.traces.verbs.note_load(resource, name, node)
        return own | one(BoundVerb(atom, name))
    if name == "__class__":
        return one(Known(type(resource)))
    if own:
        return own
    stored = frame.walk.store.lasting((live(resource), name))
    held = getattr(resource, "__dict__", {})
    if not name.startswith("_") and (name in held or stored):
        return stored | (one(Known(held[name])) if name in held else NOTHING)
    if name.startswith("_"):
        reason = f"{name} of {resource.name} is none of its verbs, and may reach any"
        return frame.refuse(node, reason, for_resource(resource))
    is_its_own = hasattr(type(resource), name)  # what only looks like it, as nullcontext(notes)
    return one(OBSERVER) if is_its_own else unknown(f"{name} of {resource.name}")


def _of_module(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    module: ModuleType = atom.object
    names = vars(module)
    if not frame.walk.source.is_inside(module.__name__):
        try:
            return one(Known(getattr(module, name)))
        except AttributeError:
            return ONLY_DATA
    stored = frame.walk.stored(names, name)
    if name in names:
        return stored | frame.walk.seen(names, name)
    if name == "__dict__":
        return one(Known(names))
    inner = sys.modules.get(f"{module.__name__}.{name}")
    if inner is not None:
        return one(Known(inner))
    if isinstance(names.get("__getattr__"), FunctionType):
        asked = Arguments((one(Const(str, name)),))
        return frame.call(one(Known(names["__getattr__"])), asked, node)
    return stored or unknown(f"{module.__name__} has no {name} when the app is imported")


def _of_type(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    cls: type[Any] = atom.object
    if name in verbs_of(cls):
        return one(Builtin(name, atom))
    if any(frame.walk.source.is_own_class(part) for part in cls.__mro__):
        return of_class(frame, atom, name, node)
    try:
        return one(Known(getattr(cls, name)))
    except AttributeError:
        return ONLY_DATA


def _of_declared(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    if name in verbs_of(kind_of(atom.object)):
        frame.walk.traces.verbs.note_load(atom.object, name, node)
        return one(BoundVerb(atom, name))
    kinds: tuple[type[Any], ...] = type(atom.object).__mro__
    slots = {slot for kind in kinds for slot in getattr(kind, "__slots__", ())}
    if name in slots - {"__weakref__"} or (name == "dead" and dead_letters(atom.object)):
        return one(Known(getattr(atom.object, name)))
    if name in ("start", "dead"):
        reason = f"{atom.object.name} has no {name}: it is given no messages"
        return frame.refuse(node, reason, "have both call what they need, or send it a message")
    return one(atom) if name == "__call__" else unknown(f"{name} of a declared function")


def _of_function(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    del node
    value: Any = atom.object
    stored = frame.walk.store.lasting((live(value), name))
    if name in KEPT or name in vars(value):
        try:
            return stored | one(Known(getattr(value, name)))
        except AttributeError:
            return stored | ONLY_DATA
    return stored or of_callable(atom, name)


def _of_foreign(frame: Frame, value: Any, name: str) -> Values:
    if name in getattr(value, "__dict__", {}):
        return one(Known(value.__dict__[name]))
    return foreign(frame, value)


def of_text(frame: Frame, atom: Atom, name: str, node: ast.AST) -> Values:
    del frame, atom, node
    return one(Builtin(name, OBSERVER))


def _of_member(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    member: Enum = atom.object
    if name in ("value", "_value_"):
        return one(Known(member.value))
    return ONLY_DATA if name in ("name", "_name_") else of_object(frame, atom, name, node)


LIVE_LOADERS: tuple[tuple[type | tuple[type, ...], Loader], ...] = (
    (Resource, of_resource),
    (ModuleType, _of_module),
    (type, _of_type),
    (Function, _of_declared),
    ((FunctionType, MethodType, functools.partial, CACHED), _of_function),
    (Enum, lambda frame, atom, name, node: _of_member(frame, atom, name, node)),
    (tuple(kind for kind in CONSTANTS), of_text),
)
