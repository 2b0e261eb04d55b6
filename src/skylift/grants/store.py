"""What every location holds at this point of the reading. A location is an address (a frame, an
object made by the code, a live object) and a key in it; a state is a plain mapping, so a branch is
a copy.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, TypeAlias

from .values import MISSING, NOTHING, ONLY_MISSING, Plain, Values

Location: TypeAlias = tuple[Hashable, Hashable]
State: TypeAlias = dict[Location, Values]

ANYWHERE = ("anywhere",)  # the key, in a container, of what has no known key

EVERYTHING = "*"  # the attribute under which names that cannot be told are stored
MOVED = ("moved",)  # a key: positions are no longer exact


class Store:
    """`now` is the state; `history` is all that a location ever held, for code that runs at another
    time.
    """

    __slots__ = ("growth", "history", "late", "now", "own")

    def __init__(self) -> None:
        self.now: State = {}
        self.history: State = {}
        self.growth = 0  # how often a shared location came to hold something new
        self.late = False  # reading what may run later: locations hold what they ever held
        self.own: set[Hashable] = set()  # addresses of the frames now running late

    def read(self, at: Location) -> Values | None:
        if self.late and at[0] not in self.own:
            return self.history.get(at)
        return self.now.get(at)

    def write(
        self, at: Location, values: Values, *, weak: bool = False, shared: bool = True
    ) -> None:
        """Weak: what was there may be there still. Shared: code that runs at another time reads it
        too.
        """
        if weak and (old := self.now.get(at)) is not None:
            values |= old
        self.now[at] = values
        if not shared:
            return
        past = self.history.get(at, NOTHING)
        if not values <= past:
            self.history[at] = past | values
            self.growth += any(type(atom) is not Plain for atom in values - past)

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
    for at, values in right.items():
        old = left.get(at)
        if old is values:
            continue
        out[at] = values | ONLY_MISSING if old is None else old | values
    for at in left.keys() - right.keys():
        out[at] = left[at] | ONLY_MISSING
    return out


def all_joined(states: list[State]) -> State:
    state = states[0]
    for other in states[1:]:
        state = joined(state, other)
    return state


def covers(wide: State, narrow: State) -> bool:
    """Whether the first state allows everything that the second does."""
    for at, values in narrow.items():
        old = wide.get(at)
        if old is not values and (old is None or not values <= old):
            return False
    return True


def present(values: Values | None) -> tuple[Values, bool]:
    """The values at a location, and whether something was stored there on every path."""
    if values is None:
        return frozenset(), False
    if MISSING in values:
        return values - ONLY_MISSING, False
    return values, True
