"""Handing values to code outside the app. A resource is refused; a function is read as if called
with data, and what it returns is handed over, too; of an object the receiver may call methods.
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
from .held import dead_letters, held
from .hint import is_record
from .lookup import find, found_in, has_foreign_base, is_inside, is_own, order
from .protocol import awaited
from .reach import methods, reaches
from .refusal import ANY, for_resource
from .values import (
    FROM_OUTSIDE,
    ONLY_DATA,
    Atom,
    Closure,
    Instance,
    Item,
    Known,
    Method,
    Partial,
    Pending,
    Perhaps,
    Values,
    kind_of,
    one,
)

FINDING = ("operator.", "_operator.")
CALLABLES = (Closure, Method, Partial)


def hand_over(frame: Frame, values: Values, receiver: str, node: ast.AST) -> None:
    """`receiver` is the qualified name of what gets them."""
    if values - ONLY_DATA:
        _Handing(frame, node, receiver).over(values)


class _Handing:
    """One handing over: to whom, where, and whether the receiver may call methods of it."""

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
        elif isinstance(atom, Perhaps):
            self.over(one(atom.of))
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
            self._function(atom)
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

    def _function(self, atom: Known) -> None:
        """A declared one may be asked for its dead letters, too, or be started: by a stranger, and
        by what finds attributes.
        """
        letters = dead_letters(atom.object)
        if letters is not None and (self.is_stranger or self.receiver.startswith(FINDING)):
            self._refuse(letters)
        if held(self.frame.walk.source, atom.object).functions:
            self._callback(atom)

    def _is_harmless(self, atom: Known) -> bool:
        found = held(self.frame.walk.source, atom.object)
        inside = map(dead_letters, found.functions) if self.is_stranger else ()
        resources = [*found.resources, *filter(None, inside)]
        if resources:
            self._refuse(resources[0])
        return not resources

    def _object(self, atom: Instance | Item | Known) -> None:
        """What an object holds is handed over with it, and its methods may be called."""
        frame = self.frame
        if isinstance(atom, Instance):
            for at, values in list(frame.walk.store.now.items()):
                if at[0] == atom.address:
                    self.over(values)
        if find(frame, atom, "__call__"):
            self._callback(atom)
        cls = kind_of(atom.object) if isinstance(atom, Known) else atom.cls
        source = frame.walk.source
        is_derived = has_foreign_base(source, cls)
        is_record_s = isinstance(cls, type) and is_record(source, cls)
        may_ask = not is_record_s and (self.is_stranger or self._is_base_s(cls))
        for name, method in methods(frame, atom, self.node) if is_derived or may_ask else ():
            if is_derived and self._is_expected(cls, name):
                self._callback(method)  # the library's class calls it, as Thread.start calls run
            elif may_ask and reaches(frame, [method], self.node):
                self._refuse_all(f"an object whose method {name} reaches a verb")
                return

    def _is_base_s(self, cls: Any) -> bool:
        """Whether the receiver belongs to the library that a base of the class comes from."""
        top = self.receiver.split(".")[0]
        source = self.frame.walk.source
        return top != "builtins" and any(
            isinstance(part, type)
            and not source.is_own_class(part)
            and part.__module__.split(".")[0] == top
            for part in order(cls)
        )

    def _is_expected(self, cls: Any, name: str) -> bool:
        """Whether a base from a library has a method of this name."""
        own = found_in(self.frame, cls, name)
        while own is not None and is_inside(self.frame.walk.source, own[0]):
            own = found_in(self.frame, cls, name, after=own[0])
        return own is not None and own[0] is not object

    def _callback(self, atom: Atom) -> None:
        """It may be called at any time, with data; what it returns goes to the receiver."""
        frame, node = self.frame, self.node

        def called() -> Values:
            result = awaited(frame, frame.call(one(atom), FROM_OUTSIDE, node), node)
            self.over(result)
            return result

        called()
        frame.walk.defer(called)

    def _refuse(self, resource: Resource) -> None:
        reason = f"{resource.name} is handed to code outside the app ({self.receiver})"
        self.frame.refuse(self.node, reason, for_resource(resource))

    def _refuse_all(self, what: str) -> None:
        reason = f"{what} is handed to code outside the app ({self.receiver})"
        self.frame.refuse(self.node, reason, ANY)
