"""The part of the store that a call can come to: what its arguments hold, and what that holds. It
is said without addresses, so that two parts that are the same but for where they are made are said
in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, cast

from msgspec import Struct

from .alone import is_alone, stands_alone
from .code import Code
from .frame import Frame, Walk
from .store import Location, State
from .values import (
    Atom,
    Builtin,
    Closure,
    Container,
    Instance,
    Known,
    LocalClass,
    Method,
    Partial,
    Pending,
    Perhaps,
    Values,
    View,
)

EVERY_KEY = None


class Strange(Exception):
    """Something that is more than what it holds."""


class Part:
    """Addresses have the numbers of the order in which they are met; `state` is what they hold."""

    __slots__ = ("_by_address", "_from", "_names", "_walk", "addresses", "kinds", "state")

    def __init__(self, walk: Walk, addresses: Iterable[int] = ()) -> None:
        self._walk, self._from = walk, walk.store.now
        self._by_address: dict[Hashable, list[Location]] | None = None
        self._names: dict[int, frozenset[str] | None] = {}  # only these of a frame
        self.addresses: dict[int, int] = {at: number for number, at in enumerate(addresses)}
        self.kinds: dict[int, Hashable] = {}  # of objects and containers
        self.state: State = {}

    def said(self, values: Values) -> Hashable:
        if stands_alone(values):
            return values
        alone = frozenset(atom for atom in values if is_alone(atom))
        return alone, *map(self.atom, sorted(values - alone, key=_order))

    def said_of(self, several: Iterable[tuple[str, Values]]) -> Hashable:
        return tuple((name, self.said(values)) for name, values in several)

    def atom(self, atom: Atom) -> Hashable:
        if is_alone(atom):
            return atom
        saying = SAYINGS.get(type(atom))
        if saying is None:
            raise Strange
        return saying(self, atom)

    def number(self, address: int, names: frozenset[str] | None = EVERY_KEY) -> int:
        if address not in self.addresses:
            self.addresses[address] = len(self.addresses)
            self._names[address] = names
        return self.addresses[address]

    def code(self, code: Code) -> Hashable:
        if isinstance(code.owner, LocalClass):
            raise Strange
        return code if code.parent is None else (code.node, self.frame(code.parent))

    def frame(self, frame: Frame) -> Hashable:
        """Of a frame, what functions made in it use."""
        number = self.number(frame.address, frame.code.scope.shared)
        return number, frame.weak, self.code(frame.code)

    def inside(self) -> Hashable:
        """What is held at the addresses met so far, and at those that are met on the way."""
        found: list[Hashable] = []
        while self._names:
            address, names = self._names.popitem()
            for at in self._places(address):
                if names is None or at[1] in names:
                    self.state[at] = values = self._from[at]
                    found.append((self.addresses[address], _key(at[1]), self.said(values)))
        return tuple(found)

    def _places(self, address: Hashable) -> list[Location]:
        if self._by_address is None:
            self._by_address = {}
            for at in self._from:
                self._by_address.setdefault(at[0], []).append(at)
        return self._by_address.get(address, [])

    # -- atoms that hold something

    def instance(self, atom: Instance) -> Hashable:
        if isinstance(atom.cls, LocalClass):
            raise Strange
        self.kinds[atom.address] = atom.cls
        return self.number(atom.address), atom.cls

    def container(self, atom: Container) -> Hashable:
        if atom.address in self._walk.deferred:
            raise Strange
        self.kinds[atom.address] = atom.kind
        return self.number(atom.address), atom.kind

    def view(self, atom: View) -> Hashable:
        return self.atom(atom.of), atom.part, atom.node

    def perhaps(self, atom: Perhaps) -> Hashable:
        return "perhaps", self.atom(atom.of)

    def builtin(self, atom: Builtin) -> Hashable:
        return "builtin", atom.name, self.atom(atom.of)

    def method(self, atom: Method) -> Hashable:
        return "method", self.atom(atom.function), self.atom(atom.me)

    def pending(self, atom: Pending) -> Hashable:
        if atom.made >= 0:
            raise Strange
        return "pending", self.said(atom.result)

    def partial(self, atom: Partial) -> Hashable:
        given = tuple(map(self.said, atom.positional))
        named = self.said_of(atom.keywords)
        return "partial", self.atom(atom.function), given, named, self.said(atom.rest)

    def closure(self, atom: Closure) -> Hashable:
        if self._places(atom.code):
            raise Strange
        return "closure", self.code(atom.code), self.said_of(atom.defaults)


SAYINGS: dict[type, Callable[[Part, Any], Hashable]] = {
    Instance: Part.instance,
    Container: Part.container,
    View: Part.view,
    Perhaps: Part.perhaps,
    Builtin: Part.builtin,
    Method: Part.method,
    Pending: Part.pending,
    Partial: Part.partial,
    Closure: Part.closure,
}


def _order(atom: Atom) -> tuple[str, int]:
    """Any order will do; this one is the same for parts that were made in the same order."""
    return type(atom).__name__, getattr(atom, "address", 0)


def _key(key: Hashable) -> Hashable:
    if isinstance(key, Struct) and not is_alone(cast(Atom, key)):
        raise Strange
    return key


def moved(values: Values, to: Mapping[int, int]) -> Values:
    """The same with other addresses."""
    return values if stands_alone(values) else frozenset(_moved(atom, to) for atom in values)


def _moved(atom: Atom, to: Mapping[int, int]) -> Atom:
    match atom:
        case Instance():
            return Instance(to[atom.address], atom.cls)
        case Container():
            return Container(to[atom.address], atom.kind)
        case Perhaps():
            return Perhaps(cast("Instance | Known", _moved(atom.of, to)))
        case Builtin():
            return Builtin(atom.name, _moved(atom.of, to))
        case Method():
            return Method(_moved(atom.function, to), _moved(atom.me, to))
        case Pending():
            return Pending(moved(atom.result, to))
        case _ if is_alone(atom):
            return atom
        case _:
            raise Strange
