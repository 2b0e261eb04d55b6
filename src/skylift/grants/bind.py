"""What a class attribute becomes when it is loaded from an object of the app: a method, a
property's value, a field. The interpreter's order is kept: data descriptors, the object's own
attributes, the class, __getattr__.
"""

from __future__ import annotations

import ast
import functools
from enum import Enum, EnumMeta
from types import (
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    WrapperDescriptorType,
)
from typing import Any

from .frame import Frame
from .lookup import class_of, find, found_in, has_foreign_base, is_inside
from .store import ANYWHERE, EVERYTHING, live, present
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Closure,
    Cls,
    Const,
    Instance,
    Item,
    Known,
    LocalClass,
    Method,
    Partial,
    Values,
    Wrapped,
    kind_of,
    literal,
    one,
    unknown,
)

ASKING = "__getattribute__"
FIELDS = (MemberDescriptorType, GetSetDescriptorType)
CALLED_WITH_SELF = (
    FunctionType,
    MethodDescriptorType,
    WrapperDescriptorType,
    type(functools.lru_cache(len)),
    functools.singledispatchmethod,
)


def of_object(frame: Frame, me: Atom, name: str, node: ast.AST) -> Values:
    """An attribute of an instance of a class of the app."""
    cls = class_of(me)
    assert cls is not None
    if name == "__dict__" and isinstance(me, Known) and hasattr(me.object, "__dict__"):
        return one(Known(_names(frame, me.object)))
    if name not in ("__class__", "__dict__"):
        asked = find(frame, me, ASKING)
        if asked and not _is_inside_it(frame, asked):
            return _ask(frame, me, ASKING, (name, node))
    found = found_in(frame, cls, name)
    raw = found[1] if found else NOTHING
    if any(_comes_first(atom) for atom in raw):
        return NOTHING.union(*(bind(frame, atom, me, node) for atom in raw))
    own, is_sure = _own(frame, me, name)
    if own and is_sure:
        return own
    if raw:
        return own | NOTHING.union(*(bind(frame, atom, me, node) for atom in raw))
    if find(frame, me, "__getattr__"):
        return own | _ask(frame, me, "__getattr__", (name, node))
    if own:
        return own
    if name == "__dict__" or not has_foreign_base(frame.walk.source, cls):
        return unknown(f"{name} is not set where it can be seen")
    return ONLY_DATA


def _is_inside_it(frame: Frame, asked: Values) -> bool:
    """Whether __getattribute__ itself is asking."""
    return any(isinstance(atom, Known) and frame.code.name == ASKING for atom in asked)


def _ask(frame: Frame, me: Atom, how: str, what: tuple[str, ast.AST]) -> Values:
    name, node = what
    methods = NOTHING.union(*(bind(frame, raw, me, node) for raw in find(frame, me, how)))
    return frame.call(methods, Arguments((one(Const(str, name)),)), node)


def _names(frame: Frame, value: Any) -> dict[str, Any]:
    """The attributes of a live object as a mapping, with what is stored while it is read."""
    names: dict[str, Any] = value.__dict__
    at = live(value)
    frame.walk.traces.asked.add(at)
    stored = [*frame.walk.store.lasting_of({at}).values()]
    if stored:
        frame.walk.store.write((live(names), ANYWHERE), NOTHING.union(*stored), weak=True)
    return names


def has_own(frame: Frame, me: Atom, name: str) -> bool:
    """Whether an object itself may have an attribute."""
    return bool(_own(frame, me, name)[0])


def _own(frame: Frame, me: Atom, name: str) -> tuple[Values, bool]:
    """What the object itself has, and whether it has it for certain."""
    if isinstance(me, Known):
        return _own_live(frame, me.object, name)
    assert isinstance(me, Instance | Item)
    if isinstance(me, Item):
        return NOTHING, False
    values, is_sure = present(frame.walk.store.read((me.address, name)))
    anything, _ = present(frame.walk.store.read((me.address, EVERYTHING)))
    return values | anything, is_sure


def _own_live(frame: Frame, value: Any, name: str) -> tuple[Values, bool]:
    lasting = frame.walk.store.lasting
    values = lasting((live(value), name)) | lasting((live(value), EVERYTHING))
    if frame.walk.is_set_elsewhere(value, name):
        values |= unknown(f"{name} is set by code not read here")
    held = getattr(value, "__dict__", {})
    for key in (ANYWHERE, Const(str, name)):  # stored by way of vars()
        values |= lasting((live(held), key))
    if name not in held:
        return values, False
    frame.walk.notice(name, held[name], owner=value)
    kept = literal if is_frozen(kind_of(value)) else Known
    return values | one(kept(held[name])), True


def is_frozen(cls: type) -> bool:
    """Whether the fields of an object stay what they are."""
    of_struct = getattr(getattr(cls, "__struct_config__", None), "frozen", False)
    of_dataclass = getattr(getattr(cls, "__dataclass_params__", None), "frozen", False)
    return bool(of_struct or of_dataclass or issubclass(cls, tuple | Enum))


