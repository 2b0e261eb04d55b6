"""What every location holds at this point of the reading. A location is an address (a frame, an
object made by the code, a live object) and a key in it; a state is a plain mapping, so a branch is
a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Set
from itertools import compress
from operator import is_not
from typing import Any, TypeAlias

from msgspec import Struct

from .alone import stands_alone
from .traces import Traces
from .values import MISSING, NOTHING, ONLY_MISSING, Values

Location: TypeAlias = tuple[Hashable, Hashable]
State: TypeAlias = dict[Location, Values]

ANYWHERE = ("anywhere",)  # the key, in a container, of what has no known key

EVERYTHING = "*"  # the attribute under which names that cannot be told are stored
MOVED = ("moved",)  # a key: positions are no longer exact


class Later(Struct, eq=False):
    """Code that runs some time after this point: where it began, and how to read it."""

    run: Callable[[], Values]
    base: State
    since: int


class Store:
    """`now` is the state on the path that is read. What a live object holds outlives the call:
    `history` has all that it ever held. What frames share with functions made in them is logged,
    for code that runs later: it may find anything that was stored since.
    """

    __slots__ = (
        "changes",
        "history",
        "keeps_made",
        "late",
        "log",
        "now",
        "outliving",
        "own",
        "traces",
    )

    def __init__(self) -> None:
        self.now: State = {}
        self.history: State = {}
        self.log: dict[Location, list[tuple[int, Values]]] = {}
        self.changes = 0
        self.outliving = 0  # changes of what outlives a call
        self.late: Later | None = None
        self.keeps_made = False  # whether a live object was made to hold one of the code's own
        self.traces = Traces()
        self.own: set[Hashable] = set()  # addresses of the frames that are being read

    def read(self, at: Location) -> Values | None:
        if self.late is None or at[0] in self.own:
            return self.now.get(at)
        found = self.late.base.get(at)
        for change, values in reversed(self.log.get(at, ())):
            if change <= self.late.since:
                break
            found = values if found is None else found | values
        return found

    def write(
        self, at: Location, values: Values, *, weak: bool = False, shared: bool = True
    ) -> None:
        """Weak: what was there may be there still. Shared: code that runs at another time reads it
        too.
        """
        self.traces.written.add(at[0])
        old = self.now.get(at)
        if weak and old is not None:
            values |= old
        self.now[at] = values
        if not shared or values == old:
            return
        values -= ONLY_MISSING
        self.changes += 1
        self.log.setdefault(at, []).append((self.changes, values))
        if isinstance(at[0], tuple):  # of a live object
            held = self.history.get(at, NOTHING)
            self.history[at] = held | values
            self.outliving += not values <= held
            lasting = self.traces.lasting
            lasting[at] = lasting.get(at, NOTHING) | values
            self.keeps_made = self.keeps_made or not stands_alone(values)

    def lasting(self, at: Location) -> Values:
        """What a live object was ever made to hold."""
        self.traces.asked.add(at[0])
        return self.history.get(at, NOTHING)

    def lasting_of(self, addresses: Set[Hashable]) -> State:
        """All that these ever were made to hold."""
        return {at: values for at, values in self.history.items() if at[0] in addresses}

    def notice(self, at: Location, values: Values) -> None:
        """What code that is not read may make a live object hold."""
        self.history[at] = self.traces.noticed[at] = values

    def later(self, run: Callable[[], Values]) -> Later:
        return Later(run, dict(self.now), self.changes)

    def again(self, later: Later) -> Values:
        """Read code at the time it may run; nothing when nothing has changed since it was read."""
        if self.changes == later.since:
            return NOTHING
        before, self.late = self.late, later
        values = later.run()
        self.late = before
        return values

    def forget(self, address: Hashable, keys: Iterable[Hashable]) -> None:
        for key in keys:
            self.now.pop((address, key), None)


def live(held: Any) -> Hashable:
    """The address of a live object."""
    return ("live", id(held))


def joined(left: State, right: State) -> State:
    """Either of two states."""
    if left is right:
        return left
    out = dict(left)
    widen(out, right)
    return out


def widen(state: State, other: State) -> None:
    """Make it allow what the other does, too."""
    held, new = len(state), 0
    changed = [*_changed(state, other)]
    for at in changed:
        old, values = state.get(at), other[at]
        new += old is None
        state[at] = values | ONLY_MISSING if old is None else old | values
    if held > len(other) - new:  # so many stand in both
        for at in state.keys() - other.keys():
            state[at] |= ONLY_MISSING


def _changed(left: State, right: State) -> Iterator[Location]:
    """Where the second holds another object than the first. States are large, most of each is the
    same, and this is asked most of all: so nothing of it is a loop of ours.
    """
    return compress(right, map(is_not, map(left.get, right), right.values()))


def all_joined(states: list[State]) -> State:
    state = states[0]
    for other in states[1:]:
        state = joined(state, other)
    return state


def covers(wide: State, narrow: State) -> bool:
    """Whether the first state allows everything that the second does."""
    for at in _changed(wide, narrow):
        old = wide.get(at)
        if old is None or not narrow[at] <= old:
            return False
    return True


def present(values: Values | None) -> tuple[Values, bool]:
    """The values at a location, and whether something was stored there on every path."""
    if values is None:
        return frozenset(), False
    if MISSING in values:
        return values - ONLY_MISSING, False
    return values, True
