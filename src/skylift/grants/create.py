"""Making an object of a class of the app: __new__, __init__, or the fields of a dataclass, Struct
or named tuple whose own __init__ nobody wrote.
"""

from __future__ import annotations

import ast
from collections import OrderedDict, defaultdict, deque
from enum import EnumMeta
from types import FunctionType
from typing import Any

from .bind import bind, unwrapped
from .container import CONTENT
from .frame import Frame
from .hand import hand_over
from .hint import fields
from .lookup import found_in, is_inside, order
from .store import EVERYTHING
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Closure,
    Cls,
    Instance,
    Known,
    LocalClass,
    Values,
    constant,
    literal,
    one,
)

KINDS = (dict, list, set, tuple, OrderedDict, defaultdict, deque)
VARIANTS_MAX = 12  # objects made at one place of different things
AFTER = ("__post_init__", "__attrs_post_init__", "model_post_init")


def create(frame: Frame, cls: Cls, arguments: Arguments, node: ast.AST) -> Values:
    """What calling a class gives."""
    if isinstance(cls, EnumMeta):
        return _member(cls, arguments)
    if type(cls).__name__ == "_TypedDictMeta":
        return frame.call(one(Known(dict)), arguments, node)
    if isinstance(cls, type) and _is_made_by_metaclass(frame, cls):
        method = found_in(frame, type(cls), "__call__")
        assert method is not None
        bound = NOTHING.union(*(bind(frame, raw, Known(cls), node) for raw in method[1]))
        return frame.call(bound, arguments, node)
    return instantiate(frame, cls, arguments, node)


def instantiate(frame: Frame, cls: Cls, arguments: Arguments, node: ast.AST) -> Values:
    """What type.__call__ does."""
    made = _new(frame, cls, arguments, node)
    for atom in made:
        if isinstance(atom, Instance) and atom.cls == cls:
            _initialize(frame, atom, arguments, node)
    return made


def _member(cls: EnumMeta, arguments: Arguments) -> Values:
    asked = [constant(atom) for atom in arguments.at(0)]
    members: list[Any] = list(cls.__members__.values())
    if asked and all(is_fixed for is_fixed, _ in asked):
        wanted = [value for _, value in asked]
        members = [one_of for one_of in members if one_of.value in wanted or one_of in wanted]
    return frozenset(Known(member) for member in members) or ONLY_DATA


def _is_made_by_metaclass(frame: Frame, cls: type) -> bool:
    found = found_in(frame, type(cls), "__call__")
    return found is not None and is_inside(frame.walk.source, found[0])


def _new(frame: Frame, cls: Cls, arguments: Arguments, node: ast.AST) -> Values:
    found = found_in(frame, cls, "__new__")
    if (
        found is None
        or not is_inside(frame.walk.source, found[0])
        or _is_generated(frame, found[1])
    ):
        return one(blank(frame, cls, arguments, node))
    class_atom = cls if isinstance(cls, LocalClass) else Known(cls)
    functions = frozenset(_plain(raw) for raw in found[1])
    return frame.call(functions, arguments.behind(one(class_atom)), node)


def _plain(raw: Atom) -> Atom:
    held: Any = raw.object if isinstance(raw, Known) else None
    return Known(unwrapped(held)) if isinstance(held, staticmethod) else raw


def blank(frame: Frame, cls: Cls, arguments: Arguments, node: ast.AST) -> Instance:
    """An object with nothing in it. Those made at one place of different things are different."""
    given = (arguments.positional, tuple(arguments.keywords.items()), arguments.rest)
    base = frame.place(node, cls)
    variants = frame.walk.variants.setdefault(base, {})
    if given not in variants and len(variants) >= VARIANTS_MAX:
        frame.walk.unsettled += 1
        return Instance(base, cls)
    return Instance(variants.setdefault(given, frame.walk.address(base, given)), cls)


def is_shared(frame: Frame, made: Instance, node: ast.AST) -> bool:
    """Whether it stands for several that were made here, and holds what any of them holds."""
    return frame.walk.looping > 0 or made.address == frame.place(node, made.cls)


def _is_generated(frame: Frame, values: Values) -> bool:
    """Whether a function was written by a library: a dataclass's or a named tuple's."""
    for atom in values:
        value: Any = _plain(atom)
        if isinstance(value, Closure):
            return False
        function = value.object if isinstance(value, Known) else None
        if isinstance(function, FunctionType) and frame.walk.source.node(function) is not None:
            return False
    return True


