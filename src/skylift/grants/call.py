"""A call, by what is called. Functions and classes of the app are followed; the interpreter's and
the standard library's known ones have their rules in `library`; everything else is code outside the
app.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from .create import create
from .foreign import call_foreign
from .frame import Frame
from .hand import hand_over
from .live_call import call_live
from .lookup import find
from .method import call_builtin
from .owner import Owner
from .refusal import ANY
from .run import run
from .values import (
    ONLY_DATA,
    Arguments,
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
    one,
)

Caller = Callable[[Frame, Any, Arguments, ast.AST], Values]


def call(frame: Frame, callees: Values, arguments: Arguments, node: ast.AST) -> Values:
    found: set[Atom] = set()
    for atom in callees:
        found |= CALLERS[type(atom)](frame, atom, arguments, node)
    return frozenset(found)


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
    resource: Owner = atom.resource.object
    frame.walk.traces.verbs.note_call(resource, atom.name, arguments, node)
    hand_over(frame, arguments.every(), f"skylift.{resource.name}.{atom.name}", node)
    source = frame.walk.source
    said = frozenset(
        value
        for value in getattr(resource, "__dict__", {}).values()
        if isinstance(value, type) and source.is_own_class(value)
    )
    return data_of(said)


def _unknown(frame: Frame, atom: Unknown, arguments: Arguments, node: ast.AST) -> Values:
    hand_over(frame, arguments.every(), "skylift", node)
    reason = f"what is called here cannot be read from the source ({atom.reason})"
    return frame.refuse(node, reason, ANY)


def _data(frame: Frame, atom: Plain, arguments: Arguments, node: ast.AST) -> Values:
    return call_foreign(frame, "data", arguments, node) | data_of(atom.classes)


def _object(
    frame: Frame, atom: Instance | Item | Perhaps, arguments: Arguments, node: ast.AST
) -> Values:
    if find(frame, atom, "__call__"):
        return frame.call(frame.load(one(atom), "__call__", node), arguments, node)
    return call_foreign(frame, "data", arguments, node)


def _local_class(frame: Frame, atom: LocalClass, arguments: Arguments, node: ast.AST) -> Values:
    return create(frame, atom, arguments, node)


def _manager(frame: Frame, atom: Container, arguments: Arguments, node: ast.AST) -> Values:
    """A context manager made of a generator, used as a decorator: the function stays what it is."""
    del frame, node
    return arguments.at(0) if atom.kind.endswith("generator") else ONLY_DATA


def _wrapped(frame: Frame, atom: Wrapped, arguments: Arguments, node: ast.AST) -> Values:
    return frame.call(one(atom.function), arguments, node)


def _foreign(frame: Frame, atom: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    return arguments.at(0) if atom.kind == "decorator" else _outside(frame, atom, arguments, node)


def _outside(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del atom
    return call_foreign(frame, "data", arguments, node)


CALLERS: dict[type, Caller] = {
    Known: call_live,
    Const: _outside,
    Plain: _data,
    Item: _object,
    Perhaps: _object,
    Unknown: _unknown,
    LocalClass: _local_class,
    Instance: _object,
    Container: _manager,
    View: _outside,
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
