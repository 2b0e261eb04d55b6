"""Methods of the interpreter's own objects: what goes into a container comes out of it again. A
method that is not listed may do either with everything.
"""

from __future__ import annotations

import ast

from .container import OTHER_KEYS, add, content, entries, is_container, is_mapping, make, move
from .entry import item
from .fill import append, put, rearrange
from .foreign_method import DEFAULTS, FOREIGN_METHODS, Rule, of_pending, unbound_verb
from .frame import Frame
from .hand import hand_over
from .protocol import elements
from .values import (
    NONE,
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Builtin,
    Const,
    Container,
    Foreign,
    Known,
    Pending,
    Values,
    View,
    Wrapped,
    constant,
    one,
)


def call_builtin(frame: Frame, method: Builtin, arguments: Arguments, node: ast.AST) -> Values:
    of = method.of
    if is_container(of):
        return METHODS.get(method.name, _unlisted)(frame, of, arguments, node)
    if isinstance(of, Foreign):
        rule = FOREIGN_METHODS.get((of.kind, method.name), DEFAULTS[of.kind])
        return rule(frame, of, arguments, node)
    if isinstance(of, Pending):
        return of.result if method.name == "result" else of_pending(frame, of, arguments, node)
    if isinstance(of, Wrapped):  # @name.setter
        return frozenset(Wrapped(of.kind, of.function, setter) for setter in arguments.at(0))
    return unbound_verb(frame, method, arguments, node)


# -- containers


