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
    Arguments,
    Atom,
    Const,
    Container,
    Instance,
    Known,
    Values,
    View,
    constant,
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
    store.write((atom.address, SHAPE), _shape(places), weak=is_again)
    for place, values in zip(places, items, strict=True):
        store.write((atom.address, place), values, weak=is_again)
    return atom


def _shape(keys: tuple[Atom, ...]) -> Values:
    return one(Const(tuple, keys))


def _shapes(frame: Frame, atom: Container) -> list[tuple[Atom, ...]]:
    """The known keys on each path that may have led here."""
    shapes, _ = present(frame.walk.store.read((atom.address, SHAPE)))
    return [cast("tuple[Atom, ...]", shape.value) for shape in shapes if isinstance(shape, Const)]


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
    value: Any = _object(atom)
    history, at = frame.walk.store.history, live(value)
    stored = history.get((at, ANYWHERE), NOTHING)
    size: int = len(value)
    if size > ENTRIES_MAX:
        return Entries({}, stored | _summed(frame, value), is_mapping(atom), is_fixed=False)
    if isinstance(value, MAPPINGS):
        keyed = {literal(key): one(Known(inner)) for key, inner in mapped(value).items()}
        for key in history.get((at, STORED_KEYS), NOTHING):
            keyed[key] = keyed.get(key, NOTHING) | history[at, key]
        others = ONLY_DATA if stored else NOTHING
        return Entries(keyed, stored, is_mapping=True, is_fixed=False, other_keys=others)
    kept = literal if kind_of(value) is tuple else Known  # what a list holds may change
    places: dict[Atom, Values] = {
        Const(int, place): one(kept(inner)) for place, inner in enumerate(listed(value))
    }
    is_fixed = not stored and (at, MOVED) not in history
    return Entries(places, stored, is_mapping=False, is_fixed=is_fixed)


def mapped(value: Any) -> dict[Any, Any]:
    return dict(value)


