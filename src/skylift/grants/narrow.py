"""What a test says about a name when it holds and when it does not, so that a branch that cannot be
taken is not read. Only what the code itself makes certain counts: a live object may be another one
tomorrow.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import FunctionType, ModuleType, UnionType
from typing import Any

from ..resources.resource import Resource
from .container import entries
from .frame import Frame
from .lookup import found_in, order
from .values import (
    TRANSACTION,
    Atom,
    BoundVerb,
    Closure,
    Const,
    Container,
    Instance,
    Item,
    Known,
    LocalClass,
    Method,
    Partial,
    Pending,
    Plain,
    Unknown,
    Values,
    one,
)

FIRM = (Closure, Method, Partial, Pending, BoundVerb, LocalClass)
Judge = Callable[[Atom], bool | None]
KINDS = {"list": list, "tuple": tuple, "set": set, "dict": dict}


def narrow(frame: Frame, test: ast.expr, holds: bool) -> bool:
    """Narrow names to what they can be when the test came out so; False when it cannot."""
    match test:
        case ast.Constant():
            return bool(test.value) is holds
        case ast.UnaryOp(op=ast.Not()):
            return narrow(frame, test.operand, not holds)
        case ast.BoolOp():
            return _together(frame, test, holds)
        case ast.Name():
            return _keep(frame, test, lambda atom: truth(frame, atom), holds)
        case ast.Attribute() | ast.Subscript():
            return _may(frame.evaluate(test), lambda atom: truth(frame, atom), holds)
        case ast.NamedExpr():
            return narrow(frame, test.target, holds)
        case ast.Compare(ops=[ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq() as operator]):
            is_same = isinstance(operator, ast.Is | ast.Eq)
            return _compared(frame, test, is_same is holds)
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name() as name, kinds]):
            wanted = _classes(frame, kinds)
            if wanted is None or frame.name("isinstance") != one(Known(isinstance)):
                return True
            if holds:
                _refine(frame, name, wanted)
            return _keep(frame, name, lambda atom: _is_instance(atom, wanted), holds)
        case _:
            return True


def _together(frame: Frame, test: ast.BoolOp, holds: bool) -> bool:
    """`and` that holds and `or` that does not say something of every part."""
    if isinstance(test.op, ast.And) is holds:
        possible = [narrow(frame, part, holds) for part in test.values]  # each narrows
        return all(possible)
    # One of the parts came out so; if none can, the whole cannot.
    before = dict(frame.walk.store.now)
    possible = False
    for part in test.values:
        possible = narrow(frame, part, holds) or possible
        frame.walk.store.now = dict(before)
    return possible


def _keep(frame: Frame, name: ast.Name, judge: Judge, holds: bool) -> bool:
    """Keep the values of a name that the test may judge so."""
    values = frame.name(name.id)
    kept = frozenset(atom for atom in values if judge(atom) in (holds, None))
    if values and kept != values and frame.home(name.id) is frame and not frame.weak:
        frame.walk.store.now[frame.address, name.id] = kept
    return bool(kept) or not values


def _may(values: Values, judge: Judge, holds: bool) -> bool:
    """Whether one of these values may be judged so."""
    return not values or any(judge(atom) in (holds, None) for atom in values)


def truth(frame: Frame, atom: Atom) -> bool | None:
    """Whether an object is true, if that is certain."""
    match atom:
        case Const():
            return bool(atom.value)
        case Known(object=held):
            return True if isinstance(held, Resource | FunctionType | ModuleType | type) else None
        case Container() if not atom.kind.endswith("generator"):
            inside = entries(frame, atom)
            return True if inside.keyed and atom.kind == "tuple" else None
        case Instance():
            has_own = any(found_in(frame, atom.cls, name) for name in ("__bool__", "__len__"))
            return None if has_own else True
        case _:
            return True if isinstance(atom, FIRM) or atom == TRANSACTION else None


def _compared(frame: Frame, test: ast.Compare, holds: bool) -> bool:
    left, right = test.left, test.comparators[0]
    if isinstance(left, ast.Constant):
        left, right = right, left
    if isinstance(left, ast.NamedExpr):
        left = left.target
    expected = _peek(frame, right)
    if expected is None or len(expected) != 1:
        return True
    (other,) = expected
    if isinstance(left, ast.Name):
        return _keep(frame, left, lambda atom: _equal(atom, other), holds)
    if isinstance(left, ast.Attribute | ast.Subscript):
        return _may(frame.evaluate(left), lambda atom: _equal(atom, other), holds)
    return True


def _peek(frame: Frame, node: ast.expr) -> Values | None:
    """The value of an expression that does nothing."""
    match node:
        case ast.Constant():
            return one(Const(type(node.value), node.value))
        case ast.Name():
            return frame.name(node.id)
        case ast.Attribute(value=ast.Name() as owner):
            held = frame.name(owner.id)
            is_plain = all(
                isinstance(atom, Known) and isinstance(atom.object, type) for atom in held
            )
            return frame.load(held, node.attr, node) if held and is_plain else None
        case _:
            return None


def _equal(atom: Atom, other: Atom) -> bool | None:
    if isinstance(atom, Const) and isinstance(other, Const):
        return atom.value == other.value
    if isinstance(atom, Known) and isinstance(other, Known) and atom == other:
        return True
    pair = {type(atom), type(other)}
    if pair == {Known} and isinstance(atom, Known) and isinstance(other, Known):
        both = isinstance(atom.object, Resource | type) and isinstance(
            other.object, Resource | type
        )
        return False if both else None
    firm = atom if isinstance(other, Const) else other
    if isinstance(firm, Known) and isinstance(firm.object, Resource | FunctionType | type):
        return False if isinstance(atom, Const) or isinstance(other, Const) else None
    is_other = isinstance(firm, (*FIRM, Container, Instance, Item)) or firm == TRANSACTION
    return False if is_other and Const in pair else None


# -- isinstance


def _classes(frame: Frame, node: ast.expr) -> list[Any] | None:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    found: list[Any] = []
    for part in parts:
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitOr):
            inner = [_classes(frame, part.left), _classes(frame, part.right)]
            if any(one_of is None for one_of in inner):
                return None
            found += [cls for one_of in inner for cls in one_of or []]
            continue
        for atom in _peek(frame, part) or one(Unknown("")):
            held = atom.object if isinstance(atom, Known) else atom
            if isinstance(held, UnionType):
                found += held.__args__
            elif isinstance(held, type | LocalClass):
                found.append(held)
            else:
                return None
    return found


def _is_instance(atom: Atom, classes: list[Any]) -> bool | None:
    match atom:
        case Const():
            return issubclass(atom.kind, _live(classes))
        case Known(object=held):
            return isinstance(held, _live(classes))
        case Instance() | Item():
            return any(part in classes for part in order(atom.cls))
        case Container() if atom.kind in KINDS:
            return issubclass(KINDS[atom.kind], _live(classes))
        case _:
            return None


def _live(classes: list[Any]) -> tuple[type, ...]:
    return tuple(cls for cls in classes if isinstance(cls, type))


def _refine(frame: Frame, name: ast.Name, classes: list[Any]) -> None:
    """Data that is an instance of a class of the app is an item of it."""
    values = frame.name(name.id)
    own = [cls for cls in _live(classes) if frame.walk.source.is_own_class(cls)]
    if frame.home(name.id) is not frame or frame.weak or len(own) != len(classes):
        return
    if any(isinstance(atom, Plain) for atom in values):
        kept = frozenset(atom for atom in values if not isinstance(atom, Plain))
        items = frozenset(Item(cls) for cls in own)
        frame.walk.store.now[frame.address, name.id] = kept | items
