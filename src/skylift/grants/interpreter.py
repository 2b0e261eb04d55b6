"""The interpreter's functions that iterate and make containers: what comes in, what comes out, what
is called.
"""

from __future__ import annotations

import ast

from .container import add, collected, make
from .fill import put
from .frame import Frame
from .lookup import find
from .method import merge
from .protocol import elements
from .reflection import REFLECTION, Rule
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Const,
    Instance,
    Known,
    Values,
    one,
)


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


INTERPRETER: dict[str, Rule] = {
    **REFLECTION,
    **{f"builtins.{name}": _sequence(name) for name in ("list", "tuple", "set", "frozenset")},
    **{f"builtins.{name}": _consumed for name in ("sum", "any", "all")},
    **{f"builtins.{name}": _chosen for name in ("max", "min")},
    **{f"builtins.{name}": _iterator for name in ("iter", "aiter")},
    **{f"builtins.{name}": _next for name in ("next", "anext")},
    "builtins.sorted": _sorted,
    "builtins.reversed": _reversed,
    "builtins.dict": _mapping,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
}