def _made(frame: Frame, atom: Container) -> Entries:
    read = frame.walk.store.read
    shapes = _shapes(frame, atom)
    keyed: dict[Atom, Values] = {
        key: present(read((atom.address, key)))[0] for shape in shapes for key in shape
    }
    rest, _ = present(read((atom.address, ANYWHERE)))
    other_keys, _ = present(read((atom.address, OTHER_KEYS)))
    is_moved = bool(present(read((atom.address, MOVED)))[0])
    is_mapping_s = atom.kind == "dict"
    return Entries(
        keyed,
        rest,
        is_mapping_s,
        is_fixed=not is_mapping_s and len(shapes) == 1 and not is_moved,
        other_keys=other_keys,
        is_whole=len(shapes) == 1 and not rest,
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


def item(frame: Frame, atom: Atom, keys: Values) -> Values:
    """What stands under these keys; everything when a key cannot be told."""
    if isinstance(atom, Known) and len(atom.object) > ENTRIES_MAX:
        return NOTHING.union(*(_of_many(frame, atom, key) for key in keys))
    inside = entries(frame, atom)
    found: set[Atom] = set()
    for key in keys:
        found |= _under(inside, key)
    return frozenset(found) or _by_default(frame, atom, keys)


def _under(inside: Entries, key: Atom) -> Values:
    is_fixed, value = constant(key)
    if not is_fixed or not (inside.is_mapping or inside.is_fixed):
        return inside.every()
    if not inside.is_mapping and isinstance(value, int) and value < 0:
        if inside.rest:
            return inside.every()
        value += len(inside.keyed)
    at = literal(value)
    if at in inside.keyed and not inside.other_keys:
        return inside.keyed[at]
    return inside.keyed.get(at, NOTHING) | inside.rest


def _of_many(frame: Frame, atom: Known, key: Atom) -> Values:
    """One entry of a large live container."""
    is_fixed, value = constant(key)
    if not is_fixed and _are_names(atom.object):
        return unknown("a name of a module that is computed")
    if not is_fixed:
        return entries(frame, atom).every()
    stored = frame.walk.store.history.get((live(atom.object), ANYWHERE), NOTHING)
    try:
        return stored | one(Known(atom.object[value]))
    except (LookupError, TypeError):
        return stored


def _are_names(value: Any) -> bool:
    """Whether a mapping is a module's names, or the modules."""
    return isinstance(value, dict) and ("__builtins__" in value or "builtins" in value)


def _by_default(frame: Frame, atom: Atom, keys: Values) -> Values:
    """What a defaultdict makes for keys that it has not, and keeps under them."""
    if isinstance(atom, Container):
        made, _ = present(frame.walk.store.read((atom.address, FACTORY)))
    else:
        factory = getattr(_object(atom), "default_factory", None)
        made = NOTHING if factory is None else frame.call(one(Known(factory)), Arguments(), HERE)
    if made:
        put(frame, atom, keys, made, weak=True)
    return made


def put(frame: Frame, atom: Atom, keys: Values, values: Values, *, weak: bool = False) -> None:
    """Store under these keys, or anywhere when they cannot be told."""
    fixed = [literal(value) for is_fixed, value in map(constant, keys) if is_fixed]
    weak = weak or len(fixed) > 1 or frame.walk.looping > 0
    if len(fixed) < len(keys) or not is_mapping(atom):
        _put_anywhere(frame, atom, keys, values, weak=weak)
    elif isinstance(atom, Container):
        _put_under(frame, atom, fixed, values, weak=weak)
    else:
        at = live(_object(atom))
        frame.walk.store.write((at, STORED_KEYS), frozenset(fixed), weak=True)
        for key in fixed:
            frame.walk.store.write((at, key), values, weak=True)


def _put_under(
    frame: Frame, atom: Container, keys: list[Atom], values: Values, *, weak: bool
) -> None:
    store = frame.walk.store
    for key in keys:
        shapes = [shape if key in shape else (*shape, key) for shape in _shapes(frame, atom)]
        store.write((atom.address, SHAPE), NOTHING.union(*map(_shape, shapes)), weak=weak)
        store.write((atom.address, key), values, weak=weak)


def _put_anywhere(frame: Frame, atom: Atom, keys: Values, values: Values, *, weak: bool) -> None:
    """At a position of a list, or under a key that cannot be told."""
    if isinstance(atom, Container) and atom.kind == "dict":
        frame.walk.store.write((atom.address, OTHER_KEYS), keys, weak=True)
        add(frame, atom, values)
        return
    inside = entries(frame, atom)
    places = [place for place in keys if place in inside.keyed]
    if isinstance(atom, Container) and inside.is_fixed and places == list(keys):
        for place in places:
            frame.walk.store.write((atom.address, place), values, weak=weak)
        return
    move(frame, atom)
    add(frame, atom, values)


def add(frame: Frame, atom: Atom, values: Values) -> None:
    """Store anywhere in a container."""
    if isinstance(atom, View):
        return  # it cannot be stored into
    address = atom.address if isinstance(atom, Container) else live(_object(atom))
    frame.walk.store.write((address, ANYWHERE), values, weak=True)


def append(frame: Frame, atom: Atom, values: Values) -> None:
    """Store at the end; at a known place unless this runs many times."""
    inside = entries(frame, atom)
    if not isinstance(atom, Container) or not inside.is_fixed:
        move(frame, atom)
        add(frame, atom, values)
    elif frame.walk.looping or not inside.is_whole:
        add(frame, atom, values)
    else:
        _put_under(frame, atom, [Const(int, len(inside.keyed))], values, weak=False)


def rearrange(frame: Frame, atom: Atom, items: list[Values]) -> bool:
    """Make these the items of a list, if all of them are known now."""
    inside = entries(frame, atom)
    is_known = isinstance(atom, Container) and inside.is_fixed and inside.is_whole
    if not is_known or frame.walk.looping:
        return False
    store = frame.walk.store
    assert isinstance(atom, Container)
    places: tuple[Atom, ...] = tuple(Const(int, place) for place in range(len(items)))
    store.write((atom.address, SHAPE), _shape(places))
    for place, values in zip(places, items, strict=True):
        store.write((atom.address, place), values)
    return True


def move(frame: Frame, atom: Atom) -> None:
    """From now on positions are not exact."""
    if isinstance(atom, View):
        return
    address = atom.address if isinstance(atom, Container) else live(_object(atom))
    frame.walk.store.write((address, MOVED), ONLY_DATA)


def _object(atom: Atom) -> Any:
    assert isinstance(atom, Known)
    return atom.object