def _add(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del node
    append(frame, atom, arguments.every())
    return NONE


def _insert(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del node
    place = places(arguments.at(0))
    items = list(entries(frame, atom).keyed.values())
    if place is not None:
        items.insert(place, arguments.at(1))
    if place is None or not rearrange(frame, atom, items):
        move(frame, atom)
        add(frame, atom, arguments.every())
    return NONE


def _append_left(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    return _insert(frame, atom, arguments.behind(one(Const(int, 0))), node)


def places(values: Values) -> int | None:
    """The one position that this is."""
    known = [constant(atom)[1] for atom in values]
    return known[0] if len(known) == 1 and isinstance(known[0], int) else None


def _reverse(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del arguments, node
    items = list(entries(frame, atom).keyed.values())
    if not rearrange(frame, atom, items[::-1]):
        move(frame, atom)
    return NONE


def _extend(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    for values in (*arguments.positional, *([arguments.rest] if arguments.rest else [])):
        for group in elements(frame, values, node).groups:
            append(frame, atom, group)
    return NONE


def _update(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    if not is_mapping(atom):
        return _extend(frame, atom, arguments, node)
    for values in (*arguments.positional, arguments.rest):
        merge(frame, atom, values, node)
    for name, values in arguments.keywords.items():
        put(frame, atom, one(Const(str, name)), values)
    return NONE


def merge(frame: Frame, into: Atom, values: Values, node: ast.AST) -> None:
    """What `update` or a double star takes: a mapping, or pairs."""
    for owner in values:
        atom = content(frame, owner)
        if not is_mapping(atom):
            for pair in elements(frame, one(atom), node).groups:
                parts = elements(frame, pair, node).groups
                keys, held = (parts[0], parts[1]) if len(parts) == 2 else (pair, pair)
                put(frame, into, keys, held, weak=True)
            continue
        inside = entries(frame, atom)
        for key, held in inside.keyed.items():
            put(frame, into, one(key), held, weak=len(values) > 1)
        if inside.rest:
            add(frame, into, inside.rest)
            other = inside.other_keys or ONLY_DATA
            if isinstance(into, Container):
                frame.walk.store.write((into.address, OTHER_KEYS), other, weak=True)


def _get(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    if not is_mapping(atom):  # of a queue
        return _unlisted(frame, atom, Arguments(), node)
    default = arguments.at(1, "default")
    return item(frame, atom, arguments.at(0)) | (default or NONE)


def _set_default(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del node
    held = item(frame, atom, arguments.at(0))
    default = arguments.at(1, "default") or NONE
    put(frame, atom, arguments.at(0), held | default, weak=True)
    return held | default


def _pop(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del node
    if is_mapping(atom):
        return (item(frame, atom, arguments.at(0)) | arguments.at(1, "default")) or ONLY_DATA
    inside = entries(frame, atom)
    items = list(inside.keyed.values())
    place = places(arguments.at(0)) if arguments.positional else -1
    if place is not None and -len(items) <= place < len(items):
        popped = items.pop(place)
        if rearrange(frame, atom, items):
            return popped
    move(frame, atom)
    return inside.every() or ONLY_DATA


def _pop_left(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    return _pop(frame, atom, arguments.behind(one(Const(int, 0))), node)


def _viewing(part: str) -> Rule:
    def rule(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
        del frame, arguments
        return one(View(atom, part, node)) if isinstance(atom, Container | Known) else ONLY_DATA

    return rule


def _pop_item(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del arguments
    inside = entries(frame, atom)
    return one(make(frame, node, "tuple", [inside.keys() or ONLY_DATA, inside.every()], "pair"))


def _copy(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    """A copy, and whatever `|`, `union` and their like add to it."""
    kind = "dict" if is_mapping(atom) else "list"
    made = make(frame, node, kind, [], "copy")
    if is_mapping(atom):
        merge(frame, made, one(atom), node)
    else:
        _extend(frame, made, Arguments((one(atom),)), node)
    if arguments.every():
        _update(frame, made, arguments, node)
    return one(made)


def _sort(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    move(frame, atom)
    frame.call(
        arguments.keywords.get("key", NOTHING), Arguments((entries(frame, atom).every(),)), node
    )
    return NONE


def _data(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del frame, atom, arguments, node
    return ONLY_DATA


def _moved(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del arguments, node
    move(frame, atom)
    return NONE


def _send(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    """Into a generator."""
    hand_over(frame, arguments.every(), "a generator", node)
    return entries(frame, atom).every() or ONLY_DATA


def _from_keys(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del atom
    made = make(frame, node, "dict", [], "keys")
    for group in elements(frame, arguments.at(0), node).groups:
        put(frame, made, group, arguments.at(1) or NONE, weak=True)
    return one(made)


def _subscript(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del node
    return item(frame, atom, arguments.at(0))


def _unlisted(frame: Frame, atom: Atom, arguments: Arguments, node: ast.AST) -> Values:
    del node
    move(frame, atom)
    if arguments.every():
        add(frame, atom, arguments.every())
    return entries(frame, atom).every() | one(atom) | ONLY_DATA


METHODS: dict[str, Rule] = {
    **dict.fromkeys(("append", "add", "put", "put_nowait", "push"), _add),
    "insert": _insert,
    "appendleft": _append_left,
    "extendleft": _unlisted,
    "reverse": _reverse,
    **dict.fromkeys(("extend",), _extend),
    **dict.fromkeys(("update", "__ior__"), _update),
    **dict.fromkeys(("get", "get_nowait"), _get),
    "pop": _pop,
    **dict.fromkeys(("popleft", "__next__", "__anext__"), _pop_left),
    **dict.fromkeys(("copy", "union", "__or__", "difference", "intersection"), _copy),
    **dict.fromkeys(("index", "count", "qsize", "empty", "full", "close", "aclose"), _data),
    **dict.fromkeys(("__contains__", "isdisjoint", "issubset", "issuperset", "join"), _data),
    **dict.fromkeys(("__len__", "__aexit__", "__exit__", "task_done", "throw", "athrow"), _data),
    **dict.fromkeys(("rotate", "remove", "discard", "clear", "move_to_end"), _moved),
    **dict.fromkeys(("send", "asend"), _send),
    **{part: _viewing(part) for part in ("values", "keys", "items")},
    "popitem": _pop_item,
    "setdefault": _set_default,
    "sort": _sort,
    "fromkeys": _from_keys,
    "__getitem__": _subscript,
}


# -- known objects of the standard library