def _initialize(frame: Frame, me: Instance, arguments: Arguments, node: ast.AST) -> None:
    base = next((part for part in order(me.cls) if part in KINDS), None)
    if base is not None and not hasattr(me.cls, "_fields"):
        inside = frame.call(one(Known(base)), Arguments(), node)
        frame.walk.store.write((me.address, CONTENT), inside)
    found = found_in(frame, me.cls, "__init__")
    is_own = found is not None and is_inside(frame.walk.source, found[0])
    if found is not None and is_own and not _is_generated(frame, found[1]):
        for raw in found[1]:
            frame.call(bind(frame, raw, me, node), arguments, node)
        return
    if base is not None and not hasattr(me.cls, "_fields"):
        fill = frame.load(one(me), "update" if base in (dict, set) else "extend", node)
        frame.call(fill, arguments, node)
        return
    _fill(frame, me, arguments, node)
    for name in AFTER:
        after = found_in(frame, me.cls, name)
        if after is not None and is_inside(frame.walk.source, after[0]):
            frame.call(frame.load(one(me), name, node), Arguments(), node)


def _fill(frame: Frame, me: Instance, arguments: Arguments, node: ast.AST) -> None:
    """Arguments become fields, in their order or by their names."""
    store = frame.walk.store
    names = _field_names(frame, me.cls)
    defaults = _defaults(frame, me.cls, node)
    if len(arguments.positional) > len(names):
        for values in arguments.positional[len(names) :]:
            hand_over(frame, values, _base_name(frame, me.cls), node)
    given = dict(zip(names, arguments.positional, strict=False)) | arguments.keywords
    for name in dict.fromkeys([*names, *given]):
        values = given.get(name)
        if values is None and isinstance(me.cls, LocalClass) and found_in(frame, me.cls, name):
            continue  # the class has its default
        if values is None:
            values = arguments.rest | defaults.get(name, NOTHING) or ONLY_DATA
        store.write((me.address, name), values, weak=is_shared(frame, me, node))
    if arguments.rest - ONLY_DATA:
        store.write((me.address, EVERYTHING), arguments.rest, weak=True)


def _base_name(frame: Frame, cls: Cls) -> str:
    """The first class of a library that a class has."""
    for part in order(cls):
        if isinstance(part, type) and not frame.walk.source.is_own_class(part):
            return f"{part.__module__}.{part.__qualname__}"
    return "builtins.object"


def _field_names(frame: Frame, cls: Cls) -> list[str]:
    if isinstance(cls, type):
        for said in ("__struct_fields__", "_fields", "__match_args__"):
            names: tuple[str, ...] | None = getattr(cls, said, None)
            if names:
                return list(names)
        return list(fields(frame.walk.source, cls))
    written = [part for part in reversed(list(order(cls))) if isinstance(part, LocalClass)]
    own = [
        statement.target.id
        for part in written
        for statement in part.node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
    inherited = [_field_names(frame, base) for base in cls.bases if isinstance(base, type)]
    return list(dict.fromkeys([*(name for names in inherited for name in names), *own]))


def _defaults(frame: Frame, cls: Cls, node: ast.AST) -> dict[str, Values]:
    """What fields hold that are not given."""
    if isinstance(cls, LocalClass):
        return {}
    found: dict[str, Values] = {}
    names = getattr(cls, "__struct_fields__", ())
    given = getattr(cls, "__struct_defaults__", ())
    for name, value in zip(reversed(names), reversed(given), strict=False):
        found[name] = _default(frame, value, node)
    declared: dict[str, Any] = getattr(cls, "__dataclass_fields__", {})
    for name, field in declared.items():
        factory = getattr(field, "default_factory", None)
        if callable(factory):
            found[name] = frame.call(one(Known(factory)), Arguments(), node)
        elif type(field.default).__name__ != "_MISSING_TYPE":
            found[name] = one(literal(field.default))
    return found


def _default(frame: Frame, value: Any, node: ast.AST) -> Values:
    factory = getattr(value, "factory", None) if type(value).__name__ == "Factory" else None
    if factory is not None:
        return frame.call(one(Known(factory)), Arguments(), node)
    return ONLY_DATA if type(value).__name__ == "NoDefaultType" else one(literal(value))
