"""A block is read along paths. Two paths meet again in one state, unless they hold things that
belong together (this table with that function): such pairs stay apart to the end of the block.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from ..resources.resource import Resource
from .foreign import carried
from .frame import Frame
from .store import State, all_joined, joined
from .values import (
    BoundVerb,
    Closure,
    Container,
    Instance,
    Known,
    Method,
    Partial,
    Values,
    constant,
)

APART_MAX = 4  # paths that are kept apart
FUNCTIONS = (Closure, Method, Partial, BoundVerb)
Execute = Callable[[Frame, ast.stmt], list[State]]


def along(frame: Frame, body: list[ast.stmt], execute: Execute) -> list[State]:
    """The states in which a block may end by running off its end."""
    store = frame.walk.store
    paths = [store.now]
    for statement in body:
        after: list[State] = []
        for path in paths:
            store.now = path
            after += execute(frame, statement)
            watched(frame, after)
        paths = met(frame, after)
        if not paths:
            return []
    return paths


def watched(frame: Frame, states: list[State]) -> None:
    now = frame.walk.store.now
    seen = [now, *(state for state in states if state is not now)]
    for watch in frame.walk.watchers:
        for state in seen:
            watch.see(state)


def met(frame: Frame, paths: list[State]) -> list[State]:
    """Paths joined, but for those that are worth to stay apart."""
    kept: list[State] = []
    for path in paths:
        for place, other in enumerate(kept):
            if len(kept) >= APART_MAX or not _is_apart(frame, path, other):
                kept[place] = joined(other, path)
                break
        else:
            kept.append(path)
    return kept


def settle(frame: Frame, paths: list[State]) -> bool:
    """Go on in one state; False when no path leads on."""
    if paths:
        frame.walk.store.now = all_joined(paths)
    return bool(paths)


def _is_apart(frame: Frame, left: State, right: State) -> bool:
    """Whether two names, or the parts of one object, differ in a way that belongs together."""
    weight = texts = 0
    for name in frame.code.scope.names:
        at = (frame.address, name)
        one, other = left.get(at), right.get(at)
        if one is None or other is None or one is other or one == other:
            continue
        this, that = _weight(frame, one - other, left), _weight(frame, other - one, right)
        weight += max(this[0], that[0])
        texts += max(this[1], that[1])
    return weight > 0 and weight + texts > 1


def _weight(frame: Frame, values: Values, state: State) -> tuple[int, int]:
    """How much a difference matters: an object with parts twice; a text only beside another."""
    weight = text = 0
    for atom in values:
        is_fixed, value = constant(atom)
        if is_fixed and not isinstance(value, type):
            text = text or isinstance(value, str)
        elif isinstance(atom, Instance | Container) or (
            isinstance(atom, Known) and _has_parts(atom)
        ):
            weight = max(weight, 2 * _carries(frame, atom, state))
        elif isinstance(atom, (Known, *FUNCTIONS)):
            weight = max(weight, 1)
    return weight, text


def _has_parts(atom: Known) -> bool:
    return not isinstance(atom.object, Resource | type) and not callable(atom.object)


def _carries(frame: Frame, atom: Any, state: State) -> bool:
    store = frame.walk.store
    now, store.now = store.now, state
    found = carried(frame, frozenset((atom,)))
    store.now = now
    return bool(found)
