"""Which names a function, class or comprehension binds itself, as the compiler decides it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, TypeAlias

from msgspec import Struct

Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Scoped: TypeAlias = Function | ast.ClassDef | Comprehension

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope(Struct, frozen=True):
    names: frozenset[str]  # bound here
    elsewhere: frozenset[str]  # said to be global
    outer: frozenset[str]  # said to be nonlocal
    shared: frozenset[str]  # read or bound by code nested inside
    is_generator: bool
    is_class: bool
    is_comprehension: bool


class _Found:
    def __init__(self) -> None:
        self.names: set[str] = set()
        self.elsewhere: set[str] = set()
        self.outer: set[str] = set()
        self.shared: set[str] = set()
        self.is_generator = False


def scope_of(node: Scoped) -> Scope:
    found = _Found()
    for child in _own(node, found):
        _visit(child, found)
    said = found.elsewhere | found.outer
    return Scope(
        frozenset(found.names - said),
        frozenset(found.elsewhere),
        frozenset(found.outer),
        frozenset(found.shared),
        found.is_generator,
        isinstance(node, ast.ClassDef),
        isinstance(node, COMPREHENSIONS),
    )


def parameters(node: Function) -> list[ast.arg]:
    given = node.args
    listed = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return listed + [one for one in (given.vararg, given.kwarg) if one is not None]


def _own(node: Scoped, found: _Found) -> Iterator[ast.AST]:
    """The nodes that belong to the scope itself."""
    if isinstance(node, COMPREHENSIONS):
        for place, part in enumerate(node.generators):
            found.names |= {
                inner.id for inner in ast.walk(part.target) if isinstance(inner, ast.Name)
            }
            yield from part.ifs
            if place:
                yield part.iter
        yield from [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return
    if isinstance(node, FUNCTIONS):
        found.names |= {one.arg for one in parameters(node)}
    if isinstance(node, ast.Lambda):
        yield node.body
    else:
        yield from node.body


def _visit(node: ast.AST, found: _Found) -> None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
            if not isinstance(node, ast.Lambda):
                found.names.add(node.name)
            for child in _around(node):
                _visit(child, found)
            found.shared |= _named(node)
            return
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            _visit(node.generators[0].iter, found)
            found.shared |= _named(node)
            inner = (child for child in ast.walk(node) if isinstance(child, ast.NamedExpr))
            found.names |= {child.target.id for child in inner}
            return
        case ast.Name(ctx=ast.Store() | ast.Del()):
            found.names.add(node.id)
        case ast.Import() | ast.ImportFrom():
            found.names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        case ast.Global():
            found.elsewhere.update(node.names)
        case ast.Nonlocal():
            found.outer.update(node.names)
        case ast.Yield() | ast.YieldFrom():
            found.is_generator = True
        case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar() if node.name:
            found.names.add(node.name)
        case ast.MatchMapping() if node.rest:
            found.names.add(node.rest)
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        _visit(child, found)


def _around(node: Function | ast.ClassDef) -> Iterator[ast.AST]:
    """What is evaluated where a definition stands: decorators, defaults, bases."""
    if isinstance(node, ast.ClassDef):
        yield from (*node.decorator_list, *node.bases, *node.keywords)
        return
    if not isinstance(node, ast.Lambda):
        yield from node.decorator_list
    yield from node.args.defaults
    yield from (default for default in node.args.kw_defaults if default is not None)


def _named(node: ast.AST) -> set[str]:
    named = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    said = (inner.names for inner in ast.walk(node) if isinstance(inner, ast.Nonlocal | ast.Global))
    return named.union(*said)


def listed(several: Any) -> list[Any]:
    """As a list, whatever iterable it is."""
    return list(several)
