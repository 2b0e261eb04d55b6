"""Subscripts: an entry, a slice, a member of an enum, or a class with its parameters."""

from __future__ import annotations

import ast
from enum import EnumMeta

from .container import add, entries, is_container, item, make
from .frame import Frame
from .hint import fields
from .lookup import find, is_own
from .protocol import elements, foreign
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Data,
    Instance,
    Item,
    Known,
    LocalClass,
    Unknown,
    Values,
    constant,
    data_of,
    one,
    strings,
)


def subscripted(frame: Frame, owners: Values, node: ast.Subscript) -> Values:
    """`owners[…]`."""
    is_slice = isinstance(node.slice, ast.Slice)
    keys = ONLY_DATA if is_slice else frame.evaluate(node.slice)
    if is_slice:
        bounds = [node.slice.lower, node.slice.upper, node.slice.step]
        for bound in bounds:
            if bound is not None:
                frame.evaluate(bound)
    found: set[Atom] = set()
    for atom in owners:
        if is_container(atom):
            found |= _slice(frame, atom, node) if is_slice else item(frame, atom, keys)
        else:
            found |= _of_other(frame, atom, keys, node)
    return frozenset(found)


def _of_other(frame: Frame, atom: Atom, keys: Values, node: ast.Subscript) -> Values:
    match atom:
        case Known(object=EnumMeta() as kind):
            members = {name: Known(member) for name, member in kind.__members__.items()}
            names = strings(keys) or list(members)
            return frozenset(members[name] for name in names if name in members)
        case Known(object=type()) | LocalClass():
            return one(atom)
        case Data():
            return data_of(atom.classes)
        case Unknown():
            return one(atom)
        case _ if find(frame, atom, "__getitem__"):
            return frame.call(frame.load(one(atom), "__getitem__", node), Arguments((keys,)), node)
        case Instance() if isinstance(atom.cls, type) and issubclass(atom.cls, tuple):
            return _field(frame, atom, keys, node)
        case Item():
            return one(Data(frozenset((atom.cls,))))
        case Known() if not is_own(frame.walk.source, atom):
            return one(atom) if hasattr(atom.object, "__origin__") else foreign(frame, atom.object)
        case _:
            return ONLY_DATA


def _field(frame: Frame, atom: Instance, keys: Values, node: ast.Subscript) -> Values:
    """A field of a named tuple by its place."""
    assert isinstance(atom.cls, type)
    names = list(fields(frame.walk.source, atom.cls))
    places = [constant(key)[1] for key in keys]
    are_places = all(isinstance(place, int) for place in places)
    wanted = [names[place] for place in places if place < len(names)] if are_places else names
    return NOTHING.union(*(frame.load(one(atom), name, node) for name in wanted))


def _slice(frame: Frame, atom: Atom, node: ast.Subscript) -> Values:
    inside = elements(frame, one(atom), node)
    bounds = node.slice
    assert isinstance(bounds, ast.Slice)
    parts = (bounds.lower, bounds.upper, bounds.step)
    numbers = [None if part is None else _number(part) for part in parts]
    if inside.is_exact and ... not in numbers:
        chosen = inside.groups[slice(*numbers)]
        return one(make(frame, node, "list", chosen))
    made = make(frame, node, "list", [])
    add(frame, made, entries(frame, atom).every())
    return one(made)


def _number(node: ast.expr) -> object:
    """An integer written as such, or `...` for anything else."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return ...
    return value if isinstance(value, int) else ...
