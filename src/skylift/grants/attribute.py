"""Loading an attribute. A verb counts here, when it is loaded from a resource: what is done with it afterwards
does not matter. A verb's name on something that cannot be told is refused here.
"""

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
from .bind import bind, has_own, of_class, of_object
from .container import is_live
from .frame import Frame
from .hint import item_fields
from .lookup import class_of, find, found_in, has_foreign_base, is_inside
from .protocol import foreign
from .refusal import for_resource, for_verb
from .store import live, present
from .values import (
    CONSTANTS,
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    BoundVerb,
    Builtin,
    Closure,
    Const,
    Container,
    Data,
    Foreign,
    Instance,
    Item,
    Known,
    LocalClass,
    Method,
    Partial,
    Pending,
    Perhaps,
    Super,
    Unknown,
    Values,
    Wrapped,
    data_of,
    one,
    unknown,
)

CACHED = type(functools.lru_cache(len))
Loader = Callable[[Frame, Any, str, ast.AST], Values]
OBSERVER = Foreign("observer")  # its methods look at what they are given and keep nothing
# Live objects of the standard library whose methods are known.
FOREIGN_KINDS = {
    "logging.Logger": "observer",
    "logging.LoggerAdapter": "observer",
    "_contextvars.ContextVar": "context variable",
    "concurrent.futures.thread.ThreadPoolExecutor": "executor",
    "concurrent.futures.process.ProcessPoolExecutor": "executor",
}


def load(frame: Frame, owners: Values, name: str, node: ast.AST) -> Values:
    found: set[Atom] = set()
    for atom in owners:
        found |= LOADERS[type(atom)](frame, atom, name, node)
    return frozenset(found)


# -- live objects


