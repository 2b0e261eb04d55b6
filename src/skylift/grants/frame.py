"""A call being read: its code, its names, what it returned so far. The walk is what all frames
share.

The rules that read statements, calls and attributes call each other in every direction; they meet
in `Rules`, so that their files import only downwards.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any

from msgspec import Struct

from .code import Code, Loop, Watch
from .hint import promised
from .refusal import refusal
from .source import Source
from .store import ANYWHERE, EVERYTHING, MOVED, Later, State, Store, live, present
from .traces import Traces
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Atom,
    Cls,
    Const,
    Known,
    Values,
    literal,
    one,
    unknown,
)
from .writer import Writer

STEPS_MAX = 60_000  # expressions read for one function


class Rules(Struct, frozen=True):
    evaluate: Callable[[Frame, ast.expr], Values]
    block: Callable[[Frame, list[ast.stmt]], list[State]]
    call: Callable[[Frame, Values, Arguments, ast.AST], Values]
    load: Callable[[Frame, Values, str, ast.AST], Values]


class Walk:
    """One function being read."""

    def __init__(
        self,
        source: Source,
        rules: Rules,
        before: set[ast.AST] | None = None,
        *,
        shares: bool = True,
    ) -> None:
        self.source, self.rules = source, rules
        self.shares = shares  # what calls came to, with other walks
        self.before = before  # what the pass before this one read
        self.kept: State = {}  # what outlives a call, as the pass before left it
        self.store = Store()
        self.addresses: dict[Hashable, int] = {}
        self.variants: dict[int, dict[Hashable, int]] = {}
        self.codes: dict[Hashable, Code] = {}
        self.active: dict[Hashable, bool] = {}  # calls being read; True once one met itself
        self.running: list[Frame] = []
        self.results: dict[Hashable, Values] = {}
        self.watchers: list[Watch] = []
        self.later: list[Later] = []
        self.deferred: dict[int, Later] = {}  # by generator or coroutine
        self.harmless: dict[int, tuple[bool, Traces]] = {}  # foreign objects that can be left out
        self.steps = 0
        self.read: dict[Hashable, tuple[Values, Traces]] = {}  # calls that are the same each time
        self.used = set[object]()  # outcomes of calls that were read before
        self.deepest = 0  # how many calls were read one inside the other
        self.found: dict[Hashable, tuple[tuple[Cls, Values] | None, Traces]] = {}  # by live class
        self.unsettled = 0  # how many results were taken before they were known for good
        self.deferrals = 0
        self.looping = 0  # how many loops are read that may turn any number of times

    @property
    def traces(self) -> Traces:
        return self.store.traces

    def state_of_affairs(self) -> tuple[int, int, int]:
        """It changes when what is read is more than it comes to on the spot."""
        return self.unsettled, self.store.outliving, self.deferrals

    def outermost(self, place: str) -> Frame:
        """The frame of the framework, which calls the handler."""
        node = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(None))
        code = Code(node, self.source.scope(node), place.rpartition(":")[0], {})
        return Frame(self, code, self.address("outermost"))

    def seen(self, names: dict[str, Any], name: str) -> Values:
        """A module's name as it stands after the import, and what functions that were not read may
        make it.
        """
        writers = self.source.writers
        held = names[name]
        self.notice(name, held, promise=promised(self.source, names, name))
        values = one(Known(held))
        module = sys.modules.get(str(names.get("__name__")))
        is_said = self.is_changed_elsewhere(writers.names.get((names.get("__name__"), name), ()))
        if is_said or self.is_set_elsewhere(module, name):
            said = promised(self.source, names, name)
            values |= said or unknown(f"{name} is set by code not read here")
        return values

    def stored(self, names: dict[str, Any], name: str) -> Values:
        """What the code that is read stores under a module's name."""
        keys = (name, Const(str, name), EVERYTHING, ANYWHERE)
        return NOTHING.union(*(self.store.lasting((live(names), key)) for key in keys))

    def defer(self, run: Callable[[], Values], *addresses: int) -> None:
        """Note code that may run later than it is read: when it is asked for, or at the end."""
        self.deferrals += 1
        if self.store.late is None:
            later = self.store.later(run)
            self.later.append(later)
            self.deferred.update(dict.fromkeys(addresses, later))

    def scratch(self) -> Walk:
        """A walk from here that leaves no trace."""
        walk = Walk(self.source, self.rules, self.before, shares=self.shares)
        walk.store.keeps_made = self.store.keeps_made
        walk.store.now, walk.store.history = dict(self.store.now), dict(self.store.history)
        walk.addresses, walk.codes, walk.variants = self.addresses, self.codes, self.variants
        walk.harmless = self.harmless
        mine, outer = walk.traces, self.traces
        mine.trusted, mine.doubted, mine.asked = outer.trusted, outer.doubted, outer.asked
        return walk

    def notice(
        self, name: str, held: object, *, owner: object = None, promise: Values | None = None
    ) -> None:
        """What code that is not read here may do to a live container of this name."""
        writers = self.source.writers
        if self._may_change(writers.contents.get(name, ()), held, owner):
            said = promise or unknown(f"{name} is filled by code not read here")
            self.store.notice((live(held), ANYWHERE), said)
        if self._may_change(writers.moves.get(name, ()), held, owner):
            self.store.notice((live(held), MOVED), ONLY_DATA)

    def _may_change(self, writers: Iterable[Writer], held: object, owner: object) -> bool:
        found = [writer.function for writer in writers if writer.may_change(held, owner)]
        return bool(found) and self.is_changed_elsewhere(found)

    def is_set_elsewhere(self, owner: object, name: str) -> bool:
        """Whether code that is not read here may set this attribute of a live object."""
        noted = self.source.writers.attributes.get(name, ())
        writers = [writer.function for writer in noted if writer.may_be(owner)]
        return bool(writers) and self.is_changed_elsewhere(writers)

    def is_changed_elsewhere(self, writers: Collection[ast.AST]) -> bool:
        """Whether one of these functions is not part of what is read. The first pass trusts and
        takes note.
        """
        if self.before is not None and not self.before.issuperset(writers):
            self.traces.doubted.add(frozenset(writers))
            return True
        self.traces.trusted.update(writers)
        return False

    def address(self, *parts: Hashable) -> int:
        """A number for what was made there, the same each time."""
        return self.addresses.setdefault(parts, len(self.addresses))


