"""Statements. Each rule reads one in the present state and returns the states in which the next may
begin: none after a return, several where a value is one of several objects.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from .assign import assign
from .bring import imported, imported_names
from .expression import closure
from .flow import broken, chosen, continued, looped, matched, repeated, tried, with_
from .frame import Frame
from .hand import hand_over
from .lookup import find
from .narrow import narrow
from .operator import BINARY, combined
from .path import along
from .run import APART_MAX, choices, refined
from .store import State
from .values import (
    NONE,
    NOTHING,
    ONLY_DATA,
    Arguments,
    Cls,
    Known,
    LocalClass,
    Values,
    one,
)


def block(frame: Frame, body: list[ast.stmt]) -> list[State]:
    """The states in which a block may end by running off its end."""
    return along(frame, body, execute)


def execute(frame: Frame, statement: ast.stmt) -> list[State]:
    return STATEMENTS[type(statement)](frame, statement)


def _on(frame: Frame) -> list[State]:
    return [frame.walk.store.now]


def _expression(frame: Frame, node: ast.Expr) -> list[State]:
    frame.evaluate(node.value)
    return _on(frame)


def _assign(frame: Frame, node: ast.Assign) -> list[State]:
    values = frame.evaluate(node.value)
    return _assigned(frame, node.targets, values)


def _assigned(frame: Frame, targets: list[ast.expr], values: Values) -> list[State]:
    """One of several objects is stored in a state of its own."""
    store = frame.walk.store
    apart = choices(frame, values)
    if len(apart) > APART_MAX:
        apart = [values]
    before, after = store.now, list[State]()
    for choice in apart:
        store.now = dict(before) if len(apart) > 1 else before
        for target in targets:
            assign(frame, target, choice)
        after.append(store.now)
    return after


def _annotated(frame: Frame, node: ast.AnnAssign) -> list[State]:
    if node.value is None:
        return _on(frame)
    values = refined(frame, frame.code, node.annotation, frame.evaluate(node.value))
    return _assigned(frame, [node.target], values)


def _augmented(frame: Frame, node: ast.AugAssign) -> list[State]:
    target = node.target
    old = frame.evaluate(ast.copy_location(_loaded(target), target))
    added = frame.evaluate(node.value)
    name = BINARY[type(node.op)]
    in_place = f"__i{name[2:]}"
    asked = frozenset(atom for atom in old if find(frame, atom, in_place))
    values = combined(frame, name, (old - asked, added), node) if old - asked else NOTHING
    if asked:
        values |= frame.call(frame.load(asked, in_place, node), Arguments((added,)), node)
    assign(frame, target, values)
    return _on(frame)


def _loaded(target: ast.expr) -> ast.expr:
    """The target as an expression: its value before."""
    match target:
        case ast.Name():
            return ast.Name(target.id, ast.Load())
        case ast.Attribute():
            return ast.Attribute(target.value, target.attr, ast.Load())
        case ast.Subscript():
            return ast.Subscript(target.value, target.slice, ast.Load())
        case _:
            raise AssertionError(f"an augmented {type(target).__name__}")


def _return(frame: Frame, node: ast.Return) -> list[State]:
    frame.returns |= NONE if node.value is None else frame.evaluate(node.value)
    frame.exits.append(frame.walk.store.now)
    return []


def _raise(frame: Frame, node: ast.Raise) -> list[State]:
    for part in (node.exc, node.cause):
        for atom in () if part is None else frame.evaluate(part):
            is_class = isinstance(atom, LocalClass) or (
                isinstance(atom, Known) and isinstance(atom.object, type)
            )
            raised = frame.call(one(atom), Arguments(), node) if is_class else one(atom)
            hand_over(frame, raised, "builtins.raise", node)
    return []


def _assert(frame: Frame, node: ast.Assert) -> list[State]:
    frame.evaluate(node.test)
    if node.msg is not None:
        frame.evaluate(node.msg)
    return _on(frame) if narrow(frame, node.test, True) else []


def _delete(frame: Frame, node: ast.Delete) -> list[State]:
    for target in node.targets:
        match target:
            case ast.Name():
                frame.walk.store.now.pop((frame.address, target.id), None)
            case ast.Subscript():
                _asked(frame, target, "__delitem__", frame.evaluate(target.slice))
            case ast.Attribute():
                _asked(frame, target, "__delattr__", ONLY_DATA)
            case _:
                frame.evaluate(target)
    return _on(frame)


def _asked(frame: Frame, target: ast.Attribute | ast.Subscript, name: str, what: Values) -> None:
    for atom in frame.evaluate(target.value):
        if find(frame, atom, name):
            frame.call(frame.load(one(atom), name, target), Arguments((what,)), target)


def _function(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[State]:
    decorators = [frame.evaluate(decorator) for decorator in node.decorator_list]
    made: Values = one(closure(frame, node))
    owner = frame.code.owner if frame.code.scope.is_class else None
    for atom in made:
        code = getattr(atom, "code", None)
        if code is not None and owner is not None:
            code.owner = owner
    for decorator, said in zip(reversed(decorators), reversed(node.decorator_list), strict=True):
        made = frame.call(decorator, Arguments((made,)), said) or made
    frame.bind(node.name, made)
    return _on(frame)


def _class(frame: Frame, node: ast.ClassDef) -> list[State]:
    decorators = [frame.evaluate(decorator) for decorator in node.decorator_list]
    bases = [_base(atom) for base in node.bases for atom in frame.evaluate(base)]
    for keyword in node.keywords:
        frame.evaluate(keyword.value)
    walk = frame.walk
    known = tuple(base for base in bases if base is not None)
    made = LocalClass(node, frame.place(node, "class"), known)
    code = frame.code.inner(node, walk.source.scope(node), frame)
    code.owner, code.around = made, node.name
    inner = Frame(walk, code, made.address)
    ends = walk.rules.block(inner, node.body)
    if ends:
        walk.store.now = ends[0]
    values: Values = one(made)
    for decorator, said in zip(reversed(decorators), reversed(node.decorator_list), strict=True):
        given = frame.call(decorator, Arguments((values,)), said)
        values = given - ONLY_DATA or values  # a library's decorator leaves the class what it is
    frame.bind(node.name, values)
    return _on(frame)


def _base(atom: Any) -> Cls | None:
    if isinstance(atom, LocalClass):
        return atom
    held = atom.object if isinstance(atom, Known) else None
    origin = getattr(held, "__origin__", held)
    if isinstance(origin, type):
        return origin
    return None  # what cannot be told adds no methods that could be followed


def _import(frame: Frame, node: ast.Import) -> list[State]:
    for name, values in imported(frame, node):
        frame.bind(name, values)
    return _on(frame)


def _import_from(frame: Frame, node: ast.ImportFrom) -> list[State]:
    for name, values in imported_names(frame, node):
        frame.bind(name, values)
    return _on(frame)


def _type_alias(frame: Frame, node: Any) -> list[State]:
    frame.bind(node.name.id, ONLY_DATA)
    return _on(frame)


def _pass(frame: Frame, node: ast.stmt) -> list[State]:
    del node
    return _on(frame)


STATEMENTS: dict[type, Callable[[Frame, Any], list[State]]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.If: chosen,
    ast.For: repeated,
    ast.AsyncFor: repeated,
    ast.While: looped,
    ast.With: with_,
    ast.AsyncWith: with_,
    ast.Try: tried,
    ast.TryStar: tried,
    ast.Match: matched,
    ast.Break: broken,
    ast.Continue: continued,
    ast.Pass: _pass,
    ast.Global: _pass,
    ast.Nonlocal: _pass,
}
if hasattr(ast, "TypeAlias"):  # 3.12
    STATEMENTS[ast.TypeAlias] = _type_alias  # pyright: ignore
