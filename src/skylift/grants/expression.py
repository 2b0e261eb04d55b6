"""Expressions: what each is worth, and which calls it makes, in the order of the interpreter."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from .argument import arguments
from .assign import assign, mangled
from .code import TooMuch
from .comprehension import comprehended, consumes
from .container import add, make
from .fill import put
from .frame import STEPS_MAX, Frame
from .lookup import find
from .method import merge
from .narrow import narrow, truth
from .operator import BINARY, UNARY, combined
from .protocol import awaited, elements, returned
from .store import joined
from .subscript import subscripted
from .text import formatted
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Closure,
    Const,
    Values,
    constant,
    one,
    unknown,
)


def evaluate(frame: Frame, node: ast.expr) -> Values:
    walk = frame.walk
    walk.steps += 1
    if walk.steps > STEPS_MAX:
        raise TooMuch
    values = EXPRESSIONS.get(type(node), _parts)(frame, node)
    if not values and not any(walk.active.values()):
        return unknown("nothing is known of it")
    return values


def _constant(frame: Frame, node: ast.Constant) -> Values:
    del frame
    return one(Const(type(node.value), node.value))


def _name(frame: Frame, node: ast.Name) -> Values:
    return frame.name(node.id)


def _attribute(frame: Frame, node: ast.Attribute) -> Values:
    return frame.load(frame.evaluate(node.value), mangled(frame, node.attr), node)


def _await(frame: Frame, node: ast.Await) -> Values:
    before, frame.awaited = frame.awaited, node.value
    values = frame.evaluate(node.value)
    frame.awaited = before
    return awaited(frame, values, node)


def _call(frame: Frame, node: ast.Call) -> Values:
    callees = frame.evaluate(node.func)
    is_consumed = len(callees) == 1 and all(map(consumes, callees))
    frame.consumed = node.args[0] if is_consumed and node.args else None
    return frame.call(callees, arguments(frame, node), node)


def _display(frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Values:
    items: list[Values] = []
    rest: Values = NOTHING
    for element in node.elts:
        if not isinstance(element, ast.Starred):
            items.append(frame.evaluate(element))
            continue
        inside = elements(frame, frame.evaluate(element.value), element)
        if inside.is_exact:
            items += inside.groups
        else:
            rest |= inside.every()
    made = make(frame, node, type(node).__name__.lower(), [] if rest else items)
    if rest:
        add(frame, made, rest.union(*items))
    return one(made)


def _dict(frame: Frame, node: ast.Dict) -> Values:
    made = make(frame, node, "dict", [])
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            merge(frame, made, frame.evaluate(value), node)
        else:
            keys = frame.evaluate(key)
            put(frame, made, keys, frame.evaluate(value))
    return one(made)


def _if(frame: Frame, node: ast.IfExp) -> Values:
    frame.evaluate(node.test)
    store = frame.walk.store
    before, found = store.now, NOTHING
    after = None
    for branch, holds in ((node.body, True), (node.orelse, False)):
        store.now = dict(before)
        if narrow(frame, node.test, holds):
            found |= frame.evaluate(branch)
            after = store.now if after is None else joined(after, store.now)
    store.now = after if after is not None else before
    return found


def _bool(frame: Frame, node: ast.BoolOp) -> Values:
    """Each part is read in the state in which it is reached."""
    store = frame.walk.store
    is_and = isinstance(node.op, ast.And)
    found: Values = NOTHING
    left = None
    for place, part in enumerate(node.values):
        values = frame.evaluate(part)
        is_last = place == len(node.values) - 1
        found |= frozenset(atom for atom in values if is_last or truth(frame, atom) is not is_and)
        left = store.now if left is None else joined(left, store.now)
        store.now = dict(store.now)
        is_decided = values and all(truth(frame, atom) is (not is_and) for atom in values)
        if is_decided or not narrow(frame, part, is_and):
            break
    assert left is not None
    store.now = left
    return found


def _walrus(frame: Frame, node: ast.NamedExpr) -> Values:
    values = frame.evaluate(node.value)
    assign(frame, node.target, values)
    return values


def _lambda(frame: Frame, node: ast.Lambda) -> Values:
    return one(closure(frame, node))


def closure(frame: Frame, node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef) -> Closure:
    """The function that a definition makes."""
    walk = frame.walk
    code = walk.codes.get((node, frame.address))
    if code is None:
        code = frame.code.inner(node, walk.source.scope(node), frame)
        walk.codes[node, frame.address] = code
    if not frame.code.scope.is_class:
        walk.traces.nested[node] = code.file, code.name
    given = node.args
    places = [one_of.arg for one_of in (*given.posonlyargs, *given.args)]
    defaults = dict(
        zip(reversed(places), map(frame.evaluate, reversed(given.defaults)), strict=False)
    )
    for parameter, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if default is not None:
            defaults[parameter.arg] = frame.evaluate(default)
    return Closure(code, tuple(defaults.items()))


def _yield(frame: Frame, node: ast.Yield) -> Values:
    frame.yields |= ONLY_DATA if node.value is None else frame.evaluate(node.value)
    return ONLY_DATA


def _yield_from(frame: Frame, node: ast.YieldFrom) -> Values:
    generators = frame.evaluate(node.value)
    frame.yields |= elements(frame, generators, node).every()
    return returned(frame, generators)


def _binary(frame: Frame, node: ast.BinOp) -> Values:
    left, right = frame.evaluate(node.left), frame.evaluate(node.right)
    return combined(frame, BINARY[type(node.op)], (left, right), node)


def _unary(frame: Frame, node: ast.UnaryOp) -> Values:
    values = frame.evaluate(node.operand)
    name = UNARY[type(node.op)]
    if isinstance(node.op, ast.USub) and values and all(map(_is_number, values)):
        return frozenset(Const(int, -constant(atom)[1]) for atom in values)
    asked = [atom for atom in values if find(frame, atom, name)]
    found = [frame.call(frame.load(one(atom), name, node), Arguments(), node) for atom in asked]
    return ONLY_DATA.union(*found)


def _is_number(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.kind is int


def _compare(frame: Frame, node: ast.Compare) -> Values:
    left = frame.evaluate(node.left)
    for operator, other in zip(node.ops, node.comparators, strict=True):
        right = frame.evaluate(other)
        pair = (right, left) if isinstance(operator, ast.In | ast.NotIn) else (left, right)
        combined(frame, BINARY.get(type(operator), ""), pair, node)
        left = right
    return ONLY_DATA


def _subscript(frame: Frame, node: ast.Subscript) -> Values:
    owners = frame.evaluate(node.value)
    return subscripted(frame, owners, node)


def _starred(frame: Frame, node: ast.Starred) -> Values:
    return elements(frame, frame.evaluate(node.value), node).every()


def _parts(frame: Frame, node: ast.expr) -> Values:
    """Whatever else there is: its parts are read."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            frame.evaluate(part)
    return ONLY_DATA


EXPRESSIONS: dict[type, Callable[[Frame, Any], Values]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Await: _await,
    ast.Call: _call,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Set: _display,
    ast.Dict: _dict,
    ast.IfExp: _if,
    ast.BoolOp: _bool,
    ast.NamedExpr: _walrus,
    ast.Lambda: _lambda,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.JoinedStr: formatted,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.Subscript: _subscript,
    ast.Starred: _starred,
    ast.ListComp: comprehended,
    ast.SetComp: comprehended,
    ast.DictComp: comprehended,
    ast.GeneratorExp: comprehended,
}
