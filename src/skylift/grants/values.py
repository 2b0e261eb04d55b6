"""What an expression may be worth, as far as its source tells. A `Values` holds every possibility;
what cannot be told is `Unknown`, never left out. `Plain` is what can hold no resource: it came from
outside.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from msgspec import Struct

if TYPE_CHECKING:
    from .code import Code


class Known(Struct, frozen=True, eq=False):
    """A live object: something the app, or what it imports, made when it was imported."""

    object: Any

    def __eq__(self, other: object) -> bool:
        return type(other) is Known and other.object is self.object

    def __hash__(self) -> int:
        return id(self.object)


class Const(Struct, frozen=True):
    """A constant written in the source. Unlike a live one it cannot be another one tomorrow."""

    kind: type
    value: Hashable


class Plain(Struct, frozen=True, cache_hash=True):
    """Holds no resource; may hold items of these classes of the app."""

    classes: frozenset[type] = frozenset()


class Item(Struct, frozen=True):
    """An instance of a class of the app that was decoded: its fields are data."""

    cls: type


class Unknown(Struct, frozen=True):
    """May be anything, a resource too."""

    reason: str


class Missing(Struct, frozen=True):
    """On another path nothing was stored here."""


class LocalClass(Struct, frozen=True):
    """A class made inside a function; its attributes are in the store, at its address."""

    node: ast.ClassDef
    address: int
    bases: tuple[Cls, ...]


class Instance(Struct, frozen=True):
    """An object made by the code that is read; its attributes are in the store."""

    address: int
    cls: Cls


class Container(Struct, frozen=True):
    """A list, tuple, set, dict, queue or generator made by the code that is read."""

    address: int
    kind: str


class View(Struct, frozen=True):
    """The values, keys or items of a mapping, as they are when they are looked at."""

    of: Container | Known
    part: str
    node: ast.AST


class Perhaps(Struct, frozen=True):
    """Something from outside that may be this object, which code outside the app was given."""

    of: Instance | Known


class Closure(Struct, frozen=True):
    """A function made inside a function."""

    code: Code
    defaults: tuple[tuple[str, Values], ...] = ()


class Method(Struct, frozen=True):
    function: Atom
    me: Atom


class Partial(Struct, frozen=True, cache_hash=True):
    function: Atom
    positional: tuple[Values, ...]
    keywords: tuple[tuple[str, Values], ...]
    rest: Values

    def given(self) -> Values:
        return self.rest.union(*self.positional, *(values for _, values in self.keywords))


class Pending(Struct, frozen=True, cache_hash=True):
    """What an `async def` returns: awaiting gives these. `made` is where, if it may run later."""

    result: Values
    made: int = -1


class BoundVerb(Struct, frozen=True):
    """A verb of a resource; it was granted when it was loaded."""

    resource: Known
    name: str


class Builtin(Struct, frozen=True):
    """A method of the interpreter's own, of the container, generator or class `of`."""

    name: str
    of: Atom


class Wrapped(Struct, frozen=True):
    """property, classmethod, staticmethod and the like around a function made inside a function."""

    kind: str
    function: Atom
    setter: Atom | None = None


class Super(Struct, frozen=True):
    after: Cls
    me: Atom


class Foreign(Struct, frozen=True):
    """An object of the standard library whose methods are known, by kind."""

    kind: str


Cls: TypeAlias = type[Any] | LocalClass
Atom: TypeAlias = (
    Known
    | Const
    | Plain
    | Item
    | Perhaps
    | Unknown
    | Missing
    | LocalClass
    | Instance
    | Container
    | View
    | Closure
    | Method
    | Partial
    | Pending
    | BoundVerb
    | Builtin
    | Wrapped
    | Super
    | Foreign
)
Values: TypeAlias = frozenset[Atom]

NOTHING: Values = frozenset()
MISSING = Missing()
ONLY_MISSING: Values = frozenset([MISSING])
PLAIN = Plain()
ONLY_DATA: Values = frozenset([PLAIN])
NONE: Values = frozenset([Const(type(None), None)])
TRANSACTION = Foreign("transaction")
CONSTANTS = (str, int, float, bool, bytes, complex, type(None))


class Arguments(Struct, frozen=True):
    """What a call passes; `rest` holds what a star of unknown length may put anywhere."""

    positional: tuple[Values, ...] = ()
    keywords: dict[str, Values] = {}
    rest: Values = NOTHING

    def behind(self, *first: Values) -> Arguments:
        return Arguments((*first, *self.positional), self.keywords, self.rest)

    def at(self, place: int, name: str = "") -> Values:
        """One argument, by place or name; nothing when it is not given."""
        if place < len(self.positional):
            return self.positional[place]
        return self.keywords.get(name, self.rest)

    def after(self, place: int) -> Arguments:
        return Arguments(self.positional[place:], self.keywords, self.rest)

    def every(self) -> Values:
        return self.rest.union(*self.positional, *self.keywords.values())


FROM_OUTSIDE = Arguments(rest=ONLY_DATA)  # what the framework, or code outside the app, passes


def one(atom: Atom) -> Values:
    return frozenset((atom,))


def unknown(reason: str) -> Values:
    return frozenset((Unknown(reason),))


def literal(value: Any) -> Atom:
    """An object met at import as what it is worth: a constant for good, or a live object."""
    kind = kind_of(value)
    return Const(kind, value) if kind in CONSTANTS else Known(value)


def kind_of(value: Any) -> type[Any]:
    return cast("type[Any]", type(value))


def data_of(classes: frozenset[type]) -> Values:
    """Data from outside that may be, or hold, items of these classes."""
    return frozenset((Plain(classes), *map(Item, classes)))


def constant(atom: Atom) -> tuple[bool, Any]:
    """Whether an atom stands for one fixed value that can be a key or a name, and the value."""
    if isinstance(atom, Const):
        return True, atom.value
    held: Any = atom.object if isinstance(atom, Known) else None
    if isinstance(atom, Known) and (kind_of(held) in CONSTANTS or isinstance(held, type | Enum)):
        return True, cast(object, held)
    return False, None


def strings(values: Values) -> list[str] | None:
    """The names these may be, or None when one of them cannot be told."""
    found = [constant(atom) for atom in values]
    names = [value for is_fixed, value in found if is_fixed and isinstance(value, str)]
    return names if len(names) == len(values) else None
