"""Storing into containers: under a known key where there is one, else anywhere."""

from __future__ import annotations

from .container import (
    OTHER_KEYS,
    SHAPE,
    STORED_KEYS,
    add,
    entries,
    is_mapping,
    live_object,
    move,
    shape,
    shapes,
)
from .frame import Frame
from .store import live
from .values import (
    NOTHING,
    Atom,
    Const,
    Container,
    Values,
    constant,
    literal,
)

PATHS_MAX = 8  # on which a container's keys are told apart; beyond, any of them may be there


def put(frame: Frame, atom: Atom, keys: Values, values: Values, *, weak: bool = False) -> None:
    """Store under these keys, or anywhere when they cannot be told."""
    fixed = [literal(value) for is_fixed, value in map(constant, keys) if is_fixed]
    weak = weak or len(fixed) > 1 or frame.walk.looping > 0
    if len(fixed) < len(keys) or not is_mapping(atom):
        _put_anywhere(frame, atom, keys, values, weak=weak)
    elif isinstance(atom, Container):
        _put_under(frame, atom, fixed, values, weak=weak)
    else:
        at = live(live_object(atom))
        frame.walk.store.write((at, STORED_KEYS), frozenset(fixed), weak=True)
        for key in fixed:
            frame.walk.store.write((at, key), values, weak=True)


def _put_under(
    frame: Frame, atom: Container, keys: list[Atom], values: Values, *, weak: bool
) -> None:
    store = frame.walk.store
    for key in keys:
        known = [old if key in old else (*old, key) for old in shapes(frame, atom)]
        known = known if len(known) <= PATHS_MAX else [(), _all_keys(known)]
        store.write((atom.address, SHAPE), NOTHING.union(*map(shape, known)), weak=weak)
        store.write((atom.address, key), values, weak=weak)


def _all_keys(known: list[tuple[Atom, ...]]) -> tuple[Atom, ...]:
    """In one order, whichever way they came: or each turn of a loop would find another."""
    return tuple(sorted({key for keys in known for key in keys}, key=repr))


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
    store.write((atom.address, SHAPE), shape(places))
    for place, values in zip(places, items, strict=True):
        store.write((atom.address, place), values)
    return True