class Frame:
    __slots__ = (
        "address",
        "awaited",
        "code",
        "consumed",
        "exits",
        "loops",
        "returns",
        "turn",
        "walk",
        "weak",
        "yields",
    )

    def __init__(self, walk: Walk, code: Code, address: int, *, weak: bool = False) -> None:
        self.walk, self.code, self.address, self.weak = walk, code, address, weak
        self.returns: Values = NOTHING
        self.yields: Values = NOTHING
        self.exits: list[State] = []
        self.loops: list[Loop] = []
        self.turn: tuple[int, ...] = ()  # which turn of the loops that are read turn by turn
        self.awaited: ast.AST | None = None
        self.consumed: ast.AST | None = None  # a generator that is gone when its call has returned

    # -- the rules, said shortly

    def evaluate(self, node: ast.expr) -> Values:
        return self.walk.rules.evaluate(self, node)

    def call(self, callees: Values, arguments: Arguments, node: ast.AST) -> Values:
        return self.walk.rules.call(self, callees, arguments, node)

    def load(self, owners: Values, name: str, node: ast.AST) -> Values:
        return self.walk.rules.load(self, owners, name, node)

    def refuse(self, node: ast.AST, reason: str, remedy: str) -> Values:
        """The result is data, so that one gap is told once."""
        at = (self.code.file, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        if at not in self.walk.traces.refusals:
            self.walk.traces.refusals[at] = refusal(self.code.file, node, reason, remedy)
        return ONLY_DATA

    def place(self, node: ast.AST, *parts: Hashable) -> int:
        """The address of what is made here."""
        return self.walk.address(self.address, node, self.turn, *parts)

    # -- names

    def name(self, name: str) -> Values:
        home = self.home(name)
        if home is not None:
            values, _ = present(self.walk.store.read((home.address, name)))
            if values or not home.code.scope.is_class:
                return values
        elif name in self.code.cells:
            return self._cell(name)
        return self._global(name)

    def home(self, name: str) -> Frame | None:
        """The frame that binds a name; None for a global, a builtin or a live closure's."""
        if name in self.code.scope.elsewhere:
            return None
        frame: Frame | None = self
        while frame is not None:
            scope = frame.code.scope
            if name in scope.names and (frame is self or not scope.is_class):
                return frame
            frame = frame.code.parent
        return None

    def bind(self, name: str, values: Values) -> None:
        home: Frame | None = self
        while (
            home is not None
            and home.code.scope.is_comprehension
            and name not in home.code.scope.names
        ):
            home = home.code.parent  # a walrus binds outside the comprehension
        assert home is not None
        scope = home.code.scope
        if name in scope.elsewhere:
            self.walk.store.write((live(home.code.globals), name), values)
            return
        if name in scope.outer:
            outer = home.code.parent and home.code.parent.home(name)
            if outer is None:  # a live closure's cell: it may hold what it held, too
                self.walk.store.write((live(home.code.cells[name]), ""), values)
                return
            home = outer
        is_shared = name in scope.shared or home is not self
        self.walk.store.write((home.address, name), values, weak=home.weak, shared=is_shared)

    def _cell(self, name: str) -> Values:
        cell = self.code.cells[name]
        try:
            held = cell.cell_contents
        except ValueError:
            return unknown(f"{name} is not set when the app is imported")
        stored = self.walk.store.lasting((live(cell), ""))
        file = self.walk.source.file(self.code.file)
        if file is None or name not in file.rebound:
            return stored | one(literal(held))
        if self.walk.is_changed_elsewhere(file.rebound[name]):
            stored |= unknown(f"{name} is set by code not read here")
        return stored | one(Known(held))

    def _global(self, name: str) -> Values:
        names = self.code.globals
        stored = self.walk.stored(names, name)
        if name in names:
            return stored | self.walk.seen(names, name)
        if hasattr(builtins, name):
            return stored | one(Known(getattr(builtins, name)))
        return stored or unknown(f"{name} is not set when the app is imported")


def atoms(values: Values, kind: type[Any]) -> list[Atom]:
    return [atom for atom in values if isinstance(atom, kind)]
