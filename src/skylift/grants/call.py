"""A call, by what is called. Functions and classes of the app are followed; the interpreter's and the standard
library's known ones have their rules in `library`; everything else is code outside the app.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from ..function import Function
from ..resources.resource import Resource
from .bind import bind
from .container import is_live
from .create import create
from .foreign import call_foreign
from .frame import Frame
from .hand import hand_over
from .held import held, is_verb
from .library import LIBRARY
from .lookup import class_of, find, is_own
from .method import call_builtin
from .reach import holds_nothing
from .refusal import ANY
from .run import code_of, run
from .values import (
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
)

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
Caller = Callable[[Frame, Any, Arguments, ast.AST], Values]


def call(frame: Frame, callees: Values, arguments: Arguments, node: ast.AST) -> Values:
    found: set[Atom] = set()
    for atom in callees:
        found |= CALLERS[type(atom)](frame, atom, arguments, node)
    return frozenset(found)


def _known(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    value: Any = atom.object
    rule = LIBRARY.get(qualified(value))
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
        kind: type = type(value)
        if not hasattr(value, "__objclass__"):
            return f"{kind.__module__}.{kind.__qualname__}()"
    module = getattr(value, "__module__", None)
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
    cls: type = atom.object
    if issubclass(cls, Resource):
        reason = f"a {cls.__name__} is declared while the app is imported, not in a call"
        return frame.refuse(node, reason, "declare it in a module of the app")
    if any(frame.walk.source.is_own_class(part) for part in cls.__mro__):
        return create(frame, cls, arguments, node)
    return call_foreign(frame, qualified(cls), arguments, node)


def _strange(frame: Frame, atom: Known, arguments: Arguments, node: ast.AST) -> Values:
    """A callable of a library. If it holds functions of the app, as a decorator's result does, it calls them."""
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
)


# -- what the code that is read has made


def _closure(frame: Frame, atom: Closure, arguments: Arguments, node: ast.AST) -> Values:
    atom.code.defaults = dict(atom.defaults)
    return run(frame, atom.code, arguments, node)


def _bound(frame: Frame, atom: Method, arguments: Arguments, node: ast.AST) -> Values:
    return frame.call(one(atom.function), arguments.behind(one(atom.me)), node)


def _prepared(frame: Frame, atom: Partial, arguments: Arguments, node: ast.AST) -> Values:
    joined = Arguments(
        atom.positional + arguments.positional,
        {**dict(atom.keywords), **arguments.keywords},
        atom.rest | arguments.rest,
    )
    return frame.call(one(atom.function), joined, node)


def _verb(frame: Frame, atom: BoundVerb, arguments: Arguments, node: ast.AST) -> Values:
    """A verb gives data: items of the classes that its resource was declared with."""
    resource: Resource = atom.resource.object
    hand_over(frame, arguments.every(), f"skylift.{resource.name}.{atom.name}", node)
    source = frame.walk.source
    said = frozenset(
        value
        for value in vars(resource).values()
        if isinstance(value, type) and source.is_own_class(value)
    )
    return data_of(said)


def _unknown(frame: Frame, atom: Unknown, arguments: Arguments, node: ast.AST) -> Values:
    hand_over(frame, arguments.every(), "skylift", node)
    reason = f"what is called here cannot be read from the source ({atom.reason})"
    return frame.refuse(node, reason, ANY)


def _data(frame: Frame, atom: Data, arguments: Arguments, node: ast.AST) -> Values:
    return call_foreign(frame, "data", arguments, node) | data_of(atom.classes)


def _object(frame: Frame, atom: Instance | Item | Perhaps, arguments: Arguments, node: ast.AST) -> Values:
    if find(frame, atom, "__call__"):
        return frame.call(frame.load(one(atom), "__call__", node), arguments, node)
    return call_foreign(frame, "data", arguments, node)


def _local_class(frame: Frame, atom: LocalClass, arguments: Arguments, node: ast.AST) -> Values:
    return create(frame, atom, arguments, node)


def _manager(frame: Frame, atom: Container, arguments: Arguments, node: ast.AST) -> Values:
    """A context manager made of a generator, used as a decorator: the function stays what it is."""
    del frame, node
    return arguments.at(0) if atom.kind == "generator" else ONLY_DATA


def _wrapped(frame: Frame, atom: Wrapped, arguments: Arguments, node: ast.AST) -> Values:
    return frame.call(one(atom.function), arguments, node)


def _foreign(frame: Frame, atom: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    return arguments.at(0) if atom.kind == "decorator" else _outside(frame, atom, arguments, node)


def _outside(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del atom
    return call_foreign(frame, "data", arguments, node)


CALLERS: dict[type, Caller] = {
    Known: _known,
    Const: _outside,
    Data: _data,
    Item: _object,
    Perhaps: _object,
    Unknown: _unknown,
    LocalClass: _local_class,
    Instance: _object,
    Container: _manager,
    Closure: _closure,
    Method: _bound,
    Partial: _prepared,
    Pending: _outside,
    BoundVerb: _verb,
    Builtin: call_builtin,
    Wrapped: _wrapped,
    Super: _outside,
    Foreign: _foreign,
}
