"""What an annotation promises: data, items of the app's classes, or nothing that helps. Handlers
get decoded input, so an annotation of the app's own class there says which methods can be reached.
"""

from __future__ import annotations

import ast
import sys
import types
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeGuard

from msgspec import Struct

from ..function import Function
from ..resources.resource import Resource
from .source import Source
from .values import NONE, NOTHING, ONLY_DATA, Item, Plain, Values, data_of, one

# Bare, these may hold anything; so may what has such a type.
OPEN = (list, dict, tuple, set, frozenset, object, type, Callable)
OPEN_MODULES = ("collections.abc", "typing", "collections", "types")
EVALUATION = (NameError, AttributeError, TypeError, SyntaxError, LookupError, ValueError)


def annotated(node: ast.expr, names: dict[str, Any], local: dict[str, Any]) -> Any:
    """The object an annotation stands for, or None when that cannot be told."""
    try:
        return eval(compile(ast.Expression(node), "<annotation>", "eval"), names, local)
    except EVALUATION:
        return None


def promised(source: Source, names: dict[str, Any], name: str) -> Values | None:
    """What a module's annotation says of a name, when it says data."""
    hint = names.get("__annotations__", {}).get(name)
    return None if hint is None else Hints(source, False).shape(hint, names)


class Hints(Struct, frozen=True):
    """Reads types. `is_data`: what they annotate is known to be data, so the question is only of
    which classes.
    """

    source: Source
    is_data: bool

    def shape(self, hint: Any, names: dict[str, Any]) -> Values | None:
        """The values of a type that can hold no resource; None when it might hold one."""
        if hint is None or hint is type(None):
            return NONE
        if isinstance(hint, str | typing.ForwardRef):
            return self._quoted(hint, names)
        arguments: tuple[Any, ...] = getattr(hint, "__args__", ()) or ()
        origin = getattr(hint, "__origin__", None)
        if hasattr(hint, "__metadata__"):  # Annotated
            return self.shape(origin, names)
        if origin is typing.Literal:
            return ONLY_DATA
        if isinstance(hint, types.UnionType) or origin is typing.Union:
            return self._either(arguments, names)
        for wrapped in ("__supertype__", "__value__"):  # NewType; type X = …
            if hasattr(hint, wrapped):
                return self.shape(getattr(hint, wrapped), names)
        if origin is not None:
            return self._parametrized(origin, arguments, names)
        return self._of_class(hint) if isinstance(hint, type) else self._open()

    def _open(self) -> Values | None:
        return ONLY_DATA if self.is_data else None

    def _quoted(self, hint: Any, names: dict[str, Any]) -> Values | None:
        text: str = hint if isinstance(hint, str) else hint.__forward_arg__
        try:
            node = ast.parse(text, mode="eval").body
        except SyntaxError:
            return self._open()
        found = annotated(node, names, {})
        return self._open() if found is None and text != "None" else self.shape(found, names)

    def _either(self, hints: tuple[Any, ...], names: dict[str, Any]) -> Values | None:
        shapes = [self.shape(hint, names) for hint in hints]
        found = [values for values in shapes if values is not None]
        return NOTHING.union(*found) if len(found) == len(shapes) else None

    def _parametrized(
        self, origin: Any, arguments: tuple[Any, ...], names: dict[str, Any]
    ) -> Values | None:
        if origin is Callable or not is_plain_class(origin):
            return self._open()
        inner = self._either(tuple(part for part in arguments if part is not Ellipsis), names)
        if inner is None:
            return None
        own = self._of_class(origin) if self.source.is_own_class(origin) else NOTHING
        return None if own is None else own | data_of(classes_of(inner))

    def _of_class(self, cls: type[Any]) -> Values | None:
        if issubclass(cls, Resource | Function) or cls in OPEN or cls.__module__ in OPEN_MODULES:
            return self._open()
        if not self.source.is_own_class(cls):
            return ONLY_DATA
        return one(Item(cls)) if self.is_data or is_record(self.source, cls) else None


def is_plain_class(value: Any) -> TypeGuard[type[Any]]:
    return isinstance(value, type) and not issubclass(value, type)


def is_named_tuple(value: Any) -> TypeGuard[type[Any]]:
    return isinstance(value, type) and issubclass(value, tuple)


def classes_of(values: Values) -> frozenset[type]:
    """The classes of the app that these may be, or hold."""
    found: set[type] = set()
    for atom in values:
        if isinstance(atom, Plain):
            found |= atom.classes
        elif isinstance(atom, Item):
            found.add(atom.cls)
    return frozenset(found)


def is_record(source: Source, cls: type[Any]) -> bool:
    """A class of the app whose fields are all data: a Struct, a dataclass, an enum, an error."""
    if not source.busy:
        return source.keep("record", cls, lambda: _is_record(source, cls))
    return _is_record(source, cls)


def _is_record(source: Source, cls: type[Any]) -> bool:
    if issubclass(cls, Enum | BaseException) or cls in source.busy:
        return True  # a field of its own class does not make it less of a record
    source.busy.add(cls)
    try:
        found = fields(source, cls)
        return bool(found) and all(values is not None for values in found.values())
    finally:
        source.busy.discard(cls)


def fields(source: Source, cls: type[Any]) -> dict[str, Values | None]:
    """The annotated fields of a class in order, with what they can be; None when they may be
    anything.
    """
    if cls in source.busy:
        return _fields(Hints(source, False), cls)
    return source.keep("fields", cls, lambda: _fields(Hints(source, False), cls))


def item_fields(source: Source, cls: type[Any]) -> dict[str, Values | None]:
    """The same of an instance that came from outside."""
    return source.keep("item fields", cls, lambda: _fields(Hints(source, True), cls))


def _fields(hints: Hints, cls: type[Any]) -> dict[str, Values | None]:
    found: dict[str, Values | None] = {}
    for part in reversed(cls.__mro__):
        if not hints.source.is_own_class(part):
            continue
        module = sys.modules.get(part.__module__)
        names = {**vars(module), part.__name__: part} if module else {part.__name__: part}
        try:
            annotations: dict[str, Any] = dict(part.__annotations__)
        except EVALUATION:
            continue
        for name, hint in annotations.items():
            if "ClassVar" not in str(hint):
                found[name] = hints.shape(hint, names)
    return found
