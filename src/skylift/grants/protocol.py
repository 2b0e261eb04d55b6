"""Iterating, awaiting, entering: what the interpreter calls on an object without its name being
written.
"""

from __future__ import annotations

import ast
from enum import EnumMeta
from typing import Any

from msgspec import Struct

from .container import HERE, RETURNED, content, entries, is_container
from .frame import Frame
from .held import held
from .hint import fields, is_named_tuple, is_record
from .lookup import find, is_own
from .reach import holds_nothing
from .store import present
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Const,
    Container,
    Foreign,
    Instance,
    Item,
    Known,
    Pending,
    Perhaps,
    Plain,
    Unknown,
    Values,
    data_of,
    one,
    unknown,
)

SWALLOWING = ("suppress", "exit stack", "generator")
PLAIN, ASYNC = ("__iter__", "__next__"), ("__aiter__", "__anext__")
AT_END = Arguments((ONLY_DATA, ONLY_DATA, ONLY_DATA))  # what __exit__ is told


class Elements(Struct, frozen=True):
    """In order; exact when these and no others come, one after the other."""

    groups: list[Values]
    is_exact: bool

    def every(self) -> Values:
        return NOTHING.union(*self.groups)


def elements(frame: Frame, iterated: Values, node: ast.AST, *, is_async: bool = False) -> Elements:
    """What iterating over these values yields."""
    groups: list[Values] = []
    is_exact = len(iterated) == 1
    for atom in iterated:
        found = _elements(frame, atom, node, ASYNC if is_async else PLAIN)
        groups += found.groups
        is_exact = is_exact and found.is_exact
    return Elements(groups, is_exact)


def _elements(frame: Frame, atom: Atom, node: ast.AST, names: tuple[str, str]) -> Elements:
    if not find(frame, atom, names[0]):
        atom = content(frame, atom)
    if is_container(atom) and not find(frame, atom, names[0]):
        later = frame.walk.deferred.get(atom.address) if isinstance(atom, Container) else None
        again = NOTHING if later is None else frame.walk.store.again(later)
        if again - one(atom):  # a generator that finds something else now
            return Elements(elements(frame, again, node).groups, False)
        inside = entries(frame, atom)
        groups = list(map(one, inside.keyed)) if inside.is_mapping else list(inside.keyed.values())
        rest = inside.other_keys | inside.rest if inside.is_mapping else inside.rest
        return Elements([*groups, *_apart(rest)], not rest and inside.is_whole)
    match atom:
        case Known(object=EnumMeta() as kind):
            return Elements([one(Known(member)) for member in kind.__members__.values()], True)
        case Known() if not is_own(frame.walk.source, atom):
            return Elements([foreign(frame, atom.object)], False)
        case Plain():
            return Elements([data_of(atom.classes)], False)
        case Unknown():
            return Elements([one(atom)], False)
        case Instance() | Item() | Perhaps() | Known():
            return _iterated(frame, atom, node, names)
        case _:
            return Elements([ONLY_DATA], False)


def _apart(values: Values) -> list[Values]:
    """Pairs and objects one at a time: what belongs together in them stays together."""
    singles = [one(atom) for atom in values if isinstance(atom, Container | Instance | Known)]
    others = frozenset(
        atom for atom in values if not isinstance(atom, Container | Instance | Known)
    )
    return [*singles, *([others] if others else [])]


def foreign(frame: Frame, value: Any) -> Values:
    """What can be got out of a live object of another library."""
    found = held(frame.walk.source, value)
    if found.is_data or holds_nothing(frame, value, found, HERE):
        records = frozenset(cls for cls in found.classes if is_record(frame.walk.source, cls))
        others = (Perhaps(Known(one_of)) for one_of in found.instances)
        return data_of(records) | frozenset(others)
    return unknown(f"something kept by a {type(value).__qualname__}")


