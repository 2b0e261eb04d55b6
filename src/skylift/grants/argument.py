"""The arguments of a call: stars are spread where their length is known."""

from __future__ import annotations

import ast

from .container import content, entries, is_mapping
from .frame import Frame
from .protocol import elements
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Values,
    constant,
    one,
)


def arguments(frame: Frame, node: ast.Call) -> Arguments:
    positional: list[Values] = []
    keywords: dict[str, Values] = {}
    rest: Values = NOTHING
    for given in node.args:
        if not isinstance(given, ast.Starred):
            values = frame.evaluate(given)
            positional += [] if rest else [values]
            rest |= values if rest else NOTHING
            continue
        inside = elements(frame, frame.evaluate(given.value), given)
        if inside.is_exact and not rest:
            positional += inside.groups
        else:
            rest |= inside.every()
    for keyword in node.keywords:
        values = frame.evaluate(keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = values
            continue
        for atom in values:
            rest |= _double_star(frame, one(atom), keywords)
    return Arguments(tuple(positional), keywords, rest)


def _double_star(frame: Frame, values: Values, keywords: dict[str, Values]) -> Values:
    (owner,) = values
    atom = content(frame, owner)
    if not is_mapping(atom):
        return ONLY_DATA
    inside = entries(frame, atom)
    for key, held in inside.keyed.items():
        name = constant(key)[1]
        keywords[name] = keywords.get(name, NOTHING) | held
    return inside.rest
