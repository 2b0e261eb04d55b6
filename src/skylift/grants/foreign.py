"""Code outside the app. It holds no resource that it was not given, so what it returns is data, or
an object of the app that it was given or told how to make.
"""

from __future__ import annotations

import ast

from ..resources.resource import Resource
from .container import entries
from .frame import Frame
from .hand import CALLABLES, hand_over
from .held import dead_letters, held
from .hint import is_record
from .values import (
    FROM_OUTSIDE,
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Container,
    Instance,
    Item,
    Known,
    Perhaps,
    Plain,
    Values,
    View,
    data_of,
    kind_of,
    one,
    unknown,
)

# They find objects that nobody gave them.
SEEING = {
    *("gc", "inspect", "ctypes", "_ctypes", "sys._getframe", "sys._current_frames"),
    *("_pickle.loads", "_pickle.load", "_pickle.Unpickler", "marshal.loads", "shelve.open"),
}


def call_foreign(frame: Frame, receiver: str, arguments: Arguments, node: ast.AST) -> Values:
    """The result of a call of code outside the app."""
    given = arguments.every()
    hand_over(frame, given, receiver, node)
    if receiver.split(".")[0] in SEEING or receiver in SEEING:
        return unknown(f"what {receiver} finds")
    return returned(frame, given, node) if given - ONLY_DATA else ONLY_DATA


def returned(frame: Frame, given: Values, node: ast.AST) -> Values:
    """What can come back from code that was given these."""
    found: set[Atom] = {*ONLY_DATA}
    for atom in given:
        match atom:
            case Plain() | Item() | Perhaps():
                found.add(atom)
            case Instance():
                found.add(Perhaps(atom))
            case Container() | View():
                found |= returned(frame, entries(frame, atom).every() - given, node)
            case Known() if dead_letters(atom.object) is not None:
                found |= unknown("what was made of a function with dead letters")
            case Known():
                found |= _of_live(frame, atom, node)
            case _:
                pass
    return frozenset(found)


def _of_live(frame: Frame, atom: Known, node: ast.AST) -> Values:
    source = frame.walk.source
    classes = held(source, atom.object).classes
    values: Values = NOTHING
    if not isinstance(atom.object, type) and source.is_own_class(kind_of(atom.object)):
        values |= one(Perhaps(atom))
    records = frozenset(cls for cls in classes if is_record(source, cls))
    for cls in classes - records:
        if not issubclass(cls, Resource):
            made = frame.call(one(Known(cls)), FROM_OUTSIDE, node)
            values |= frozenset(Perhaps(one_of) for one_of in made if isinstance(one_of, Instance))
    return values | data_of(records)


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
