"""Whether functions that others may call at any time reach a verb at all: they are read aside,
leaving no trace. Those that reach none may be handed to anyone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from .bind import bind
from .code import TooMuch
from .frame import Frame
from .held import Held
from .lookup import is_inside, order
from .store import present
from .traces import Traces
from .values import FROM_OUTSIDE, Atom, Closure, Instance, Item, Known, LocalClass, kind_of, one

MADE_BY = {"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__"}
LOOKED_AT = {"__repr__", "__str__", "__eq__", "__ne__", "__hash__", "__format__"}


def reaches(frame: Frame, callables: list[Atom], node: ast.AST) -> bool:
    """Whether one of these, called with data, reaches a verb or something that cannot be read."""
    busy = frame.walk.source.busy_atoms
    asked = [atom for atom in callables if atom not in busy]
    frame.walk.unsettled += len(asked) < len(callables)
    if not asked:
        return False
    walk = frame.walk.scratch()
    busy.update(asked)
    try:
        for atom in asked:
            walk.outermost(frame.code.file).call(one(atom), FROM_OUTSIDE, node)
    except TooMuch:
        return True
    finally:
        busy.difference_update(asked)
    return bool(walk.traces.verbs or walk.traces.refusals)


def holds_nothing(frame: Frame, value: Any, found: Held, node: ast.AST) -> bool:
    """Whether what a foreign object holds of the app can be left out of account."""
    if found.resources or found.has_module:
        return False

    def told() -> bool:
        callables: list[Atom] = [Known(function) for function in found.functions]
        for held_one in found.instances:
            callables += [method for _, method in methods(frame, Known(held_one), node)]
        return not callables or not reaches(frame, callables, node)

    harmless, store = frame.walk.harmless, frame.walk.store
    if id(value) not in harmless:
        outer, mine = store.traces, Traces()
        store.traces = mine
        harmless[id(value)] = told(), mine
        store.traces = outer
    is_harmless, traces = harmless[id(value)]
    store.traces.absorb(traces)
    return is_harmless


def methods(frame: Frame, me: Instance | Item | Known, node: ast.AST) -> Iterator[tuple[str, Atom]]:
    """The methods that the app wrote for an object, but for those that make it or show it."""
    cls = kind_of(me.object) if isinstance(me, Known) else me.cls
    seen = MADE_BY | LOOKED_AT
    for part in order(cls):
        if not is_inside(frame.walk.source, part):
            continue
        for name, raw in _written(frame, part):
            if name not in seen:
                seen = seen | {name}
                yield from ((name, atom) for atom in bind(frame, raw, me, node))


def _written(frame: Frame, cls: type | LocalClass) -> Iterator[tuple[str, Atom]]:
    if isinstance(cls, type):
        for name, value in list(vars(cls).items()):
            if isinstance(value, FunctionType) and frame.walk.source.node(value) is not None:
                yield name, Known(value)
        return
    for statement in cls.node.body:
        name = getattr(statement, "name", None)
        if isinstance(name, str):
            values, _ = present(frame.walk.store.read((cls.address, name)))
            yield from ((name, atom) for atom in values if isinstance(atom, Closure))
