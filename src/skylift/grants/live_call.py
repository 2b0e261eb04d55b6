"""Calls of live objects. Functions and classes of the app are followed; those with a rule in the
library go by it; what else there is, is code outside the app.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    WrapperDescriptorType,
)
from typing import Any

from ..function import Function
from ..resources.resource import Resource
from .bind import bind
from .container import content, is_container, is_live
from .create import create
from .foreign import call_foreign
from .frame import Frame
from .held import held, is_verb
from .library import LIBRARY
from .lookup import class_of, find, is_own
from .method import call_builtin
from .reach import holds_nothing
from .refusal import ANY
from .run import code_of, run
from .values import (
    NOTHING,
    Arguments,
    Atom,
    Builtin,
    Const,
    Instance,
    Item,
    Known,
    Values,
    data_of,
    kind_of,
    one,
)

Caller = Callable[[Frame, Any, Arguments, ast.AST], Values]
# Methods that dataclasses, named tuples and attrs write; they do nothing but with the fields.
GENERATED = {
    *(
        "__init__",
        "__new__",
        "__eq__",
        "__ne__",
        "__lt__",
        "__le__",
        "__gt__",
        "__ge__",
        "__hash__",
    ),
    *("__repr__", "__replace__", "__setattr__", "__delattr__", "__getstate__", "__setstate__"),
    *("_make", "_replace", "_asdict", "__getnewargs__"),
}


def call_live(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    value: Any = atom.object
    is_ours = isinstance(value, FunctionType) and frame.walk.source.is_own(value)
    rule = None if is_ours else LIBRARY.get(qualified(value))  # whatever it says its name is
    if rule is not None:
        return rule(frame, arguments, node)
    for kind, caller in LIVE_CALLERS:
        if isinstance(value, kind):
            return caller(frame, atom, arguments, node)
    if find(frame, atom, "__call__"):
        return frame.call(frame.load(one(atom), "__call__", node), arguments, node)
    if is_own(frame.walk.source, atom):
        return frame.refuse(node, "what is called here cannot be read from the source", ANY)
    wrapped = getattr(value, "__wrapped__", None) if callable(value) else None
    if wrapped is not None:
        return frame.call(one(Known(wrapped)), arguments, node)
    origin = getattr(value, "__origin__", None)
    if isinstance(origin, type):  # Repo[Note](…)
        return frame.call(one(Known(origin)), arguments, node)
    return _strange(frame, atom, arguments, node)


def qualified(value: Any) -> str:
    """The name of a callable of a library, as it is written after an import."""
    if isinstance(value, MethodType):
        value = value.__func__
    if not isinstance(value, type | FunctionType | BuiltinFunctionType | type(str.join)):
        kind = kind_of(value)
        if not hasattr(value, "__objclass__"):
            return f"{kind.__module__}.{kind.__qualname__}()"
    module = getattr(value, "__module__", None)
    if module == "collections" and getattr(value, "__name__", "") == "_replace":
        return "collections.namedtuple._replace"
    if not isinstance(module, str):
        owner = getattr(value, "__objclass__", getattr(value, "__self__", None))
        owner = owner if isinstance(owner, type) else type(owner)
        module = owner.__module__
    return f"{module}.{getattr(value, '__qualname__', '')}"


def _function(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    function: FunctionType = atom.object
    chosen = _dispatched(frame, function, arguments.at(0))
    if chosen is not None:
        return frame.call(chosen, arguments, node)
    if not frame.walk.source.is_own(function):
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is not None:
            return frame.call(one(Known(wrapped)), arguments, node)
        return _strange(frame, atom, arguments, node)
    code = code_of(frame, function)
    if code is not None:
        return run(frame, code, arguments, node)
    if function.__code__.co_filename.startswith("<") and function.__name__ in GENERATED:
        return call_foreign(frame, f"dataclasses.{function.__name__}", arguments, node)
    reason = f"the source of {function.__qualname__} cannot be read"
    return frame.refuse(node, reason, ANY)


def _dispatched(frame: Frame, function: Any, first: Values) -> Values | None:
    """The implementations of a singledispatch function that these arguments may reach."""
    registry = getattr(function, "registry", None)
    dispatch = getattr(function, "dispatch", None)
    if registry is None or not callable(dispatch):
        return None
    found: set[Atom] = set()
    for argument in first:
        cls = class_of(argument) if isinstance(argument, Instance | Item | Known) else None
        if isinstance(argument, Const):
            cls = argument.kind
        if isinstance(cls, type):
            found.add(Known(dispatch(cls)))
        else:
            found |= {Known(implementation) for implementation in registry.values()}
    del frame
    return frozenset(found)


def _dispatched_method(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    me = arguments.at(0)
    chosen = _dispatched(frame, atom.object.dispatcher, arguments.at(1)) or NOTHING
    bound = {inner for raw in chosen for owner in me for inner in bind(frame, raw, owner, node)}
    return frame.call(frozenset(bound), arguments.after(1), node)


def _method(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    method: MethodType = atom.object
    if is_verb(method):  # loaded when the app was imported
        loaded = frame.load(one(Known(method.__self__)), method.__func__.__name__, node)
        return frame.call(loaded, arguments, node)
    me = one(Known(method.__self__))
    return frame.call(one(Known(method.__func__)), arguments.behind(me), node)


def _builtin_method(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    function: BuiltinFunctionType = atom.object
    if is_live(function.__self__):
        return call_builtin(
            frame, Builtin(function.__name__, Known(function.__self__)), arguments, node
        )
    return call_foreign(frame, qualified(function), arguments, node)


def _unbound(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    """A method of a built-in class: `dict.get(TABLES, name)`, or one that a class inherits."""
    found: Values = NOTHING
    for me in arguments.at(0):
        inside = content(frame, me)
        given = arguments.after(1)
        if is_container(inside):
            name = "update" if atom.object.__name__ == "__init__" else atom.object.__name__
            found |= call_builtin(frame, Builtin(name, inside), given, node)
        else:
            found |= call_foreign(frame, qualified(atom.object), given.behind(one(me)), node)
    return found


def _partial(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    held_by: functools.partial[Any] = atom.object
    given = tuple(one(Known(value)) for value in held_by.args)
    named = {name: one(Known(value)) for name, value in held_by.keywords.items()}
    joined = Arguments(
        given + arguments.positional, {**named, **arguments.keywords}, arguments.rest
    )
    return frame.call(one(Known(held_by.func)), joined, node)


def _declared(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    return frame.call(one(Known(atom.object.handler)), arguments, node)


def _class(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    cls: type[Any] = atom.object
    if issubclass(cls, Resource):
        reason = f"a {cls.__name__} is declared while the app is imported, not in a call"
        return frame.refuse(node, reason, "declare it in a module of the app")
    if any(frame.walk.source.is_own_class(part) for part in cls.__mro__):
        return create(frame, cls, arguments, node)
    return call_foreign(frame, qualified(cls), arguments, node)


def _strange(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    """A callable of a library. If it holds functions of the app, as a decorator's result does, it
    calls them.
    """
    found = held(frame.walk.source, atom.object)
    name = qualified(atom.object)
    if found.resources:
        return frame.refuse(node, f"{found.resources[0].name} is kept by {name}", ANY)
    if not found.functions and holds_nothing(frame, atom.object, found, node):
        return call_foreign(frame, name, arguments, node)
    if not found.functions:
        reason = f"{name} keeps objects of the app whose methods reach a verb"
        return frame.refuse(node, reason, ANY)
    inner = frozenset(Known(function) for function in found.functions)
    return frame.call(inner, arguments, node) | data_of(found.classes)


LIVE_CALLERS: tuple[tuple[type, Caller], ...] = (
    (Function, _declared),
    (MethodType, _method),
    (functools.partial, _partial),
    (FunctionType, _function),
    (type, _class),
    (functools.singledispatchmethod, _dispatched_method),
    (BuiltinFunctionType, _builtin_method),
    (MethodDescriptorType, _unbound),
    (WrapperDescriptorType, _unbound),
)
