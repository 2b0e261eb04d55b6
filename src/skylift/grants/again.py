"""Calls that need not be read again, in this walk or in another one of the same app. What a call
does follows from its arguments, from what they hold, and from what it asks of the world around it:
so it is read with nothing else in the store, and what that came to is done again wherever all of
this is the same. Not so for a call that leaves something that may run later, that changes what it
was given, or that met a call which was still being read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable
from typing import Any, TypeAlias

from .alone import all_stand_alone, stands_alone
from .code import Code, TooMuch, Watch
from .frame import STEPS_MAX, Frame, Walk
from .part import Part, Strange, moved
from .store import Location, State
from .traces import Traces
from .values import Values

CALLS_MAX = 60  # one inside the other
OUTCOMES_MAX = 8  # of one call, each in another world
APART_MAX = 12  # calls at one place whose objects are kept apart
Bound: TypeAlias = dict[str, Values]
Read: TypeAlias = Callable[[Frame, Code, Bound, ast.AST], Values]


def read_once(frame: Frame, code: Code, bound: Bound, site: ast.AST, read: Read) -> Values:
    """What `read` finds that this call gives."""
    walk = frame.walk
    if walk.store.late is not None:
        return read(frame, code, bound, site)
    if not walk.shares or walk.store.keeps_made:
        return _read_here(frame, code, bound, site, read)
    part = Part(walk)
    try:
        said = part.code(code), part.said_of(bound.items()), part.inside(), walk.looping > 0
    except Strange:
        return read(frame, code, bound, site)
    if any(walk.active.values()) or any(one.code.node is code.node for one in walk.running):
        return _read_here(frame, code, bound, site, read)
    outcomes = walk.source.outcomes.setdefault(said, [])
    base = frame.place(site, code)
    for outcome in outcomes:
        if outcome.holds(walk):
            return outcome.again(walk, base, part)
    reading = _Reading(walk, part)
    try:
        result = read(frame, code, bound, site)
    finally:
        reading.end()
    left = reading.left(result)
    if left is not None and len(outcomes) < OUTCOMES_MAX and reading.is_complete(result, left):
        outcomes.append(Outcome(reading, result, left))
        walk.used.add(outcomes[-1])
    reading.merge(left)
    return result


def _read_here(frame: Frame, code: Code, bound: Bound, site: ast.AST, read: Read) -> Values:
    """Good for the rest of this walk: what it is read in is not only what it was given."""
    walk = frame.walk
    if code.parent is not None or not all_stand_alone(bound.values()):
        return read(frame, code, bound, site)
    at = (code, tuple(bound.items()), walk.looping > 0)
    if at not in walk.read:
        before, outer = walk.state_of_affairs(), walk.store.traces
        mine = walk.store.traces = Traces()
        try:
            result = read(frame, code, bound, site)
        finally:
            walk.store.traces = outer
            outer.absorb(mine)
            outer.written |= mine.written
        if before == walk.state_of_affairs() and stands_alone(result):
            walk.read[at] = result, mine
        return result
    result, traces = walk.read[at]
    walk.store.traces.absorb(traces)
    return result


class _Reading:
    """A call that is read with nothing in the store but what it can come to."""

    __slots__ = (
        "_affairs",
        "_history",
        "_outer",
        "_state",
        "_watch",
        "_watchers",
        "active",
        "depth",
        "part",
        "steps",
        "traces",
        "walk",
    )

    def __init__(self, walk: Walk, part: Part) -> None:
        self.walk, self.part = walk, part
        store = walk.store
        self._affairs, self._history = walk.state_of_affairs(), dict(store.history)
        self.active, self.depth, self.steps = len(walk.active), walk.deepest, walk.steps
        self._state, self._outer, self._watchers = store.now, store.traces, walk.watchers
        store.now = dict(part.state)
        self.traces = store.traces = Traces()
        self._watch = Watch(part.state)
        walk.watchers = [self._watch] if self._watchers else []
        walk.deepest = 0

    def end(self) -> None:
        walk = self.walk
        self._outer.absorb(self.traces)
        self._outer.written |= self.traces.written
        walk.store.traces, walk.watchers = self._outer, self._watchers
        deepest, walk.deepest = walk.deepest, max(walk.deepest, self.depth)
        self.depth, self.steps = deepest - self.active, walk.steps - self.steps

    def left(self, result: Values) -> Part | None:
        """What it made that others can come to; None where that is not all that it changed."""
        if self._has_changed_given() or self.walk.store.outliving != self._affairs[1]:
            return None
        left = Part(self.walk, self.part.addresses)
        try:
            left.said(result)
            left.inside()
        except Strange:
            return None
        return left

    def _has_changed_given(self) -> bool:
        return not self.traces.written.isdisjoint(self.part.addresses)

    def is_complete(self, result: Values, left: Part) -> bool:
        """Whether this is all that the call comes to."""
        if self._affairs != self.walk.state_of_affairs():
            return False
        same = {address: address for address in left.addresses}
        try:
            for values in (result, *left.state.values()):
                moved(values, same)
        except Strange:
            return False
        return True

    def lasting(self) -> State:
        asked = self.traces.asked
        return {at: values for at, values in self._history.items() if at[0] in asked}

    def merge(self, left: Part | None) -> None:
        """Go on in the state of the caller, with what the call left."""
        store, state = self.walk.store, self._state
        inside, store.now = store.now, state
        if left is not None:
            inside = left.state
        elif self._has_changed_given():
            self._show_watchers()
            for at in self.part.state.keys() - inside.keys():
                state.pop(at, None)
        given = self.part.addresses
        for at, values in inside.items():
            old = None if at[0] in given else state.get(at)
            state[at] = values if old is None else old | values

    def _show_watchers(self) -> None:
        """An exception may have left what was given in any state that it went through."""
        given = self.part.addresses
        seen = {at: values for at, values in self._watch.state.items() if at[0] in given}
        for watch in self._watchers:
            watch.see({**self._state, **seen})


class Outcome:
    """What a call came to."""

    __slots__ = ("_depth", "_given", "_held", "_lasting", "_made", "_result", "_steps", "_traces")

    def __init__(self, reading: _Reading, result: Values, left: Part) -> None:
        self._result, self._given = result, [*reading.part.addresses]
        self._held: dict[Location, Values] = left.state
        made = [*left.addresses][len(self._given) :]
        self._made: list[tuple[int, Hashable]] = [(at, left.kinds[at]) for at in made]
        self._traces, self._lasting = reading.traces, reading.lasting()
        self._steps, self._depth = reading.steps, reading.depth

    def holds(self, walk: Walk) -> bool:
        """Whether reading the call in this walk would go the same way."""
        traces, before = self._traces, walk.before
        if len(walk.active) + self._depth > CALLS_MAX or (before is None and traces.doubted):
            return False
        if before is not None and not traces.trusted <= before:
            return False
        if before is not None and any(doubted <= before for doubted in traces.doubted):
            return False
        return walk.store.lasting_of(traces.asked) == self._lasting

    def again(self, walk: Walk, base: int, part: Part) -> Values:
        """The call is at `base`, and this is what it was given."""
        self._leave_traces(walk)
        to: dict[Any, int] = dict(zip(self._given, part.addresses, strict=True))
        for number, (address, kind) in enumerate(self._made):
            which = 0 if isinstance(kind, str) else self._which(walk, base)
            to[address] = walk.address(base, number, kind, which)
        store = walk.store
        for (address, key), values in self._held.items():
            at = (to[address], key)
            store.write(at, moved(values, to), weak=at in store.now)
        return moved(self._result, to)

    def _leave_traces(self, walk: Walk) -> None:
        walk.deepest = max(walk.deepest, len(walk.active) + self._depth)
        if self not in walk.used:
            walk.used.add(self)
            walk.steps += self._steps
            if walk.steps > STEPS_MAX:
                raise TooMuch
        store = walk.store
        store.traces.absorb(self._traces)
        store.history.update(self._traces.noticed)
        for at, values in self._traces.lasting.items():
            store.write(at, values)

    def _which(self, walk: Walk, base: int) -> int:
        """Objects that are made at one place of different things are different."""
        several = walk.variants.setdefault(walk.address(base, "again"), {})
        if self not in several and len(several) >= APART_MAX:
            return -1
        return several.setdefault(self, len(several))
