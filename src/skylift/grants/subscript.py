"""Subscripts: an entry, a slice, a member of an enum, or a class with its parameters."""

from __future__ import annotations

import ast
from enum import EnumMeta

from .container import add, content, entries, is_container, make
from .entry import item
from .frame import Frame
from .hint import fields
from .lookup import find, is_own
from .protocol import elements, foreign
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Instance,
    Item,
    Known,
    LocalClass,
    Plain,
    Unknown,
    Values,
    constant,
    data_of,
    one,
    strings,
)


def subscripted(frame: Frame, owners: Values, node: ast.Subscript) -> Values:
    """`owners[…]`."""
    bounds = node.slice if isinstance(node.slice, ast.Slice) else None
    keys = frame.evaluate(node.slice)
    found: set[Atom] = set()
    for owner in owners:
        is_own = bool(find(frame, owner, "__getitem__"))
        atom = owner if is_own else content(frame, owner)
        if find(frame, owner, "__missing__"):
            missing = frame.load(one(owner), "__missing__", node)
            found |= frame.call(missing, Arguments((keys,)), node)
        if is_container(atom) and not is_own:
            found |= _slice(frame, atom, bounds) if bounds else item(frame, atom, keys)
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
        case Plain():
            return data_of(atom.classes)
        case Unknown():
            return one(atom)
        case _ if find(frame, atom, "__getitem__"):
            return frame.call(frame.load(one(atom), "__getitem__", node), Arguments((keys,)), node)
        case Instance() if isinstance(atom.cls, type) and issubclass(atom.cls, tuple):
            return _field(frame, atom, keys, node)
        case Item():
            return one(Plain(frozenset((atom.cls,))))
        case Known() if not is_own(frame.walk.source, atom):
            return one(atom) if hasattr(atom.object, "__origin__") else foreign(frame, atom.object)
        case _:
            return ONLY_DATA


def _field(frame: Frame, atom: Instance, keys: Values, node: ast.Subscript) -> Values:
    """A field of a named tuple by its place."""
    assert isinstance(atom.cls, type)
    names = list(fields(frame.walk.source, atom.cls))
    places = [constant(key)[1] for key in keys]
    are_places = all(place in range(-len(names), len(names)) for place in places)
    wanted: list[str] = [names[place] for place in places] if are_places else names
    return NOTHING.union(*(frame.load(one(atom), name, node) for name in wanted))


def _slice(frame: Frame, atom: Atom, node: ast.Slice) -> Values:
    inside = elements(frame, one(atom), node)
    try:
        written = [part and ast.literal_eval(part) for part in (node.lower, node.upper, node.step)]
        chosen = inside.groups[slice(*written)]
    except (ValueError, TypeError):
        written = chosen = None
    if inside.is_exact and chosen is not None:
        return one(make(frame, node, "list", chosen))
    made = make(frame, node, "list", [])
    add(frame, made, entries(frame, atom).every())
    return one(made)
