"""Functions that have run for the last time when the app is imported: they register something, and
are named only where a module calls them or decorates with them. What they write is as it stays.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from functools import cached_property
from types import FunctionType, ModuleType

from .scope import FUNCTIONS, listed, scope_of

AT_IMPORT = {"__init_subclass__", "__set_name__"}
MAKING = {"__init__", "__new__", "__post_init__"}
HARMLESS = {"classmethod", "staticmethod"}  # decorators


class Registrations:
    """Names that code may use after the import, and the functions that are alive."""

    def __init__(self, modules: list[tuple[ModuleType, ast.Module]]) -> None:
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self._paths: set[str] = set()
        for module, tree in modules:
            self._paths.add(str(getattr(module, "__file__", "")))
            self._read(tree)

    @cached_property
    def alive(self) -> set[tuple[str, int, str]]:
        """Looked for once somebody asks: that goes through all objects of the process."""
        return {
            (code.co_filename, code.co_firstlineno, code.co_name)
            for code in (one.__code__ for one in gc.get_objects() if type(one) is FunctionType)
            if code.co_filename in self._paths
        }

    def is_over(
        self, path: str, function: ast.AST, outer: tuple[ast.AST, ...], around: str
    ) -> bool:
        """Whether a function, nested in those outside it and perhaps in a class, cannot run any
        more.
        """
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        if outer:
            line = min([function.lineno, *(one.lineno for one in function.decorator_list)])
            if (path, line, function.name) in self.alive:
                return False
            return self.is_over(path, outer[-1], outer[:-1], "")
        if function.name in AT_IMPORT:
            return True
        names = {one.id for one in function.decorator_list if isinstance(one, ast.Name)}
        if len(names) < len(function.decorator_list) or names - HARMLESS:
            return False
        if function.name.startswith("__"):
            return function.name in MAKING and bool(around) and not self._is_used(around)
        return not self._is_used(function.name)

    def _is_used(self, name: str) -> bool:
        return name in self.names or name in self.attributes

    def _read(self, tree: ast.Module) -> None:
        called: set[ast.AST] = set()
        for node, local in _nodes(tree):
            is_inside = local is not None
            match node:
                case ast.ImportFrom():
                    renamed = (one for one in node.names if one.asname not in (None, one.name))
                    self.names.update(one.name for one in renamed)
                case ast.Call() if not is_inside:
                    called.add(node.func)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if not is_inside:
                    called.update(node.decorator_list)
                case ast.Name(id=name) if node not in called and name not in (local or ()):
                    self.names.add(name)
                case ast.Attribute() if node not in called:
                    self.attributes.add(node.attr)
                case ast.Constant(value=str() as text) if is_inside:
                    self.attributes.add(text)
                case _:
                    pass


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.AST, frozenset[str] | None]]:
    """Every node but annotations, outer ones first; those in the body of a function with the names
    that are bound there.
    """
    waiting: list[tuple[ast.AST, frozenset[str] | None]] = [(tree, None)]
    while waiting:
        node, local = waiting.pop()
        yield node, local
        for field, held in ast.iter_fields(node):
            if field in ("annotation", "returns"):
                continue
            inner = local
            if field == "body" and isinstance(node, FUNCTIONS):
                inner = (local or frozenset()) | scope_of(node).names
            parts = listed(held) if isinstance(held, list) else [held]
            waiting += [(part, inner) for part in parts if isinstance(part, ast.AST)]