def _iterated(frame: Frame, atom: Atom, node: ast.AST, names: tuple[str, str]) -> Elements:
    start, step = names
    if find(frame, atom, start):
        started = frame.call(frame.load(one(atom), start, node), Arguments(), node)
        return _stepped(frame, awaited(frame, started, node), node, step)
    cls = atom.cls if isinstance(atom, Instance) else None
    if is_named_tuple(cls):
        held = fields(frame.walk.source, cls)
        return Elements([frame.load(one(atom), name, node) for name in held], True)
    if find(frame, atom, "__getitem__"):
        got = frame.call(frame.load(one(atom), "__getitem__", node), Arguments((ONLY_DATA,)), node)
        return Elements([got], False)
    is_data = isinstance(atom, Item | Perhaps)
    return Elements([ONLY_DATA if is_data else unknown("its elements")], False)


def _stepped(frame: Frame, iterators: Values, node: ast.AST, step: str) -> Elements:
    groups: list[Values] = []
    for atom in iterators:
        if find(frame, atom, step):
            got = frame.call(frame.load(one(atom), step, node), Arguments(), node)
            groups.append(awaited(frame, got, node))
        else:
            groups += elements(frame, one(atom), node).groups
    return Elements(groups, False)


def awaited(frame: Frame, values: Values, node: ast.AST) -> Values:
    """What awaiting these gives; awaiting what need not be awaited gives itself."""
    if not any(isinstance(atom, Pending | Instance | Item | Perhaps | Known) for atom in values):
        return values
    found: set[Atom] = set()
    for atom in values:
        if isinstance(atom, Pending):
            found |= atom.result | _result_later(frame, atom)
        elif isinstance(atom, Instance | Item | Perhaps | Known) and find(frame, atom, "__await__"):
            got = frame.call(frame.load(one(atom), "__await__", node), Arguments(), node)
            found |= returned(frame, got)
        else:
            found.add(atom)
    return frozenset(found)


def _result_later(frame: Frame, atom: Pending) -> Values:
    """What else a coroutine may give that runs later than it was made."""
    later = frame.walk.deferred.get(atom.made)
    again = NOTHING if later is None else frame.walk.store.again(later)
    return NOTHING.union(*(one_of.result for one_of in again if isinstance(one_of, Pending)))


def returned(frame: Frame, generators: Values) -> Values:
    """What `yield from` gives: what the generators return."""
    found: set[Atom] = set()
    for atom in generators:
        if isinstance(atom, Container):
            found |= present(frame.walk.store.read((atom.address, RETURNED)))[0]
        else:
            found.add(atom)
    return frozenset(found) or ONLY_DATA


def enter(frame: Frame, managers: Values, node: ast.AST) -> Values:
    """What `with … as` gives."""
    found: set[Atom] = set()
    for atom in managers:
        if isinstance(atom, Container):  # a generator made into a context manager
            found |= elements(frame, one(atom), node).every()
        elif isinstance(atom, Pending):
            found |= enter(frame, atom.result, node)
        else:
            found |= _entered(frame, atom, node)
    return frozenset(found)


def _entered(frame: Frame, atom: Atom, node: ast.AST) -> Values:
    for name in ("__aenter__", "__enter__"):
        if find(frame, atom, name):
            return awaited(
                frame, frame.call(frame.load(one(atom), name, node), Arguments(), node), node
            )
    return one(atom)


def leave(frame: Frame, managers: Values, node: ast.AST) -> bool:
    """Run what stands at the end of a `with`; True when it may swallow an exception."""
    swallows = False
    for atom in managers:
        if isinstance(atom, Container | Foreign) and atom.kind in SWALLOWING:
            swallows = True  # a generator may catch what is raised at its yield
        for name in ("__aexit__", "__exit__"):
            if find(frame, atom, name):
                got = frame.call(frame.load(one(atom), name, node), AT_END, node)
                answers = awaited(frame, got, node)
                swallows = swallows or any(not _is_none(answer) for answer in answers)
                break
    return swallows


def _is_none(atom: Atom) -> bool:
    return isinstance(atom, Const) and not atom.value
