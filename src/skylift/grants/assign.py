"""Storing: into names, attributes, entries and patterns of them."""

from __future__ import annotations

import ast
from typing import Any

from ..resources.resource import Resource
from .bind import bind
from .container import add, content, is_container, make
from .fill import put
from .frame import Frame
from .hand import hand_over
from .lookup import find, found_in, is_own
from .protocol import elements
from .store import EVERYTHING, live
from .values import (
    NOTHING,
    Arguments,
    Atom,
    Closure,
    Const,
    Instance,
    Known,
    LocalClass,
    Values,
    Wrapped,
    kind_of,
    one,
)


def assign(frame: Frame, target: ast.expr, values: Values) -> None:
    """`target = values`."""
    match target:
        case ast.Name():
            frame.bind(target.id, values)
        case ast.Tuple() | ast.List():
            unpack(frame, target.elts, values, target)
        case ast.Starred():
            assign(frame, target.value, values)
        case ast.Attribute():
            owners = frame.evaluate(target.value)
            name = mangled(frame, target.attr)
            store_attribute(frame, owners, (name, values), target)
        case ast.Subscript():
            owners, keys = frame.evaluate(target.value), frame.evaluate(target.slice)
            store_entry(frame, owners, (keys, values), target)
        case _:
            raise AssertionError(f"a target of kind {type(target).__name__}")


def mangled(frame: Frame, name: str) -> str:
    """`__name` in a class is a name of that class."""
    if name.startswith("__") and not name.endswith("__") and frame.code.around:
        return f"_{frame.code.around.lstrip('_')}{name}"
    return name


def unpack(frame: Frame, targets: list[ast.expr], values: Values, node: ast.AST) -> None:
    parts: list[Values] = [NOTHING for _ in targets]
    for atom in values:
        for place, part in enumerate(_parts(frame, targets, atom, node)):
            parts[place] |= part
    for target, part in zip(targets, parts, strict=True):
        assign(frame, target, part)


def _parts(frame: Frame, targets: list[ast.expr], atom: Atom, node: ast.AST) -> list[Values]:
    """What each target gets from one iterable."""
    given = elements(frame, one(atom), node)
    star = next((at for at, one_of in enumerate(targets) if isinstance(one_of, ast.Starred)), None)
    groups = given.groups
    if not given.is_exact:
        rest = given.every()
        if star is None:
            return [rest for _ in targets]
        loose = make(frame, node, "list", [], "starred")
        add(frame, loose, rest)
        return [one(loose) if place == star else rest for place in range(len(targets))]
    if star is None:
        return [groups[place] if place < len(groups) else NOTHING for place in range(len(targets))]
    after = len(targets) - star - 1
    middle = groups[star : len(groups) - after]
    starred = make(frame, node, "list", middle, "starred")
    return [*groups[:star], one(starred), *groups[len(groups) - after :]][: len(targets)]


def store_attribute(frame: Frame, owners: Values, what: tuple[str, Values], node: ast.AST) -> None:
    name, values = what
    is_weak = len(owners) > 1 or frame.walk.looping > 0 or name == EVERYTHING
    for atom in owners:
        if isinstance(atom, Instance | Known) and _is_set_by_code(frame, atom, what, node):
            continue
        at = _location(frame, atom, name)
        if at is None:
            hand_over(frame, values, "data", node)
        else:
            frame.walk.store.write(at, values, weak=is_weak or isinstance(atom, Known))


def _location(frame: Frame, atom: Atom, name: str) -> Any:
    match atom:
        case Instance() | LocalClass():
            return (atom.address, name)
        case Closure():
            return (atom.code, name)
        case Known(object=held):
            is_kept = isinstance(held, Resource | type) or callable(held)
            inside = frame.walk.source.is_inside(getattr(held, "__name__", None))
            if inside and hasattr(held, "__dict__") and not isinstance(held, type):
                return (live(vars(held)), name)  # a module's name
            return (live(held), name) if is_kept or is_own(frame.walk.source, atom) else None
        case _:
            return None


def _is_set_by_code(
    frame: Frame, atom: Instance | Known, what: tuple[str, Values], node: ast.AST
) -> bool:
    """Whether a property, a descriptor or __setattr__ of the app takes the value."""
    name, values = what
    if isinstance(atom, Known) and not is_own(frame.walk.source, atom):
        return False
    cls = kind_of(atom.object) if isinstance(atom, Known) else atom.cls
    found = found_in(frame, cls, name)
    for raw in found[1] if found else ():
        if isinstance(raw, Known) and isinstance(raw.object, property):
            frame.call(one(Known(raw.object.fset)), Arguments((one(atom), values)), node)
            return True
        if isinstance(raw, Known) and find(frame, raw, "__set__"):
            setter = frame.load(one(raw), "__set__", node)
            frame.call(setter, Arguments((one(atom), values)), node)
            return True
        if isinstance(raw, Wrapped) and raw.setter is not None:
            frame.call(one(raw.setter), Arguments((one(atom), values)), node)
            return True
    asked = find(frame, atom, "__setattr__")
    if asked and frame.code.name != "__setattr__":
        methods = NOTHING.union(*(bind(frame, raw, atom, node) for raw in asked))
        frame.call(methods, Arguments((one(Const(str, name)), values)), node)
        return True
    return False


def store_entry(frame: Frame, owners: Values, what: tuple[Values, Values], node: ast.AST) -> None:
    keys, values = what
    for owner in owners:
        is_own = bool(find(frame, owner, "__setitem__"))
        atom = owner if is_own else content(frame, owner)
        if is_container(atom) and not is_own:
            put(frame, atom, keys, values, weak=len(owners) > 1)
        elif is_own:
            setter = frame.load(one(atom), "__setitem__", node)
            frame.call(setter, Arguments((keys, values)), node)
        else:
            hand_over(frame, values, "data", node)
