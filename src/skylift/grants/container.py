"""Containers, live or made by the code that is read, seen the same way: entries under known keys,
and the rest. Positions of a list are exact until something moves them.
"""

from __future__ import annotations

import ast
from collections import ChainMap, deque
from types import MappingProxyType
from typing import Any, cast

from msgspec import Struct

from .frame import Frame
from .held import held
from .scope import listed
from .store import ANYWHERE, MOVED, live, present
from .values import (
    CONSTANTS,
    NOTHING,
    ONLY_DATA,
    PLAIN,
    Atom,
    Const,
    Container,
    Instance,
    Known,
    Values,
    View,
    data_of,
    kind_of,
    literal,
    one,
    unknown,
)

SHAPE = ("shape",)  # the known keys in order, on each path
STORED_KEYS = ("stored keys",)  # of a live mapping: those that the code stores under
CONTENT = ("content",)  # of an object that is a container, too
OTHER_KEYS = ("other keys",)
HERE = ast.Pass(lineno=0, col_offset=0)  # no place in particular
FACTORY = ("factory",)  # of a defaultdict
RETURNED = ("returned",)  # by a generator
ENTRIES_MAX = 64  # of a live container, looked at one by one
SEQUENCES = (list, tuple, deque)
SETS = (set, frozenset)
MAPPINGS = (dict, MappingProxyType, ChainMap)
VIEWS: tuple[type[Any], ...] = (kind_of({}.keys()), kind_of({}.values()))


class Entries(Struct, frozen=True):
    keyed: dict[Atom, Values]
    rest: Values
    is_mapping: bool
    is_fixed: bool  # positions are exact
    other_keys: Values = NOTHING
    is_whole: bool = True  # every entry is there on every path, and no other

    def every(self) -> Values:
        return self.rest.union(*self.keyed.values())

    def keys(self) -> Values:
        return frozenset(self.keyed) | self.other_keys


def make(frame: Frame, node: ast.AST, kind: str, items: list[Values], tag: str = "") -> Container:
    """A new container with items at its positions."""
    atom = Container(frame.place(node, kind, tag), kind)
    store = frame.walk.store
    is_again = store.now.get((atom.address, SHAPE)) is not None
    places: tuple[Atom, ...] = tuple(Const(int, place) for place in range(len(items)))
    store.write((atom.address, SHAPE), shape(places), weak=is_again)
    for place, values in zip(places, items, strict=True):
        store.write((atom.address, place), values, weak=is_again)
    return atom


def shape(keys: tuple[Atom, ...]) -> Values:
    return one(Const(tuple, keys))


def shapes(frame: Frame, atom: Container) -> list[tuple[Atom, ...]]:
    """The known keys on each path that may have led here."""
    found, _ = present(frame.walk.store.read((atom.address, SHAPE)))
    return [cast("tuple[Atom, ...]", one_of.value) for one_of in found if isinstance(one_of, Const)]


def collected(frame: Frame, node: ast.AST, kind: str, values: Values, tag: str = "") -> Values:
    """A new container of unknown length with these items."""
    atom = make(frame, node, kind, [], tag)
    add(frame, atom, values)
    return one(atom)


def content(frame: Frame, atom: Atom) -> Atom:
    """The container inside an object whose class derives from list, dict or another."""
    if isinstance(atom, Instance):
        inside = present(frame.walk.store.read((atom.address, CONTENT)))[0]
        return next(iter(inside), atom)
    return atom


def is_container(atom: Atom) -> bool:
    return isinstance(atom, Container | View) or (isinstance(atom, Known) and is_live(atom.object))


def is_live(value: Any) -> bool:
    return isinstance(value, (*SEQUENCES, *SETS, *MAPPINGS, *VIEWS))


def is_mapping(atom: Atom) -> bool:
    if isinstance(atom, Container):
        return atom.kind == "dict"
    return isinstance(atom, Known) and isinstance(atom.object, MAPPINGS)


