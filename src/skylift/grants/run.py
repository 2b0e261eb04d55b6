"""A call of a function of the app: parameters are bound, the body is read, the states at its exits
are joined. A call that meets itself takes what is known of its result so far, and is read again
until that holds.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator
from itertools import product
from types import FunctionType
from typing import Any

from ..resources.resource import Resource
from .again import CALLS_MAX, read_once
from .alone import all_stand_alone
from .code import Code
from .container import OTHER_KEYS, RETURNED, add, make
from .fill import put
from .foreign import carried
from .frame import Frame
from .hint import Hints, annotated
from .refusal import ANY
from .scope import Function
from .store import all_joined
from .values import (
    NONE,
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Const,
    Container,
    Instance,
    Known,
    Pending,
    Plain,
    Unknown,
    Values,
    literal,
    one,
    unknown,
)

ROUNDS_MAX = 8  # of a call that meets itself
VARIANTS_MAX = 12  # of one call, with different arguments
APART_MAX = 8  # objects of one argument that are read one at a time


def code_of(frame: Frame, function: FunctionType) -> Code | None:
    """The code of a live function of the app; None when its source cannot be read."""
    source = frame.walk.source
    node = source.node(function)
    if node is None:
        return None
    return source.keep("code", function, lambda: _code(frame, function, node))


def _code(frame: Frame, function: FunctionType, node: Function) -> Code:
    source = frame.walk.source
    path = function.__code__.co_filename
    code = Code(node, source.scope(node), path, function.__globals__)
    code.cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    names = [parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args)]
    given: tuple[Any, ...] = function.__defaults__ or ()
    pairs = [
        *zip(reversed(names), reversed(given), strict=False),
        *(function.__kwdefaults__ or {}).items(),
    ]
    code.defaults = {name: one(literal(value)) for name, value in pairs}
    if "__class__" in code.cells:
        code.owner = code.cells["__class__"].cell_contents
    file = source.file(path)
    code.around = file.classes.get(node, "") if file else ""
    return code


def run(frame: Frame, code: Code, arguments: Arguments, node: ast.AST) -> Values:
    """What a call of this code returns."""
    code_node = code.node
    assert isinstance(code_node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    bound = _bound(frame, code, code_node, (arguments, node))
    found: Values = NOTHING
    for chosen in _apart(frame, bound):
        found |= _settled(frame, code, chosen, node)
    walk = frame.walk
    is_deferred = code.scope.is_generator or isinstance(code_node, ast.AsyncFunctionDef)
    if not is_deferred or node is frame.awaited or node is frame.consumed:
        return found
    if code.parent is None and all_stand_alone(bound.values()):
        return found  # it shares nothing with anybody, and finds later what it finds now
    key = frame.place(node, code)
    found = frozenset(
        Pending(atom.result, key) if isinstance(atom, Pending) else atom for atom in found
    )
    places = [atom.address for atom in found if isinstance(atom, Container)]
    walk.defer(lambda: run(frame, code, arguments, node), key, *places)
    return found


def _bound(
    frame: Frame, code: Code, node: Function, call: tuple[Arguments, ast.AST]
) -> dict[str, Values]:
    """The parameters with what they can be."""
    arguments, site = call
    given = node.args
    places = [*given.posonlyargs, *given.args]
    bound: dict[str, Values] = {}
    for place, parameter in enumerate(places):
        at = arguments.positional[place] if place < len(arguments.positional) else None
        bound[parameter.arg] = _argument(code, arguments, parameter, at)
    for parameter in given.kwonlyargs:
        bound[parameter.arg] = _argument(code, arguments, parameter, None)
    for parameter in (*places, *given.kwonlyargs):
        bound[parameter.arg] = refined(frame, code, parameter.annotation, bound[parameter.arg])
    if given.vararg is not None:
        more = list(arguments.positional[len(places) :])
        items = make(frame, site, "tuple", more, f"*{code.name}")
        if arguments.rest:
            add(frame, items, refined(frame, code, given.vararg.annotation, arguments.rest))
        bound[given.vararg.arg] = one(items)
    if given.kwarg is not None:
        names = {name: held for name, held in arguments.keywords.items() if name not in bound}
        items = make(frame, site, "dict", [], f"**{code.name}")
        for name, held in names.items():
            put(frame, items, one(Const(str, name)), held)
        if arguments.rest:
            add(frame, items, arguments.rest)
            frame.walk.store.write((items.address, OTHER_KEYS), ONLY_DATA)
        bound[given.kwarg.arg] = one(items)
    return bound


def _argument(code: Code, arguments: Arguments, parameter: ast.arg, at: Values | None) -> Values:
    if at is not None:
        return at
    if parameter.arg in arguments.keywords:
        return arguments.keywords[parameter.arg]
    default = code.defaults.get(parameter.arg, NOTHING)
    if arguments.rest or default:
        return arguments.rest | default
    return unknown(f"{parameter.arg} is not given")


def refined(frame: Frame, code: Code, annotation: ast.expr | None, values: Values) -> Values:
    """What is unknown, or data of no known class, becomes what its annotation promises."""
    if annotation is None or not any(_is_vague(atom) for atom in values):
        return values
    source = frame.walk.source
    names = code.globals
    hint = source.keep("hint", annotation, lambda: (annotated(annotation, names, {}),))[0]
    if hint is None and not isinstance(annotation, ast.Constant):
        return values
    found: set[Atom] = set()
    for atom in values:
        is_data = isinstance(atom, Plain)
        shape = Hints(source, is_data).shape(hint, names) if _is_vague(atom) else None
        found |= one(atom) if shape is None else shape
    return frozenset(found)


def _is_vague(atom: Atom) -> bool:
    return isinstance(atom, Unknown) or (isinstance(atom, Plain) and not atom.classes)


def _apart(frame: Frame, bound: dict[str, Values]) -> Iterator[dict[str, Values]]:
    """Calls with one object each, where an argument may be one of several: what belongs to one of
    them is then not mixed with what belongs to another.
    """
    mixed = {name: choices(frame, values) for name, values in bound.items() if len(values) > 1}
    split = {name: found for name, found in mixed.items() if 1 < len(found) <= APART_MAX}
    if not split:
        yield bound
        return
    for chosen in product(*split.values()):
        yield {**bound, **dict(zip(split, chosen, strict=True))}


def choices(frame: Frame, values: Values) -> list[Values]:
    """Values one at a time where they are objects that hold resources or functions, the others
    together.
    """
    apart = [atom for atom in values if _is_structured(atom) and carried(frame, one(atom))]
    if not apart or len(values) < 2:
        return [values]
    others = values - frozenset(apart)
    return [*map(one, apart), *([others] if others else [])]


def _is_structured(atom: Atom) -> bool:
    if isinstance(atom, Known):
        return not isinstance(atom.object, Resource | FunctionType | type)
    return isinstance(atom, Instance | Container)


def _settled(frame: Frame, code: Code, bound: dict[str, Values], site: ast.AST) -> Values:
    """Read the body until its result is stable."""
    walk = frame.walk
    key: Hashable = (code, tuple(bound.items()))
    if key in walk.active:
        walk.active[key] = True
        walk.unsettled += 1
        return walk.results.get(key, NOTHING)
    return read_once(frame, code, bound, site, _until_settled)


def _until_settled(frame: Frame, code: Code, bound: dict[str, Values], site: ast.AST) -> Values:
    walk = frame.walk
    key: Hashable = (code, tuple(bound.items()))
    walk.deepest = max(walk.deepest, len(walk.active) + 1)
    if len(walk.active) >= CALLS_MAX:
        walk.unsettled += 1
        frame.refuse(site, f"calls are more than {CALLS_MAX} deep here", ANY)
        return ONLY_DATA
    result: Values = NOTHING
    for _ in range(ROUNDS_MAX):
        walk.active[key] = False
        result = _read(frame, code, bound, site) | walk.results.get(key, NOTHING)
        met_itself = walk.active.pop(key)
        if not met_itself or result == walk.results.get(key):
            break
        walk.results[key] = result
    return result


def _read(caller: Frame, code: Code, bound: dict[str, Values], site: ast.AST) -> Values:
    walk = caller.walk
    address, is_weak = _address(caller, code, bound, site)
    walk.unsettled += is_weak
    frame = Frame(walk, code, address, weak=is_weak)
    walk.traces.visited.add(code.node)
    walk.running.append(frame)
    own = address not in walk.store.own
    walk.store.own.add(address)
    walk.looping += is_weak
    for name, values in bound.items():
        frame.bind(name, values)
    _body(frame, code)
    walk.looping -= is_weak
    walk.running.pop()
    if own:
        walk.store.own.discard(address)
    if not is_weak and not code.scope.shared:
        walk.store.forget(address, code.scope.names)
    return _result(caller, frame, code, site)


def _address(
    caller: Frame, code: Code, bound: dict[str, Values], site: ast.AST
) -> tuple[int, bool]:
    """Where the call keeps its names, and whether others keep theirs there, too."""
    walk = caller.walk
    again = [frame.address for frame in walk.running if frame.code is code]
    if (
        len(again) > 1
    ):  # deeper calls of itself share one frame, which then holds what any of them holds
        return again[-1], True
    base = caller.place(site, code)
    if not code.scope.shared:
        return base, base in again
    # Functions made in it outlive the call, so calls with other arguments keep their names apart.
    variants = walk.variants.setdefault(base, {})
    given = tuple(bound.items())
    if given not in variants and len(variants) >= VARIANTS_MAX:
        return base, True  # weak: it is unsettled
    address = variants.setdefault(given, walk.address(base, given))
    return address, address in again


def _body(frame: Frame, code: Code) -> None:
    node = code.node
    if isinstance(node, ast.Lambda):
        frame.returns = frame.evaluate(node.body)
        return
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ends = frame.walk.rules.block(frame, node.body)
    if ends:
        frame.returns |= NONE
    if ends or frame.exits:
        frame.walk.store.now = all_joined([*ends, *frame.exits])


def _result(caller: Frame, frame: Frame, code: Code, site: ast.AST) -> Values:
    if code.scope.is_generator:
        kind = "generator" if _catches(code.node) else "quiet generator"
        items = make(caller, site, kind, [], f"{code.name} {frame.address}")
        if frame.yields:
            add(caller, items, frame.yields)
        caller.walk.store.write((items.address, RETURNED), frame.returns, weak=True)
        return one(items)
    is_async = isinstance(code.node, ast.AsyncFunctionDef)
    return one(Pending(frame.returns)) if is_async else frame.returns


def _catches(node: ast.AST) -> bool:
    """Whether a generator may catch what is raised at its yield."""
    return any(isinstance(inner, ast.ExceptHandler) for inner in ast.walk(node))
