"""Which functions of the app change what outlives a call: module names, attributes, contents of
containers. A function that reads such a thing trusts it only when the writers are read as well.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from msgspec import Struct

from ..resources.resource import Resource
from .registration import Registrations
from .scope import Function, Scope, parameters, scope_of

# The live object's own initialization is over when the app is imported.
FIRST = {"__init__", "__post_init__", "__new__", "__init_subclass__", "__set_name__"}
FILLING = {"append", "add", "insert", "extend", "update", "setdefault", "appendleft", "put_nowait"}
MOVING = {"sort", "reverse", "rotate", "pop", "popleft", "insert", "remove", "appendleft", "clear"}
CONTAINERS = (list, dict, set, deque)


class Writer(Struct, frozen=True, eq=False):
    """A function that sets an attribute: of its own object, of a known one, or of any."""

    function: ast.AST
    of_class: str = ""
    of_object: Any = None
    is_on_class: bool = False  # it sets an attribute of the class itself

    def may_be(self, value: object) -> bool:
        """Whether it may be this object whose attribute is set."""
        if self.of_object is not None:
            return self.of_object is value
        if not self.of_class:
            return True
        kind = value if isinstance(value, type) else type(value)
        is_alike = self.is_on_class is isinstance(value, type)
        return is_alike and self.of_class in (cls.__name__ for cls in kind.__mro__)

    def may_change(self, container: object, owner: object) -> bool:
        """Whether it may be this container, an attribute of that owner, that is changed."""
        if self.of_object is not None:
            return self.of_object is container
        kind = owner if isinstance(owner, type) else type(owner)
        return not self.of_class or self.of_class in (cls.__name__ for cls in kind.__mro__)


class Writers:
    __slots__ = ("attributes", "contents", "moves", "names")

    def __init__(self) -> None:
        self.names: dict[tuple[Any, str], list[ast.AST]] = {}
        self.attributes: dict[str, list[Writer]] = {}
        # Containers that are filled, or moved about: by their last name.
        self.contents: dict[str, list[Writer]] = {}
        self.moves: dict[str, list[Writer]] = {}

    def read(self, modules: list[tuple[ModuleType, ast.Module]]) -> None:
        registrations = Registrations(modules)
        for module, tree in modules:
            path = str(getattr(module, "__file__", ""))
            for function, outer, around in _functions(tree, (), ""):
                if not registrations.is_over(path, function, outer, around):
                    _Reading(self, module, function, around).note_all()


class _Reading:
    """One function: what it stores where."""

    def __init__(
        self, writers: Writers, module: ModuleType, function: Function, around: str
    ) -> None:
        self.writers, self.module, self.function, self.around = writers, module, function, around
        self.scope: Scope = scope_of(function)
        first = next(iter(parameters(function)), None)
        self.me = first.arg if first is not None and around else None

    def note_all(self) -> None:
        for node in _own_nodes(self.function):
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        for target, value in _stores(node):
            if not _is_plain(value):
                self._stored(target)
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in MOVING:
            self._changed(called.value, self.writers.moves)

    def _stored(self, target: ast.expr) -> None:
        writers, function = self.writers, self.function
        match target:
            case ast.Name(id=name) if name in self.scope.elsewhere:
                writers.names.setdefault((self.module.__name__, name), []).append(function)
            case ast.Attribute(value=owner, attr=name):
                writer = self._writer(owner)
                if writer is not None:
                    writers.attributes.setdefault(name, []).append(writer)
            case ast.Subscript(value=owner):
                self._changed(owner, writers.contents)
            case _:
                pass

    def _changed(self, container: ast.expr, table: dict[str, list[Writer]]) -> None:
        """Note a container as changed: a known one, one of its own object, or any of that name."""
        name = _last_name(container)
        if isinstance(container, ast.Name) and name in self.scope.names:
            return
        held = self._live(container)
        if isinstance(held, Resource) and not isinstance(held, CONTAINERS):
            return  # to update a table fills nothing here
        is_mine = isinstance(container, ast.Attribute) and _last_name(container.value) == self.me
        of_class = self.around if is_mine else ""
        table.setdefault(name, []).append(Writer(self.function, of_class, held))

    def _live(self, node: ast.expr) -> Any:
        """The object that a name, or an attribute of a name, stands for; None when it cannot be
        told.
        """
        if isinstance(node, ast.Name) and node.id not in self.scope.names:
            return vars(self.module).get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._live(node.value)
            kinds = owner.__mro__ if isinstance(owner, type) else type(owner).__mro__
            for names in (getattr(owner, "__dict__", {}), *(vars(kind) for kind in kinds)):
                if owner is not None and node.attr in names:
                    return names[node.attr]
        return None

    def _writer(self, owner: ast.expr) -> Writer | None:
        if not isinstance(owner, ast.Name):
            return Writer(self.function)
        if owner.id == self.me:
            is_first = getattr(self.function, "name", "") in FIRST
            on_class = "classmethod" in map(
                _last_name, getattr(self.function, "decorator_list", ())
            )
            writer = Writer(self.function, of_class=self.around, is_on_class=on_class)
            return None if is_first and not on_class else writer
        if owner.id not in self.scope.names:
            return Writer(self.function, of_object=vars(self.module).get(owner.id))
        return None if self._is_made_here(owner.id) else Writer(self.function)

    def _is_made_here(self, name: str) -> bool:
        """Whether a local name only ever holds what this function made of a class."""
        values = [
            value
            for node in _own_nodes(self.function)
            for target, value in _stores(node)
            if isinstance(target, ast.Name) and target.id == name
        ]
        is_given = name in (one.arg for one in parameters(self.function))
        return bool(values) and not is_given and all(map(self._makes, values))

    def _makes(self, value: ast.expr | None) -> bool:
        if not isinstance(value, ast.Call):
            return False
        called = value.func.value if isinstance(value.func, ast.Subscript) else value.func
        if not isinstance(called, ast.Name):
            return False
        if called.id in self.scope.names:
            return any(
                isinstance(node, ast.ClassDef) and node.name == called.id
                for node in _own_nodes(self.function)
            )
        return isinstance(vars(self.module).get(called.id), type)


def _functions(
    node: ast.AST, outer: tuple[ast.AST, ...], around: str
) -> Iterator[tuple[Function, tuple[ast.AST, ...], str]]:
    """Every function, with those it is nested in and the class it stands in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child, outer, around
            yield from _functions(child, (*outer, child), "")
        else:
            inner = child.name if isinstance(child, ast.ClassDef) else around
            yield from _functions(child, outer, inner)


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions in it."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _stores(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Targets with what is stored; filling a container is like storing under a key of it."""
    match node:
        case ast.Assign():
            for target in node.targets:
                spread = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                yield from ((one, node.value) for one in spread)
        case ast.AnnAssign() | ast.AugAssign() | ast.NamedExpr():
            yield node.target, node.value
        case ast.For() | ast.AsyncFor():
            yield node.target, None
        case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in FILLING:
            for value in (*node.args, *(one.value for one in node.keywords)):
                yield ast.Subscript(owner, ast.Constant(None), ast.Store()), value
        case _:
            pass


def _is_plain(value: ast.expr | None) -> bool:
    """Whether a value is made of constants alone."""
    if value is None:
        return False
    return not any(
        isinstance(inner, ast.Name | ast.Attribute | ast.Call | ast.Lambda)
        for inner in ast.walk(value)
    )
