"""Code outside the app. What it is given, it may use: a resource is refused, a function is read as if called
with data. It holds no resource that it was not given, so what it returns is data.
"""

from __future__ import annotations

import ast
import sys
from types import FunctionType, MethodType, ModuleType
from typing import Any

from ..function import Function
from ..resources.resource import Resource
from .container import entries, is_container
from .frame import Frame
from .held import held
from .hint import is_record
from .lookup import find, is_own
from .refusal import ANY, for_resource
from .values import (
    FROM_OUTSIDE,
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Closure,
    Container,
    Data,
    Instance,
    Item,
    Known,
    Method,
    Partial,
    Pending,
    Values,
    data_of,
    one,
    unknown,
)

# They find objects that nobody gave them.
SEEING = ("gc", "inspect", "ctypes", "_ctypes", "sys._getframe", "sys._current_frames")
SEEING += ("_pickle.loads", "_pickle.load", "_pickle.Unpickler", "marshal.loads", "shelve.open")
CALLABLES = (Closure, Method, Partial)


class Handing:
    """One handing over: to whom, where, and whether the receiver may call methods of what it gets."""

    __slots__ = ("frame", "is_stranger", "node", "receiver", "seen")

    def __init__(self, frame: Frame, node: ast.AST, receiver: str) -> None:
        self.frame, self.node, self.receiver = frame, node, receiver
        top = receiver.split(".")[0]
        self.is_stranger = top not in sys.stdlib_module_names and top not in ("msgspec", "skylift")
        self.seen: set[Atom] = set()

    def over(self, values: Values) -> None:
        for atom in values - self.seen:
            self.seen.add(atom)
            self._atom(atom)

    def _atom(self, atom: Atom) -> None:
        if is_container(atom):
            self._container(atom)
        elif isinstance(atom, Known):
            self._live(atom)
        elif isinstance(atom, CALLABLES):
            self._callback(atom)
        elif isinstance(atom, Pending):
            self.over(atom.result)
        elif isinstance(atom, Instance | Item):
            self._object(atom)

    def _container(self, atom: Atom) -> None:
        if isinstance(atom, Known) and not self._is_harmless(atom):
            return
        inside = entries(self.frame, atom)
        self.over(inside.every() | inside.keys())

    def _live(self, atom: Known) -> None:
        value: Any = atom.object
        source = self.frame.walk.source
        if isinstance(value, Resource):
            self._refuse(value)
        elif isinstance(value, ModuleType):
            if source.is_inside(value.__name__):
                self._refuse_all(f"the module {value.__name__}")
        elif isinstance(value, FunctionType | MethodType | Function):
            if held(source, value).functions:
                self._callback(atom)
        elif isinstance(value, type):
            return
        elif is_own(source, atom):
            if self._is_harmless(atom):
                self._object(atom)
        else:
            found = held(source, value)
            if found.functions and callable(value):
                self._callback(atom)
            elif found.resources:
                self._refuse(found.resources[0])

    def _is_harmless(self, atom: Known) -> bool:
        found = held(self.frame.walk.source, atom.object)
        if found.resources:
            self._refuse(found.resources[0])
        return not found.resources

    def _object(self, atom: Instance | Item | Known) -> None:
        """An object of the app: what it holds is handed over with it, and its methods may be called."""
        store = self.frame.walk.store
        if isinstance(atom, Instance):
            for at, values in list(store.now.items()):
                if at[0] == atom.address and isinstance(at[1], str):
                    self.over(values)
        if find(self.frame, atom, "__call__"):
            self._callback(atom)
        if self.is_stranger:
            self._methods(atom)

    def _methods(self, atom: Instance | Item | Known) -> None:
        source = self.frame.walk.source
        cls = type(atom.object) if isinstance(atom, Known) else atom.cls
        if not isinstance(cls, type) or is_record(source, cls):
            return
        for part in cls.__mro__:
            for method in vars(part).values() if source.is_own_class(part) else ():
                node = source.node(method) if isinstance(method, FunctionType) else None
                if node is not None and source.verb_named(node):
                    self._refuse_all(f"an object whose method {method.__name__} names a verb")
                    return

    def _callback(self, atom: Atom) -> None:
        """It may be called at any time, with data."""
        frame, node = self.frame, self.node

        def called() -> object:
            return frame.call(one(atom), FROM_OUTSIDE, node)

        called()
        frame.walk.later.append((called, frame.walk.store.growth))

    def _refuse(self, resource: Resource) -> None:
        reason = f"{resource.name} is handed to code outside the app ({self.receiver})"
        self.frame.refuse(self.node, reason, for_resource(resource))

    def _refuse_all(self, what: str) -> None:
        reason = f"{what} is handed to code outside the app ({self.receiver})"
        self.frame.refuse(self.node, reason, ANY)


def hand_over(frame: Frame, values: Values, receiver: str, node: ast.AST) -> None:
    if values - ONLY_DATA:
        Handing(frame, node, receiver).over(values)


def call_foreign(frame: Frame, receiver: str, arguments: Arguments, node: ast.AST) -> Values:
    """The result of a call of code outside the app: data, and items of the classes it was given."""
    given = arguments.every()
    hand_over(frame, given, receiver, node)
    if receiver.split(".")[0] in SEEING or receiver in SEEING:
        return unknown(f"what {receiver} finds")
    return data_of(classes_in(frame, given)) if given - ONLY_DATA else ONLY_DATA


def classes_in(frame: Frame, values: Values) -> frozenset[type]:
    """The app's classes that a foreign function can make something of when it is given these."""
    source = frame.walk.source
    found: set[type] = set()
    for atom in values:
        match atom:
            case Data():
                found |= atom.classes
            case Item():
                found.add(atom.cls)
            case Instance() if isinstance(atom.cls, type):
                found.add(atom.cls)
            case Known():
                found |= held(source, atom.object).classes
                kind = atom.object if isinstance(atom.object, type) else type(atom.object)
                found |= {kind} if source.is_own_class(kind) else set[type]()
            case Container():
                found |= classes_in(frame, entries(frame, atom).every() - values)
            case _:
                pass
    return frozenset(found)


def carried(frame: Frame, values: Values, depth: int = 3) -> Values:
    """The resources and functions of the app among these values, and inside them."""
    found: set[Atom] = set()
    for atom in values:
        if isinstance(atom, CALLABLES) or (isinstance(atom, Known) and _matters(frame, atom)):
            found.add(atom)
        elif depth and isinstance(atom, Container):
            found |= carried(frame, entries(frame, atom).every(), depth - 1)
        elif depth and isinstance(atom, Instance):
            found |= carried(frame, _stored(frame, atom), depth - 1)
    return frozenset(found)


def _matters(frame: Frame, atom: Known) -> bool:
    found = held(frame.walk.source, atom.object)
    return bool(found.resources or found.functions)


def _stored(frame: Frame, atom: Instance) -> Values:
    items = frame.walk.store.now.items()
    return NOTHING.union(*(values for at, values in items if at[0] == atom.address))
