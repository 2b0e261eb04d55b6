"""What reading some code leaves behind besides its result, and what of the world around it that
reading looked at: with both, it can be said of another place what reading there would have done.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable

from .calls import Calls
from .refusal import Refusal
from .values import NOTHING, Values

Place = tuple[Hashable, Hashable]  # of the store


class Traces:
    __slots__ = (
        "asked",
        "doubted",
        "lasting",
        "nested",
        "noticed",
        "refusals",
        "trusted",
        "verbs",
        "visited",
        "written",
    )

    def __init__(self) -> None:
        self.verbs = Calls()
        self.visited: set[ast.AST] = set()
        self.nested: dict[ast.AST, tuple[str, str]] = {}  # functions made by functions: file, name
        self.refusals: dict[Hashable, Refusal] = {}
        self.trusted: set[ast.AST] = set()  # functions whose writing is seen, as they are read
        self.doubted: set[frozenset[ast.AST]] = set()  # one of each is not read
        self.asked: set[Hashable] = set()  # live objects: what the code made them hold
        self.noticed: dict[Place, Values] = {}  # what code that is not read may make them hold
        self.lasting: dict[Place, Values] = {}  # what was stored in them
        self.written: set[Hashable] = set()  # addresses of one walk

    def absorb(self, other: Traces) -> None:
        """As if what the other was left by had been read here."""
        self.asked |= other.asked
        if other.trusted:
            self.trusted |= other.trusted
        if other.doubted:
            self.doubted |= other.doubted
        if other.noticed:
            self.noticed |= other.noticed
        self.visited |= other.visited
        self.nested |= other.nested
        self.verbs.absorb(other.verbs)
        self.refusals = {**other.refusals, **self.refusals}
        for at, values in other.lasting.items():
            self.lasting[at] = self.lasting.get(at, NOTHING) | values
