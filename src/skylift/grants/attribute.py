"""Loading an attribute. A verb counts here, when it is loaded from a resource: what is done with it
afterwards does not matter. A verb's name on something that cannot be told is refused here.
"""

from __future__ import annotations

import ast
from typing import Any

from ..resources.resource import Resource
from .bind import bind, has_own, of_class, of_object
from .callable import of_builtin, of_closure, of_method, of_partial, of_verb
from .frame import Frame
from .hint import item_fields
from .live import Loader, of_known, of_resource, of_text
from .lookup import class_of, find, found_in, has_foreign_base, is_inside
from .refusal import for_verb
from .values import (
    NOTHING,
    ONLY_DATA,
    Atom,
    BoundVerb,
    Builtin,
    Closure,
    Const,
    Container,
    Foreign,
    Instance,
    Item,
    Known,
    LocalClass,
    Method,
    Partial,
    Pending,
    Perhaps,
    Plain,
    Super,
    Unknown,
    Values,
    View,
    Wrapped,
    data_of,
    kind_of,
    one,
    unknown,
)


def load(frame: Frame, owners: Values, name: str, node: ast.AST) -> Values:
    found: set[Atom] = set()
    for atom in owners:
        found |= LOADERS[type(atom)](frame, atom, name, node)
    return frozenset(found)


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
        return one(Plain(frozenset((atom.cls,))))
    return NOTHING.union(*(bind(frame, raw, atom, node) for raw in found[1]))


def _of_data(frame: Frame, atom: Plain, name: str, node: ast.AST) -> Values:
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


def _of_super(frame: Frame, atom: Super, name: str, node: ast.AST) -> Values:
    cls = atom.me if isinstance(atom.me, LocalClass) else class_of(atom.me)
    me: Any = atom.me.object if isinstance(atom.me, Known) else None
    if isinstance(me, type):
        itself: type[Any] = me
        cls = itself if atom.after in itself.__mro__ else kind_of(itself)  # or in a metaclass
    if cls is None:
        return unknown("super() of something that cannot be told")
    held = atom.me.object if isinstance(atom.me, Known) else None
    if isinstance(held, Resource) and name in type(held).verbs:
        return of_resource(frame, Known(held), name, node)
    found = found_in(frame, cls, name, after=atom.after)
    if found is None:
        is_open = has_foreign_base(frame.walk.source, cls)
        return ONLY_DATA if is_open else unknown(f"no base has {name}")
    return NOTHING.union(*(bind(frame, raw, atom.me, node) for raw in found[1]))


def _builtin(frame: Frame, atom: Atom, name: str, node: ast.AST) -> Values:
    del frame, node
    return one(Builtin(name, atom))


LOADERS: dict[type, Loader] = {
    Known: of_known,
    Const: of_text,
    Plain: _of_data,
    Item: _of_item,
    Perhaps: _of_perhaps,
    Unknown: _of_unknown,
    LocalClass: _of_local_class,
    Instance: _of_instance,
    Container: _builtin,
    View: _builtin,
    Closure: of_closure,
    Method: of_method,
    Partial: of_partial,
    Pending: _builtin,
    BoundVerb: of_verb,
    Builtin: of_builtin,
    Wrapped: _builtin,
    Super: _of_super,
    Foreign: _builtin,
}
