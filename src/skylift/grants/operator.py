"""Operators: on containers they make containers, on objects of the app they call methods, else
data.
"""

from __future__ import annotations

import ast

from .container import add, is_container, is_mapping, make
from .frame import Frame
from .lookup import find
from .method import merge
from .protocol import elements
from .text import added
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Values,
    one,
)

BINARY: dict[type, str] = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.MatMult: "__matmul__",
    ast.Div: "__truediv__",
    ast.FloorDiv: "__floordiv__",
    ast.Mod: "__mod__",
    ast.Pow: "__pow__",
    ast.LShift: "__lshift__",
    ast.RShift: "__rshift__",
    ast.BitOr: "__or__",
    ast.BitXor: "__xor__",
    ast.BitAnd: "__and__",
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
    ast.In: "__contains__",
    ast.NotIn: "__contains__",
}
UNARY: dict[type, str] = {
    ast.USub: "__neg__",
    ast.UAdd: "__pos__",
    ast.Invert: "__invert__",
    ast.Not: "__bool__",
}


def combined(frame: Frame, name: str, pair: tuple[Values, Values], node: ast.AST) -> Values:
    """What `left <operator> right` gives."""
    left, right = pair
    found: Values = NOTHING
    if name in ("__add__", "__or__", "__mul__") and any(map(is_container, left | right)):
        found |= _container(frame, pair, node)
    if name == "__add__":
        found |= added(left, right)
    mirrored = f"__r{name[2:]}"
    for owners, others, method in ((left, right, name), (right, left, mirrored)):
        for atom in owners if method else ():
            if find(frame, atom, method):
                called = frame.load(one(atom), method, node)
                found |= frame.call(called, Arguments((others,)), node)
    return found or ONLY_DATA


def _container(frame: Frame, pair: tuple[Values, Values], node: ast.AST) -> Values:
    containers = [[atom for atom in values if is_container(atom)] for values in pair]
    if any(is_mapping(atom) for atoms in containers for atom in atoms):
        merged = make(frame, node, "dict", [])
        for atoms in containers:
            merge(frame, merged, frozenset(atoms), node)
        return one(merged)
    sides = [elements(frame, frozenset(atoms), node) for atoms in containers]
    if all(side.is_exact for side in sides):
        return one(make(frame, node, "list", [*sides[0].groups, *sides[1].groups]))
    made = make(frame, node, "list", [])
    for side in sides:
        add(frame, made, side.every())
    return one(made)
