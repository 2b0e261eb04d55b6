"""Where an attribute is found on a class of the app, live or made by the code that is read, without
running any of its descriptors.
"""

from __future__ import annotations

from collections.abc import Iterator

from .frame import Frame
from .source import Source
from .store import live, present
from .traces import Traces
from .values import (
    NOTHING,
    Atom,
    Cls,
    Instance,
    Item,
    Known,
    LocalClass,
    Perhaps,
    Values,
    kind_of,
    one,
    unknown,
)


def class_of(atom: Atom) -> Cls | None:
    """The class of an object of the app."""
    match atom:
        case Instance() | Item():
            return atom.cls
        case Known():
            return kind_of(atom.object)
        case Perhaps():
            return class_of(atom.of)
        case _:
            return None


def is_own(source: Source, atom: Atom) -> bool:
    """Whether an atom is an instance of a class of the app."""
    match atom:
        case Instance() | Item():
            return True
        case Known():
            return any(source.is_own_class(cls) for cls in type(atom.object).__mro__)
        case _:
            return False


def order(cls: Cls) -> Iterator[Cls]:
    """The classes in which an attribute is looked up, in order."""
    if isinstance(cls, type):
        yield from cls.__mro__
        return
    yield cls
    seen: set[Cls] = {object}
    for base in cls.bases:
        for one_of in order(base):
            if one_of not in seen:
                seen.add(one_of)
                yield one_of
    yield object


def entry(frame: Frame, cls: Cls, name: str) -> Values:
    """What a class itself has under a name; nothing when it has none."""
    if isinstance(cls, LocalClass):
        return present(frame.walk.store.read((cls.address, name)))[0]
    values = frame.walk.store.lasting((live(cls), name))
    if name in frame.walk.source.writers.attributes and frame.walk.is_set_elsewhere(cls, name):
        values |= unknown(f"{name} is set by code not read here")
    if name not in cls.__dict__:
        return values
    frame.walk.notice(name, cls.__dict__[name], owner=cls)
    return values | one(Known(cls.__dict__[name]))


def find(frame: Frame, owner: Atom, name: str) -> Values:
    """What the class of an object of the app, or a base of it in the app, says under a name."""
    cls = class_of(owner)
    found = None if cls is None else found_in(frame, cls, name)
    return NOTHING if found is None or not is_inside(frame.walk.source, found[0]) else found[1]


def found_in(
    frame: Frame, cls: Cls, name: str, *, after: Cls | None = None
) -> tuple[Cls, Values] | None:
    """The class that has a name, and what it has there; `after` starts behind that class, as
    super() does.
    """
    if isinstance(cls, LocalClass):
        return _found_in(frame, cls, name, after)
    # What a live class has follows from what outlives calls.
    found, at = frame.walk.found, (cls, name, after, frame.walk.store.outliving)
    store = frame.walk.store
    kept = found.get(at)
    if kept is None:
        outer, mine = store.traces, Traces()
        store.traces = mine
        kept = found[at] = _found_in(frame, cls, name, after), mine
        store.traces = outer
    store.traces.absorb(kept[1])
    return kept[0]


def _found_in(frame: Frame, cls: Cls, name: str, after: Cls | None) -> tuple[Cls, Values] | None:
    is_behind = after is None
    for part in order(cls):
        if is_behind and (values := entry(frame, part, name)):
            return part, values
        is_behind = is_behind or part == after
    return None


def is_inside(source: Source, cls: Cls) -> bool:
    return isinstance(cls, LocalClass) or source.is_own_class(cls)


def has_foreign_base(source: Source, cls: Cls) -> bool:
    """Whether a class has a base from a library, which may give it attributes nobody wrote."""
    plain = ("builtins", "typing", "abc", "msgspec", "enum")
    return any(
        isinstance(part, type)
        and not source.is_own_class(part)
        and part.__module__.split(".")[0] not in plain
        for part in order(cls)
    )
