"""The interpreter's functions that look at objects, change them by name, or make classes and
modules.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ..resources.resource import Resource
from .assign import store_attribute
from .create import blank, instantiate
from .frame import Frame
from .hint import classes_of
from .lookup import class_of, find
from .refusal import ANY, for_resource
from .scope import parameters
from .store import EVERYTHING
from .values import (
    NONE,
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Const,
    Instance,
    Item,
    Known,
    LocalClass,
    Plain,
    Super,
    Values,
    Wrapped,
    data_of,
    one,
    strings,
    unknown,
)

Rule = Callable[[Frame, Arguments, ast.AST], Values]


# Names at which a class of the app may answer when the interpreter asks.
ASKED = {
    "print": "__str__",
    "str": "__str__",
    "repr": "__repr__",
    "format": "__format__",
    "len": "__len__",
    "bool": "__bool__",
    "hash": "__hash__",
    "int": "__int__",
    "abs": "__abs__",
    "round": "__round__",
    "float": "__float__",
    "bytes": "__bytes__",
}


OBSERVERS = "isinstance issubclass id callable hasattr ascii dir"


def _get_attribute(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    owners, names = arguments.at(0), strings(arguments.at(1))
    if names is None:
        found = NOTHING.union(*(_by_some_name(frame, atom, node) for atom in owners))
    elif len(names) > 1 and sum(_is_resource(atom) for atom in owners) > 1:
        reason = "which verb belongs to which resource cannot be read from the source"
        return frame.refuse(node, reason, ANY)
    else:
        found = NOTHING.union(*(frame.load(owners, name, node) for name in names))
    return found | arguments.at(2) if len(arguments.positional) > 2 else found


def _is_resource(atom: Atom) -> bool:
    return isinstance(atom, Known) and isinstance(atom.object, Resource)


def _by_some_name(frame: Frame, atom: Atom, node: ast.AST) -> Values:
    """An attribute whose name is computed."""
    if isinstance(atom, Known) and isinstance(atom.object, Resource):
        reason = f"which verb of {atom.object.name} this is cannot be read from the source"
        return frame.refuse(node, reason, for_resource(atom.object))
    if isinstance(atom, Plain | Item):
        return data_of(classes_of(one(atom)))
    module = atom.object if isinstance(atom, Known) else None
    if isinstance(module, ModuleType) and not frame.walk.source.is_inside(module.__name__):
        return ONLY_DATA
    return unknown("an attribute whose name is computed")


def _set_attribute(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    names = strings(arguments.at(1))
    for name in [EVERYTHING] if names is None else names:
        store_attribute(frame, arguments.at(0), (name, arguments.at(2)), node)
    return NONE


def _super(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del node
    if arguments.positional:
        classes = [_class_in(atom) for atom in arguments.at(0)]
        mine = arguments.at(1)
        return frozenset(Super(cls, me) for cls in classes if cls is not None for me in mine)
    method: Frame = frame
    while method.code.parent is not None and method.code.owner is method.code.parent.code.owner:
        if method.code.parent.code.scope.is_class:
            break
        method = method.code.parent
    function = method.code.node
    if (
        method.code.owner is None
        or isinstance(function, ast.ClassDef)
        or not hasattr(function, "args")
    ):
        return unknown("super() outside a method")
    first = parameters(function)[:1]  # pyright: ignore[reportArgumentType]
    mine = method.name(first[0].arg) if first else NOTHING
    return frozenset(Super(method.code.owner, me) for me in mine)


def _class_in(atom: Atom) -> Any:
    if isinstance(atom, LocalClass):
        return atom
    return atom.object if isinstance(atom, Known) and isinstance(atom.object, type) else None


def _type(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    if len(arguments.positional) != 1:
        return frame.refuse(node, "a class made by type() cannot be read from the source", ANY)
    found: set[Atom] = set()
    for atom in arguments.at(0):
        cls = class_of(atom) if isinstance(atom, Instance | Item | Known) else None
        if isinstance(atom, Const):
            cls = atom.kind
        if cls is None:
            found.add(Plain(frozenset()))
        else:
            found.add(cls if isinstance(cls, LocalClass) else Known(cls))
    return frozenset(found)


def _asked(name: str) -> Rule:
    def rule(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
        for values in (*arguments.positional, arguments.rest):
            for atom in values:
                if find(frame, atom, name):
                    frame.call(frame.load(one(atom), name, node), Arguments(), node)
        return ONLY_DATA

    return rule


def _seen(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del frame, arguments, node
    return ONLY_DATA


def _executed(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del arguments
    return frame.refuse(node, "code made from text cannot be read", ANY)


def _names_here(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del arguments, node
    return one(Known(frame.code.globals))


def _names_of(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    if not arguments.positional:
        return unknown("the names of a function")
    return frame.load(arguments.at(0), "__dict__", node)


def _imported(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del frame, node
    names = strings(arguments.at(0))
    if names is None or any(name not in sys.modules for name in names):
        return unknown("a module whose name is computed")
    return frozenset(Known(sys.modules[name]) for name in names)


def _wrapping(kind: str) -> Rule:
    def rule(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
        del frame, node
        return frozenset(Wrapped(kind, atom) for atom in arguments.at(0))

    return rule


def _new(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """object.__new__"""
    classes = [_class_in(atom) for atom in arguments.at(0)]
    return frozenset(blank(frame, cls, arguments, node) for cls in classes if cls is not None)


def _instantiated(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """type.__call__, as a metaclass of the app calls it."""
    classes = [_class_in(atom) for atom in arguments.at(0)]
    more = arguments.after(1)
    made = (instantiate(frame, cls, more, node) for cls in classes if cls is not None)
    return NOTHING.union(*made)


def _nothing(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del frame, arguments, node
    return NONE


REFLECTION: dict[str, Rule] = {
    **{f"builtins.{name}": _asked(asked) for name, asked in ASKED.items()},
    **{f"builtins.{name}": _seen for name in OBSERVERS.split()},
    **{f"builtins.{name}": _executed for name in ("eval", "exec", "compile")},
    **{f"builtins.{name}": _wrapping(name) for name in ("property", "staticmethod", "classmethod")},
    **{f"builtins.object.{name}": _nothing for name in ("__init__", "__init_subclass__")},
    "builtins.getattr": _get_attribute,
    "builtins.object.__getattribute__": _get_attribute,
    "builtins.setattr": _set_attribute,
    "builtins.object.__setattr__": _set_attribute,
    "builtins.object.__new__": _new,
    "builtins.type.__call__": _instantiated,
    "builtins.delattr": _nothing,
    "builtins.super": _super,
    "builtins.type": _type,
    "builtins.globals": _names_here,
    "builtins.locals": _names_of,
    "builtins.vars": _names_of,
    "builtins.__import__": _imported,
    "importlib.import_module": _imported,
    "functools.cached_property": _wrapping("property"),
}
