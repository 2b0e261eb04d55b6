"""Attributes of what can be called. `__call__` is the thing itself; what a function keeps of the
names around it (`__globals__`, `__closure__`, `__defaults__`) may be anything.
"""

from __future__ import annotations

import ast

from .frame import Frame
from .store import present
from .values import (
    ONLY_DATA,
    Atom,
    BoundVerb,
    Builtin,
    Closure,
    Method,
    Partial,
    Values,
    one,
    unknown,
)

TOLD = frozenset(
    (
        *("__name__", "__qualname__", "__doc__", "__module__", "__annotations__", "__class__"),
        *("__code__", "__type_params__", "__eq__", "__ne__", "__hash__", "__repr__", "__str__"),
    )
)


def of_callable(atom: Atom, name: str) -> Values:
    """What any of them has under a name that is not its own."""
    if name == "__call__":
        return one(atom)
    is_special = name.startswith("__") and name.endswith("__")
    return unknown(f"{name} of a function") if is_special and name not in TOLD else ONLY_DATA


def of_closure(frame: Frame, atom: Closure, name: str, node: ast.AST) -> Values:
    del node
    stored, is_sure = present(frame.walk.store.read((atom.code, name)))
    if stored and is_sure:
        return stored
    is_special = name.startswith("__") and name.endswith("__")
    return stored | (of_callable(atom, name) if is_special else unknown(f"{name} of a function"))


def of_method(frame: Frame, atom: Method, name: str, node: ast.AST) -> Values:
    if name == "__self__":
        return one(atom.me)
    if name == "__func__":
        return one(atom.function)
    return one(atom) if name == "__call__" else frame.load(one(atom.function), name, node)


def of_partial(frame: Frame, atom: Partial, name: str, node: ast.AST) -> Values:
    del frame, node
    if name in ("args", "keywords"):
        return unknown(f"{name} of a partial")
    return one(atom.function) if name == "func" else of_callable(atom, name)


def of_verb(frame: Frame, atom: BoundVerb, name: str, node: ast.AST) -> Values:
    del frame, node
    return one(atom.resource) if name == "__self__" else of_callable(atom, name)


def of_builtin(frame: Frame, atom: Builtin, name: str, node: ast.AST) -> Values:
    del frame, node
    return one(atom.of) if name == "__self__" else of_callable(atom, name)
