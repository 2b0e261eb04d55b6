"""Match statements: which values a pattern lets through, and what its names are bound to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from .container import add, entries, is_container, is_mapping, make
from .entry import item
from .frame import Frame
from .lookup import order
from .protocol import elements
from .values import (
    NOTHING,
    ONLY_DATA,
    Atom,
    Const,
    Instance,
    Item,
    Known,
    LocalClass,
    Plain,
    Values,
    constant,
    kind_of,
    one,
)


def matched(frame: Frame, pattern: ast.pattern, values: Values) -> Values:
    """The values that may match; names in the pattern are bound on the way."""
    return PATTERNS[type(pattern)](frame, pattern, values)


def is_certain(pattern: ast.pattern) -> bool:
    """Whether a pattern matches everything."""
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is None or is_certain(pattern.pattern)
    return isinstance(pattern, ast.MatchOr) and any(map(is_certain, pattern.patterns))


def _as(frame: Frame, pattern: ast.MatchAs, values: Values) -> Values:
    kept = values if pattern.pattern is None else matched(frame, pattern.pattern, values)
    if pattern.name is not None:
        frame.bind(pattern.name, kept)
    return kept


def _value(frame: Frame, pattern: ast.MatchValue, values: Values) -> Values:
    expected = [constant(atom) for atom in frame.evaluate(pattern.value)]
    if not all(is_fixed for is_fixed, _ in expected):
        return values
    wanted = [value for _, value in expected]

    def may_be(atom: Atom) -> bool:
        return not isinstance(atom, Const) or atom.value in wanted

    return frozenset(filter(may_be, values))


def _singleton(frame: Frame, pattern: ast.MatchSingleton, values: Values) -> Values:
    del frame
    return frozenset(
        atom
        for atom in values
        if not isinstance(atom, Const | Instance) or _is_value(atom, pattern.value)
    )


def _is_value(atom: Const | Instance, value: object) -> bool:
    return isinstance(atom, Const) and atom.value is value


def _or(frame: Frame, pattern: ast.MatchOr, values: Values) -> Values:
    return NOTHING.union(*(matched(frame, part, values) for part in pattern.patterns))


def _class(frame: Frame, pattern: ast.MatchClass, values: Values) -> Values:
    kept: set[Atom] = set()
    for cls in frame.evaluate(pattern.cls):
        held = cls.object if isinstance(cls, Known) else cls
        for atom in values:
            kept |= {
                one_of for one_of in _as_class(frame, atom, held) if _parts(frame, pattern, one_of)
            }
    return frozenset(kept)


def _parts(frame: Frame, pattern: ast.MatchClass, atom: Atom) -> bool:
    """Whether the attributes of an object may match the patterns inside."""
    named = zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
    given = [(frame.load(one(atom), name, pattern), inner) for name, inner in named]
    given += [
        (_positional(frame, atom, at, pattern), inner) for at, inner in enumerate(pattern.patterns)
    ]
    possible = [bool(matched(frame, inner, values) or not values) for values, inner in given]
    return all(possible)  # after each has bound its names


def _as_class(frame: Frame, atom: Atom, cls: Any) -> Values:
    """The value if it may be an instance; data becomes an item of the class."""
    if isinstance(atom, Instance | Item):
        return one(atom) if cls in list(order(atom.cls)) else NOTHING
    if not isinstance(cls, type):
        return NOTHING if isinstance(cls, LocalClass) and isinstance(atom, Const) else one(atom)
    if isinstance(atom, Const):
        return one(atom) if issubclass(atom.kind, cls) else NOTHING
    if isinstance(atom, Known):
        return one(atom) if isinstance(atom.object, cls) else NOTHING
    if isinstance(atom, Plain) and frame.walk.source.is_own_class(cls):
        return one(Item(cls))
    return one(atom)


def _positional(frame: Frame, atom: Atom, place: int, pattern: ast.MatchClass) -> Values:
    cls = atom.cls if isinstance(atom, Instance | Item) else None
    cls = kind_of(atom.object) if isinstance(atom, Known) else cls
    names = getattr(cls, "__match_args__", ())
    if place < len(names):
        return frame.load(one(atom), names[place], pattern)
    return one(atom) if place == 0 else ONLY_DATA


def _sequence(frame: Frame, pattern: ast.MatchSequence, values: Values) -> Values:
    kept = frozenset(atom for atom in values if not isinstance(atom, Const))
    inside = elements(frame, kept, pattern)
    stars = [
        place for place, one_of in enumerate(pattern.patterns) if isinstance(one_of, ast.MatchStar)
    ]
    is_aligned = inside.is_exact and not stars and len(inside.groups) == len(pattern.patterns)
    if inside.is_exact and not stars and not is_aligned:
        return NOTHING
    for place, inner in enumerate(pattern.patterns):
        if isinstance(inner, ast.MatchStar):
            if inner.name is not None:
                rest = make(frame, inner, "list", inside.groups)
                frame.bind(inner.name, one(rest))
        else:
            held = inside.groups[place] if is_aligned else inside.every()
            if place < (stars or [0])[0] and inside.is_exact:
                held = inside.groups[place] if place < len(inside.groups) else NOTHING
            matched(frame, inner, held)
    return kept


def _mapping(frame: Frame, pattern: ast.MatchMapping, values: Values) -> Values:
    kept = frozenset(atom for atom in values if not isinstance(atom, Const))
    for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
        keys = frame.evaluate(key)
        held: set[Atom] = set()
        for atom in kept:
            held |= item(frame, atom, keys) if is_mapping(atom) else _by_key(frame, atom, key)
        matched(frame, inner, frozenset(held))
    if pattern.rest is not None:
        made = make(frame, pattern, "dict", [])
        for atom in kept:
            add(frame, made, entries(frame, atom).every() if is_container(atom) else one(atom))
        frame.bind(pattern.rest, one(made))
    return kept


def _by_key(frame: Frame, atom: Atom, key: ast.expr) -> Values:
    del key
    return elements(frame, one(atom), ast.Pass()).every()


def _star(frame: Frame, pattern: ast.MatchStar, values: Values) -> Values:
    if pattern.name is not None:
        frame.bind(pattern.name, values)
    return values


PATTERNS: dict[type, Callable[[Frame, Any, Values], Values]] = {
    ast.MatchAs: _as,
    ast.MatchValue: _value,
    ast.MatchSingleton: _singleton,
    ast.MatchOr: _or,
    ast.MatchClass: _class,
    ast.MatchSequence: _sequence,
    ast.MatchMapping: _mapping,
    ast.MatchStar: _star,
}
