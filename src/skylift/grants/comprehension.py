"""Comprehensions and generator expressions: a scope of their own, read turn by turn where the turns
are known.
"""

from __future__ import annotations

import ast

from .assign import assign
from .container import OTHER_KEYS, add, make
from .fill import put
from .frame import Frame
from .narrow import narrow
from .protocol import awaited, elements
from .scope import Comprehension
from .store import joined
from .values import NOTHING, Atom, Builtin, Container, Foreign, Known, Values, one

TURNS_MAX = 32
KINDS: dict[type, str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}


# What is given to these is gone when they return, if nobody else holds it.
CONSUMING = (any, all, sum, sorted, min, max, list, tuple, set, frozenset, dict, next)


class _Yielded:
    """What the turns gave."""

    def __init__(self) -> None:
        self.items: list[tuple[Values, Values]] = []  # key and value; no key in a list
        self.is_exact = True


def consumes(callee: Atom) -> bool:
    if isinstance(callee, Builtin):
        return callee.name == "join" and callee.of == Foreign("observer")
    return isinstance(callee, Known) and any(callee.object is one_of for one_of in CONSUMING)


def comprehended(frame: Frame, node: Comprehension) -> Values:
    walk, is_consumed = frame.walk, node is frame.consumed
    values = _read(frame, node)
    if isinstance(node, ast.GeneratorExp) and not is_consumed:
        places = [atom.address for atom in values if isinstance(atom, Container)]
        walk.defer(lambda: _read(frame, node), *places)
    return values


def _read(frame: Frame, node: Comprehension) -> Values:
    walk = frame.walk
    code = frame.code.inner(node, walk.source.scope(node), frame)
    inner = Frame(walk, code, frame.place(node, "turns"), weak=frame.weak)
    inner.turn = frame.turn
    is_new = inner.address not in walk.store.own
    walk.store.own.add(inner.address)
    found = _Yielded()
    iterated = frame.evaluate(node.generators[0].iter)
    _turns(inner, (node, 0), iterated, found)
    if is_new:
        walk.store.own.discard(inner.address)
    return one(_result(frame, node, found))


def _turns(frame: Frame, at: tuple[Comprehension, int], iterated: Values, found: _Yielded) -> None:
    node, place = at
    part = node.generators[place]
    given = elements(frame, iterated, node, is_async=bool(part.is_async))
    is_exact = given.is_exact and len(given.groups) <= TURNS_MAX
    found.is_exact = found.is_exact and is_exact and not part.ifs
    walk, turn = frame.walk, frame.turn
    walk.looping += not is_exact
    for number, group in enumerate(given.groups):
        frame.turn = (*turn, number) if is_exact else turn
        before = walk.store.now
        walk.store.now = dict(before)
        assign(frame, part.target, awaited(frame, group, node) if part.is_async else group)
        if _passes(frame, part.ifs):
            _inside(frame, at, found)
        if part.ifs or not is_exact:
            walk.store.now = joined(before, walk.store.now)
    frame.turn = turn
    walk.looping -= not is_exact


def _passes(frame: Frame, tests: list[ast.expr]) -> bool:
    for test in tests:
        frame.evaluate(test)
        if not narrow(frame, test, True):
            return False
    return True


def _inside(frame: Frame, at: tuple[Comprehension, int], found: _Yielded) -> None:
    node, place = at
    if place + 1 < len(node.generators):
        iterated = frame.evaluate(node.generators[place + 1].iter)
        _turns(frame, (node, place + 1), iterated, found)
    elif isinstance(node, ast.DictComp):
        key = frame.evaluate(node.key)
        found.items.append((key, frame.evaluate(node.value)))
    else:
        found.items.append((NOTHING, frame.evaluate(node.elt)))


def _result(frame: Frame, node: Comprehension, found: _Yielded) -> Container:
    kind = KINDS[type(node)]
    if isinstance(node, ast.DictComp):
        made = make(frame, node, kind, [])
        for key, value in found.items:
            put(frame, made, key, value, weak=not found.is_exact)
            if not found.is_exact:
                frame.walk.store.write((made.address, OTHER_KEYS), key, weak=True)
        return made
    if found.is_exact:
        return make(frame, node, kind, [value for _, value in found.items])
    made = make(frame, node, kind, [])
    for _, value in found.items:
        add(frame, made, value)
    return made