def _comes_first(raw: Atom) -> bool:
    """Whether a class attribute goes before the object's own."""
    match raw:
        case Known(object=property()):
            return True
        case Wrapped(kind="property"):
            return True
        case _:
            return False


def bind(frame: Frame, raw: Atom, me: Atom, node: ast.AST) -> Values:
    """A class attribute as seen from an instance."""
    match raw:
        case Closure():
            return one(Method(raw, me))
        case Wrapped():
            return _unwrapped(frame, raw, me, node)
        case Known():
            return _bound_live(frame, raw, me, node)
        case _:
            return one(raw)


def _unwrapped(frame: Frame, raw: Wrapped, me: Atom, node: ast.AST) -> Values:
    if raw.kind == "staticmethod":
        return one(raw.function)
    if raw.kind == "classmethod":
        return one(Method(raw.function, _class_atom(me)))
    return frame.call(one(raw.function), Arguments((one(me),)), node)


def _bound_live(frame: Frame, raw: Known, me: Atom, node: ast.AST) -> Values:
    value: Any = raw.object
    mine = Arguments((one(me),))
    match value:
        case staticmethod() | classmethod():
            function = Known(unwrapped(value))
            is_static = isinstance(value, staticmethod)
            return one(function if is_static else Method(function, _class_atom(me)))
        case property():
            return frame.call(one(Known(value.fget)), mine, node)
        case functools.cached_property():
            return frame.call(one(Known(value.func)), mine, node)
        case functools.partialmethod():
            held = {name: one(Known(inner)) for name, inner in value.keywords.items()}
            given = (one(me), *(one(Known(inner)) for inner in value.args))
            return one(Partial(Known(value.func), given, tuple(held.items()), NOTHING))
        case _ if isinstance(value, CALLED_WITH_SELF):
            return one(Method(raw, me))
        case _ if isinstance(value, FIELDS) or type(value).__name__ == "_tuplegetter":
            return _field(value, me)
        case _ if find(frame, raw, "__get__"):
            given = Arguments((one(me), one(_class_atom(me))))
            return frame.call(frame.load(one(raw), "__get__", node), given, node)
        case _:
            return one(raw)


def unwrapped(wrapped: Any) -> Any:
    """The function in a staticmethod or classmethod."""
    return wrapped.__func__


def _field(field: Any, me: Atom) -> Values:
    """A slot, a Struct's or a named tuple's field."""
    if not isinstance(me, Known):
        return ONLY_DATA  # not set: what is set is in the store
    try:
        kept = literal if is_frozen(kind_of(me.object)) else Known
        return one(kept(field.__get__(me.object, type(me.object))))
    except AttributeError:
        return ONLY_DATA


def _class_atom(me: Atom) -> Atom:
    if isinstance(me, LocalClass) or (isinstance(me, Known) and isinstance(me.object, type)):
        return me
    cls = class_of(me)
    assert cls is not None
    return cls if isinstance(cls, LocalClass) else Known(cls)


def of_class(frame: Frame, me: Known | LocalClass, name: str, node: ast.AST) -> Values:
    """An attribute of a class of the app."""
    cls: Cls = me if isinstance(me, LocalClass) else me.object
    if isinstance(cls, EnumMeta) and name in cls.__members__:
        return one(Known(cls.__members__[name]))
    found = found_in(frame, cls, name)
    if found is not None:
        return NOTHING.union(*(_from_class(raw, me) for raw in found[1]))
    if isinstance(cls, type):
        of_meta = found_in(frame, type(cls), name)
        if of_meta is not None and is_inside(frame.walk.source, of_meta[0]):
            return NOTHING.union(*(bind(frame, raw, me, node) for raw in of_meta[1]))
        asked = found_in(frame, type(cls), "__getattr__")
        if of_meta is None and asked is not None and is_inside(frame.walk.source, asked[0]):
            methods = NOTHING.union(*(bind(frame, raw, me, node) for raw in asked[1]))
            return frame.call(methods, Arguments((one(Const(str, name)),)), node)
        if of_meta is not None and name not in ("__subclasses__", "__dict__", "mro", "__mro__"):
            return ONLY_DATA
        if has_foreign_base(frame.walk.source, cls):
            return ONLY_DATA
    return unknown(f"{name} of a class")


def _from_class(raw: Atom, me: Atom) -> Values:
    held: Any = raw.object if isinstance(raw, Known) else None
    if isinstance(held, staticmethod | classmethod):
        function = Known(unwrapped(held))
        return one(function if isinstance(held, staticmethod) else Method(function, me))
    match raw:
        case Wrapped(kind="staticmethod"):
            return one(raw.function)
        case Wrapped(kind="classmethod"):
            return one(Method(raw.function, me))
        case _:
            return one(raw)