def _of_known(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
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


def _of_resource(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    resource: Resource = atom.object
    written = find(frame, atom, name)  # by a kind of resource that the app derived
    own = NOTHING.union(*(bind(frame, raw, atom, node) for raw in written))
    if name in type(resource).verbs:
        frame.walk.verbs.add((resource.name, name))
        return own | one(BoundVerb(atom, name))
    if name == "__class__":
        return one(Known(type(resource)))
    if own:
        return own
    stored = frame.walk.store.history.get((live(resource), name), NOTHING)
    held = getattr(resource, "__dict__", {})
    if not name.startswith("_") and (name in held or stored):
        return stored | (one(Known(held[name])) if name in held else NOTHING)
    if name.startswith("_"):
        reason = f"{name} of {resource.name} is none of its verbs, and may reach any"
        return frame.refuse(node, reason, for_resource(resource))
    return one(OBSERVER)


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
    cls: type = atom.object
    if issubclass(cls, Resource) and name in cls.verbs:
        return one(Builtin(name, atom))
    if any(frame.walk.source.is_own_class(part) for part in cls.__mro__):
        return of_class(frame, atom, name, node)
    try:
        return one(Known(getattr(cls, name)))
    except AttributeError:
        return ONLY_DATA


def _of_declared(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    del frame, node
    return one(Known(getattr(atom.object, name))) if name in Function.__slots__[1:] else ONLY_DATA


def _of_function(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    del node
    value: Any = atom.object
    stored = frame.walk.store.history.get((live(value), name), NOTHING)
    if name in ("__self__", "__func__", "__wrapped__", "func") or name in vars(value):
        try:
            return stored | one(Known(getattr(value, name)))
        except AttributeError:
            return stored | ONLY_DATA
    return stored or ONLY_DATA


def _of_foreign(frame: Frame, value: Any, name: str) -> Values:
    if name in getattr(value, "__dict__", {}):
        return one(Known(value.__dict__[name]))
    return foreign(frame, value)


def _of_text(frame: Frame, atom: Atom, name: str, node: ast.AST) -> Values:
    del frame, atom, node
    return one(Builtin(name, OBSERVER))


LIVE_LOADERS: tuple[tuple[type | tuple[type, ...], Loader], ...] = (
    (Resource, _of_resource),
    (ModuleType, _of_module),
    (type, _of_type),
    (Function, _of_declared),
    ((FunctionType, MethodType, functools.partial, CACHED), _of_function),
    (Enum, lambda frame, atom, name, node: _of_member(frame, atom, name, node)),
    (tuple(kind for kind in CONSTANTS), _of_text),
)


def _of_member(frame: Frame, atom: Known, name: str, node: ast.AST) -> Values:
    member: Enum = atom.object
    if name in ("value", "_value_"):
        return one(Known(member.value))
    return ONLY_DATA if name in ("name", "_name_") else of_object(frame, atom, name, node)


# -- what the code that is read has made


def _of_instance(frame: Frame, atom: Instance, name: str, node: ast.AST) -> Values:
    if name == "__class__":
        return of_made_class(atom)
    return of_object(frame, atom, name, node)


def of_made_class(atom: Instance | Item) -> Values:
    return one(atom.cls if isinstance(atom.cls, LocalClass) else Known(atom.cls))


def _of_item(frame: Frame, atom: Item, name: str, node: ast.AST) -> Values:
    if name == "__class__":
        return of_made_class(atom)
    found = found_in(frame, atom.cls, name)
    known = item_fields(frame.walk.source, atom.cls)
    if name in known:
        return known[name] or ONLY_DATA
    if found is None and find(frame, atom, "__getattr__"):
        return of_object(frame, atom, name, node)
    if found is None and found_in(frame, atom.cls, "__post_init__"):
        return unknown(f"{name} may be set when a {atom.cls.__name__} is made")
    if found is None or not is_inside(frame.walk.source, found[0]):
        return one(Data(frozenset((atom.cls,))))
    return NOTHING.union(*(bind(frame, raw, atom, node) for raw in found[1]))


def _of_data(frame: Frame, atom: Data, name: str, node: ast.AST) -> Values:
    values = data_of(atom.classes)
    for cls in atom.classes:
        if found_in(frame, cls, name) or name in item_fields(frame.walk.source, cls):
            values |= _of_item(frame, Item(cls), name, node)
    return values


def _of_perhaps(frame: Frame, atom: Perhaps, name: str, node: ast.AST) -> Values:
    """What the object has, if it has it; whatever else it may be is data."""
    cls = class_of(atom)
    is_class_s = cls is not None and found_in(frame, cls, name) is not None
    if is_class_s or has_own(frame, atom.of, name):
        return frame.load(one(atom.of), name, node) | ONLY_DATA
    return ONLY_DATA


def _of_unknown(frame: Frame, atom: Unknown, name: str, node: ast.AST) -> Values:
    if name not in frame.walk.source.verbs:
        return one(atom)
    reason = f"what has this {name} cannot be read from the source ({atom.reason})"
    return frame.refuse(node, reason, for_verb(name))


def _of_local_class(frame: Frame, atom: LocalClass, name: str, node: ast.AST) -> Values:
    return of_class(frame, atom, name, node)


def _of_closure(frame: Frame, atom: Closure, name: str, node: ast.AST) -> Values:
    del node
    stored, is_sure = present(frame.walk.store.read((atom.code, name)))
    if stored and is_sure:
        return stored
    is_own = name.startswith("__") and name.endswith("__")
    return stored | (ONLY_DATA if is_own else unknown(f"{name} of a function"))


def _of_method(frame: Frame, atom: Method, name: str, node: ast.AST) -> Values:
    if name == "__self__":
        return one(atom.me)
    return one(atom.function) if name == "__func__" else frame.load(one(atom.function), name, node)


def _of_partial(frame: Frame, atom: Partial, name: str, node: ast.AST) -> Values:
    del frame, node
    return one(atom.function) if name == "func" else ONLY_DATA


def _of_verb(frame: Frame, atom: BoundVerb, name: str, node: ast.AST) -> Values:
    del frame, node
    return one(atom.resource) if name == "__self__" else ONLY_DATA


def _of_super(frame: Frame, atom: Super, name: str, node: ast.AST) -> Values:
    cls = atom.me if isinstance(atom.me, LocalClass) else None
    if isinstance(atom.me, Known):
        cls = atom.me.object if isinstance(atom.me.object, type) else type(atom.me.object)
        if isinstance(cls, type) and atom.after not in cls.__mro__:
            cls = type(cls)  # in a metaclass
    elif isinstance(atom.me, Instance | Item):
        cls = atom.me.cls
    if cls is None:
        return unknown("super() of something that cannot be told")
    if isinstance(atom.me, Known) and isinstance(atom.me.object, Resource):
        if name in type(atom.me.object).verbs:
            return _of_resource(frame, atom.me, name, node)
    found = found_in(frame, cls, name, after=atom.after)
    if found is None:
        is_open = has_foreign_base(frame.walk.source, cls)
        return ONLY_DATA if is_open else unknown(f"no base has {name}")
    return NOTHING.union(*(bind(frame, raw, atom.me, node) for raw in found[1]))


def _builtin(frame: Frame, atom: Atom, name: str, node: ast.AST) -> Values:
    del frame, node
    return one(Builtin(name, atom))


def _nothing_of_it(frame: Frame, atom: Atom, name: str, node: ast.AST) -> Values:
    del frame, atom, name, node
    return ONLY_DATA


LOADERS: dict[type, Loader] = {
    Known: _of_known,
    Const: _of_text,
    Data: _of_data,
    Item: _of_item,
    Perhaps: _of_perhaps,
    Unknown: _of_unknown,
    LocalClass: _of_local_class,
    Instance: _of_instance,
    Container: _builtin,
    Closure: _of_closure,
    Method: _of_method,
    Partial: _of_partial,
    Pending: _builtin,
    BoundVerb: _of_verb,
    Builtin: _nothing_of_it,
    Wrapped: _builtin,
    Super: _of_super,
    Foreign: _builtin,
}
