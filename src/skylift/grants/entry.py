"""What stands under a key of a container, live or made by the code that is read."""

from __future__ import annotations

from typing import Any

from .container import ENTRIES_MAX, FACTORY, HERE, Entries, entries, live_object
from .fill import put
from .frame import Frame
from .store import ANYWHERE, live, present
from .values import (
    NOTHING,
    Arguments,
    Atom,
    Container,
    Known,
    Values,
    constant,
    literal,
    one,
    unknown,
)


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
    stored = frame.walk.store.lasting((live(atom.object), ANYWHERE))
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
        factory = getattr(live_object(atom), "default_factory", None)
        made = NOTHING if factory is None else frame.call(one(Known(factory)), Arguments(), HERE)
    if made:
        put(frame, atom, keys, made, weak=True)
    return made
