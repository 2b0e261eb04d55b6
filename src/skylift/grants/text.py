"""Texts that are put together: from constants alone they are constants."""

from __future__ import annotations

import ast
from itertools import product

from .frame import Frame
from .lookup import find
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Const,
    Instance,
    Item,
    Known,
    Values,
    constant,
    one,
)

TEXTS_MAX = 8  # texts that a formatted one is worked out to


def formatted(frame: Frame, node: ast.JoinedStr) -> Values:
    """Made of constants alone it is a constant; an object of the app is asked for its text."""
    parts = [_text_part(frame, part) for part in node.values]
    known = [[constant(atom) for atom in values] for values in parts]
    count = 1
    for possible in known:
        count *= len(possible)
    if not 0 < count <= TEXTS_MAX or not all(is_one for part in known for is_one, _ in part):
        return ONLY_DATA
    texts = product(*([str(value) for _, value in part] for part in known))
    return frozenset(Const(str, "".join(text)) for text in texts)


def _text_part(frame: Frame, node: ast.expr) -> Values:
    if not isinstance(node, ast.FormattedValue):
        return frame.evaluate(node)
    values = frame.evaluate(node.value)
    for atom in values:
        if not isinstance(atom, Instance | Item | Known):
            continue
        for name in ("__format__", "__str__", "__repr__"):
            if find(frame, atom, name):
                frame.call(frame.load(one(atom), name, node), Arguments((ONLY_DATA,)), node)
    is_plain = node.conversion == -1 and node.format_spec is None
    if node.format_spec is not None:
        frame.evaluate(node.format_spec)
    return values if is_plain else ONLY_DATA


def added(left: Values, right: Values) -> Values:
    """Constants joined, while they are few."""
    if not 0 < len(left) * len(right) <= TEXTS_MAX:
        return NOTHING
    pairs = [(one_of, other) for one_of in left for other in right]
    if not all(_is_text(one_of) and _is_text(other) for one_of, other in pairs):
        return NOTHING
    return frozenset(Const(str, _written(one_of) + _written(other)) for one_of, other in pairs)


def _is_text(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.kind is str


def _written(atom: Atom) -> str:
    assert isinstance(atom, Const)
    return str(atom.value)
