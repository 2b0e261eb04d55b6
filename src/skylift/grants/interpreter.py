"""The interpreter's own functions and types: what comes in, what comes out, and what they call."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ..resources.resource import Resource
from .assign import store_attribute
from .container import add, collected, make, put
from .create import blank, instantiate
from .frame import Frame
from .hint import classes_of
from .lookup import class_of, find
from .method import merge
from .protocol import elements
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
    Data,
    Instance,
    Item,
    Known,
    LocalClass,
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
    **{"print": "__str__", "str": "__str__", "repr": "__repr__", "format": "__format__"},
    **{"len": "__len__", "bool": "__bool__", "hash": "__hash__", "int": "__int__"},
    **{"abs": "__abs__", "round": "__round__", "float": "__float__", "bytes": "__bytes__"},
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
    if isinstance(atom, Data | Item):
        return data_of(classes_of(one(atom)))
    if isinstance(atom, Known) and isinstance(atom.object, ModuleType):
        if not frame.walk.source.is_inside(atom.object.__name__):
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
            found.add(Data(frozenset()))
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


def _sequence(kind: str) -> Rule:
    def rule(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
        given = elements(frame, arguments.at(0), node)
        if given.is_exact:
            return one(make(frame, node, kind, given.groups, kind))
        return collected(frame, node, kind, given.every(), kind)

    return rule


def _sorted(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    inside = elements(frame, arguments.at(0), node).every()
    frame.call(arguments.keywords.get("key", NOTHING), Arguments((inside,)), node)
    return collected(frame, node, "list", inside, "sorted")


def _reversed(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    given = elements(frame, arguments.at(0), node)
    if given.is_exact:
        return one(make(frame, node, "generator", given.groups[::-1], "reversed"))
    return collected(frame, node, "generator", given.every(), "reversed")


def _mapping(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    made = make(frame, node, "dict", [], "dict")
    for values in (*arguments.positional, *([arguments.rest] if arguments.rest else [])):
        merge(frame, made, values, node)
    for name, values in arguments.keywords.items():
        put(frame, made, one(Const(str, name)), values)
    return one(made)


def _map(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """Turn by turn where the length is known, so that the results stay apart."""
    given = [elements(frame, values, node) for values in arguments.positional[1:]]
    callees = arguments.at(0)
    if all(one_of.is_exact for one_of in given):
        turns = zip(*(one_of.groups for one_of in given), strict=False)
        results: list[Values] = []
        for place, turn in enumerate(turns):
            frame.turn = (*frame.turn, place)
            results.append(frame.call(callees, Arguments(tuple(turn)), node))
            frame.turn = frame.turn[:-1]
        return one(make(frame, node, "generator", results, "map"))
    turn = tuple(one_of.every() for one_of in given)
    return collected(frame, node, "generator", frame.call(callees, Arguments(turn), node), "map")


def _filter(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    inside = elements(frame, arguments.at(1), node).every()
    callees = frozenset(atom for atom in arguments.at(0) if not isinstance(atom, Const))
    frame.call(callees, Arguments((inside,)), node)
    return collected(frame, node, "generator", inside, "filter")


def _zip(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    given = [elements(frame, values, node) for values in arguments.positional]
    if all(one_of.is_exact for one_of in given):
        tuples = [
            one(make(frame, node, "tuple", list(turn), f"zip {place}"))
            for place, turn in enumerate(zip(*(one_of.groups for one_of in given), strict=False))
        ]
        return one(make(frame, node, "generator", tuples, "zip"))
    together = make(frame, node, "tuple", [one_of.every() for one_of in given], "zip")
    return collected(frame, node, "generator", one(together), "zips")


def _enumerate(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    given = elements(frame, arguments.at(0), node)
    numbered = [
        one(make(frame, node, "tuple", [ONLY_DATA, group], f"numbered {place}"))
        for place, group in enumerate(given.groups)
    ]
    if given.is_exact:
        return one(make(frame, node, "generator", numbered, "numbered"))
    made = make(frame, node, "generator", [], "numbered")
    for pair in numbered:
        add(frame, made, pair)
    return one(made)


def _iterator(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    if len(arguments.positional) > 1:  # iter(callable, sentinel)
        return collected(frame, node, "generator", frame.call(arguments.at(0), Arguments(), node))
    return _sequence("generator")(frame, arguments, node)


def _next(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    found: set[Atom] = set()
    for atom in arguments.at(0):
        for name in ("__next__", "__anext__"):
            if find(frame, atom, name):
                found |= frame.call(frame.load(one(atom), name, node), Arguments(), node)
                break
        else:
            found |= elements(frame, one(atom), node).every()
    return frozenset(found) | arguments.at(1) or ONLY_DATA


def _chosen(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """max and min: one of the arguments, or of the elements of the only one."""
    given = arguments.every() - arguments.keywords.get("key", NOTHING)
    if len(arguments.positional) == 1:
        given = elements(frame, arguments.at(0), node).every() | arguments.keywords.get(
            "default", NOTHING
        )
    frame.call(arguments.keywords.get("key", NOTHING), Arguments((given,)), node)
    return given or ONLY_DATA


def _consumed(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """sum, any, all: what is iterated is read, and data comes out."""
    inside = elements(frame, arguments.at(0), node).every()
    lists = frozenset(atom for atom in inside if not isinstance(atom, Known | Instance))
    return lists | ONLY_DATA if inside - ONLY_DATA else ONLY_DATA


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


INTERPRETER: dict[str, Rule] = {
    **{f"builtins.{name}": _asked(asked) for name, asked in ASKED.items()},
    **{f"builtins.{name}": _seen for name in OBSERVERS.split()},
    **{f"builtins.{name}": _executed for name in ("eval", "exec", "compile")},
    **{f"builtins.{name}": _sequence(name) for name in ("list", "tuple", "set", "frozenset")},
    **{f"builtins.{name}": _consumed for name in ("sum", "any", "all")},
    **{f"builtins.{name}": _chosen for name in ("max", "min")},
    "builtins.sorted": _sorted,
    "builtins.reversed": _reversed,
    **{f"builtins.{name}": _iterator for name in ("iter", "aiter")},
    **{f"builtins.{name}": _next for name in ("next", "anext")},
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
    "builtins.dict": _mapping,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "functools.cached_property": _wrapping("property"),
}
