"""The app's source as trees, read once and shared by all functions of one reading. It finds the
tree of a live function, and says who is inside the app. It executes nothing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Hashable
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar

from .owner import kinds, verbs_of
from .scope import Function, Scope, Scoped, parameters, scope_of
from .writer import Writers

T = TypeVar("T")


def is_test(module: str) -> bool:
    """As pytest would collect it."""
    name = module.rpartition(".")[2]
    return name.startswith("test_") or name.endswith("_test") or name == "conftest"


class File:
    """One parsed file: functions by line and name, lambdas by line, the class around each."""

    __slots__ = ("classes", "functions", "lambdas", "rebound", "tree")

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.functions: dict[tuple[int, str], Function] = {}
        self.lambdas: dict[int, list[ast.Lambda]] = {}
        self.classes: dict[ast.AST, str] = {}  # of functions in a class: its name
        self.rebound: dict[str, list[ast.AST]] = {}  # nonlocal names: the functions that say so
        waiting: list[tuple[ast.AST, str, ast.AST]] = [(tree, "", tree)]
        while waiting:
            node, around, function = waiting.pop()
            self._enter(node, around)
            if isinstance(node, ast.Nonlocal):
                for name in node.names:
                    self.rebound.setdefault(name, []).append(function)
            around = node.name if isinstance(node, ast.ClassDef) else around
            function = (
                node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
            )
            waiting += [(child, around, function) for child in ast.iter_child_nodes(node)]

    def _enter(self, node: ast.AST, around: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            line = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            self.functions[line, node.name] = node
        elif isinstance(node, ast.Lambda):
            self.lambdas.setdefault(node.lineno, []).append(node)
        else:
            return
        if around:
            self.classes[node] = around


class Source:
    def __init__(self, packages: tuple[str, ...], modules: Collection[str] = ()) -> None:
        """`modules` are those the app names: of tests beside them none counts but these."""
        self.packages, self._named = packages, modules
        self.busy: set[type] = set()  # classes whose fields are being read
        self.busy_atoms: set[Any] = set()  # functions that are being read aside
        self.outcomes: dict[Hashable, list[Any]] = {}  # of calls that were read, by what they got
        self._files: dict[str, File | None] = {}
        self._nodes: dict[CodeType, Function | None] = {}
        self._scopes: dict[ast.AST, Scope] = {}
        self._inside: dict[str, bool] = {}
        self._writers: Writers | None = None
        self._kept: dict[tuple[str, int], tuple[Any, Any]] = {}

    @property
    def verbs(self) -> frozenset[str]:
        """The names of all verbs of the kinds of resources that are loaded."""
        return frozenset[str]().union(*map(verbs_of, kinds()))

    def is_inside(self, module: object) -> bool:
        """Whether a module of this name belongs to the app."""
        if not isinstance(module, str):
            return False
        known = self._inside.get(module)
        if known is None:
            known = any(module == one or module.startswith(one + ".") for one in self.packages)
            self._inside[module] = known
        return known

    def is_own(self, function: FunctionType) -> bool:
        """Whether a function was written in the app; one that merely wraps an app's function was
        not.
        """
        return self.is_inside(function.__globals__.get("__name__"))

    def is_own_class(self, cls: type) -> bool:
        return self.is_inside(cls.__module__)

    def modules(self) -> list[ModuleType]:
        """The app's modules that are loaded. What a test sets is not what the app does."""
        return [
            module
            for name, module in list(sys.modules.items())
            if self.is_inside(name) and (name in self._named or not is_test(name))
        ]

    @property
    def writers(self) -> Writers:
        """Which functions of the app change what outlives a call."""
        if self._writers is None:
            trees: list[tuple[ModuleType, ast.Module]] = []
            for module in self.modules():
                path = getattr(module, "__file__", None)
                file = self.file(path, module) if path else None
                if file is not None:
                    trees.append((module, file.tree))
            self._writers = Writers()
            self._writers.read(trees)
        return self._writers

    def file(self, path: str, module: ModuleType | None = None) -> File | None:
        """A parsed file, or None when there is no such source."""
        if path not in self._files:
            self._files[path] = _parsed(path, module)
        return self._files[path]

    def node(self, function: FunctionType) -> Function | None:
        """The tree of a live function; None when its source is gone, changed or cannot be told
        apart.
        """
        code = function.__code__
        if code not in self._nodes:
            module = sys.modules.get(function.__globals__.get("__name__", ""))
            file = self.file(code.co_filename, module)
            self._nodes[code] = _found(file, code) if file else None
        return self._nodes[code]

    def scope(self, node: Scoped) -> Scope:
        scope = self._scopes.get(node)
        if scope is None:
            scope = self._scopes[node] = scope_of(node)
        return scope

    def keep(self, what: str, held: Any, make: Callable[[], T]) -> T:
        """Something read from a live object, made once; the object is held so that its id stays its
        own.
        """
        at = (what, id(held))
        kept = self._kept.get(at)
        if kept is None:
            kept = self._kept[at] = (held, make())
        return kept[1]

    def verb_named(self, node: ast.AST) -> ast.Attribute | None:
        """The first place in a tree where an attribute has a verb's name."""
        verbs = self.verbs
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute) and inner.attr in verbs:
                return inner
        return None


def _parsed(path: str, module: ModuleType | None) -> File | None:
    try:
        with open(path, "rb") as file:
            text: bytes | str = file.read()
    except OSError:  # no such file: generated code, or a package in an archive
        get_source = getattr(getattr(module, "__loader__", None), "get_source", None)
        found = get_source(getattr(module, "__name__", "")) if get_source else None
        if found is None or path.startswith("<"):
            return None
        text = found
    try:
        return File(ast.parse(text, path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _found(file: File, code: CodeType) -> Function | None:
    if code.co_name == "<lambda>":
        near = [node for node in file.lambdas.get(code.co_firstlineno, []) if _is_of(node, code)]
        return near[0] if len(near) == 1 else _by_column(near, code)
    node = file.functions.get((code.co_firstlineno, code.co_name))
    return node if node is not None and _is_of(node, code) else None


def _is_of(node: Function, code: CodeType) -> bool:
    """Whether the parameters agree: a file that was changed since its import says another."""
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 4) + bool(code.co_flags & 8)  # *args, **kwargs
    return [one.arg for one in parameters(node)] == list(code.co_varnames[:count])


def _by_column(near: list[ast.Lambda], code: CodeType) -> ast.Lambda | None:
    """Several lambdas begin on one line: the one whose body holds every instruction and is
    smallest.
    """
    places = [
        (line, column)
        for line, _, column, _ in code.co_positions()
        if line is not None and column is not None and (line, column) != (code.co_firstlineno, 0)
    ]
    if not places:
        return None
    holding = [
        node
        for node in near
        if (node.body.lineno, node.body.col_offset) <= min(places)
        and max(places) <= (node.body.end_lineno or 0, node.body.end_col_offset or 0)
    ]
    return max(holding, key=lambda node: (node.body.lineno, node.body.col_offset), default=None)