def entries(frame: Frame, atom: Atom) -> Entries:
    """What a container holds now."""
    if isinstance(atom, Container):
        return _made(frame, atom)
    if isinstance(atom, View):
        return _viewed(frame, atom)
    value: Any = live_object(atom)
    lasting, at = frame.walk.store.lasting, live(value)
    stored = lasting((at, ANYWHERE))
    size: int = len(value)
    if size > ENTRIES_MAX:
        return Entries({}, stored | _summed(frame, value), is_mapping(atom), is_fixed=False)
    if isinstance(value, MAPPINGS):
        keyed = {literal(key): one(Known(inner)) for key, inner in mapped(value).items()}
        for key in lasting((at, STORED_KEYS)):
            keyed[key] = keyed.get(key, NOTHING) | lasting((at, key))
        others = ONLY_DATA if stored else NOTHING
        return Entries(keyed, stored, is_mapping=True, is_fixed=False, other_keys=others)
    kept = literal if kind_of(value) is tuple else Known  # what a list holds may change
    places: dict[Atom, Values] = {
        Const(int, place): one(kept(inner)) for place, inner in enumerate(listed(value))
    }
    is_fixed = not stored and not lasting((at, MOVED))
    return Entries(places, stored, is_mapping=False, is_fixed=is_fixed)


def mapped(value: Any) -> dict[Any, Any]:
    return dict(value)


def _made(frame: Frame, atom: Container) -> Entries:
    read = frame.walk.store.read
    known = shapes(frame, atom)
    keyed: dict[Atom, Values] = {
        key: present(read((atom.address, key)))[0] for keys in known for key in keys
    }
    rest, _ = present(read((atom.address, ANYWHERE)))
    other_keys, _ = present(read((atom.address, OTHER_KEYS)))
    is_moved = bool(present(read((atom.address, MOVED)))[0])
    is_mapping_s = atom.kind == "dict"
    return Entries(
        keyed,
        rest,
        is_mapping_s,
        is_fixed=not is_mapping_s and len(known) == 1 and not is_moved,
        other_keys=other_keys,
        is_whole=len(known) == 1 and not rest,
    )


def _viewed(frame: Frame, view: View) -> Entries:
    inside = entries(frame, view.of)
    others = inside.other_keys or ONLY_DATA
    if view.part == "items":
        pairs = [(one(key), values) for key, values in inside.keyed.items()]
        items = [
            one(make(frame, view.node, "tuple", list(pair), f"pair {place}"))
            for place, pair in enumerate(pairs)
        ]
        rest = one(make(frame, view.node, "tuple", [others, inside.rest], "pair"))
    else:
        items = list(inside.keyed.values() if view.part == "values" else map(one, inside.keyed))
        rest = inside.rest if view.part == "values" else others
    keyed: dict[Atom, Values] = {Const(int, place): item for place, item in enumerate(items)}
    rest = rest if inside.rest else NOTHING
    return Entries(keyed, rest, is_mapping=False, is_fixed=False, is_whole=inside.is_whole)


def _summed(frame: Frame, value: Any) -> Values:
    """A large live container: data, or nothing that can be told apart."""
    found = held(frame.walk.source, value)
    if found.is_data:
        return data_of(found.classes)
    items = listed(value.values() if isinstance(value, MAPPINGS) else value)
    if len(items) > 16 * ENTRIES_MAX:
        return unknown(f"an entry of a container of {len(items)}")
    return frozenset(PLAIN if kind_of(inner) in CONSTANTS else Known(inner) for inner in items)


def add(frame: Frame, atom: Atom, values: Values) -> None:
    """Store anywhere in a container."""
    if isinstance(atom, View):
        return  # it cannot be stored into
    address = atom.address if isinstance(atom, Container) else live(live_object(atom))
    frame.walk.store.write((address, ANYWHERE), values, weak=True)


def move(frame: Frame, atom: Atom) -> None:
    """From now on positions are not exact."""
    if isinstance(atom, View):
        return
    address = atom.address if isinstance(atom, Container) else live(live_object(atom))
    frame.walk.store.write((address, MOVED), ONLY_DATA)


def live_object(atom: Atom) -> Any:
    assert isinstance(atom, Known)
    return atom.object
