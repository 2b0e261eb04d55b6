"""Branches, loops, exceptions: the statements in which states part and meet."""

from __future__ import annotations

import ast
from typing import Any

from .assign import assign
from .code import Loop, Watch
from .frame import Frame
from .narrow import narrow
from .path import met, settle
from .pattern import is_certain
from .pattern import matched as match_pattern
from .protocol import Elements, awaited, elements, enter, leave
from .refusal import ANY
from .run import choices
from .store import State, covers, joined
from .values import (
    NOTHING,
    ONLY_DATA,
    Const,
    Instance,
    Item,
    Known,
    Values,
    one,
)

TURNS_MAX = 32  # of a loop that is read turn by turn
ROUNDS_MAX = 40  # of a loop that turns any number of times


def _block(frame: Frame, body: list[ast.stmt]) -> list[State]:
    return frame.walk.rules.block(frame, body)


def chosen(frame: Frame, node: ast.If) -> list[State]:
    frame.evaluate(node.test)
    store = frame.walk.store
    before, after = store.now, list[State]()
    for body, holds in ((node.body, True), (node.orelse, False)):
        store.now = dict(before)
        if narrow(frame, node.test, holds):
            after += _block(frame, body)
    return met(frame, after)


# -- loops


def repeated(frame: Frame, node: ast.For | ast.AsyncFor) -> list[State]:
    iterated = frame.evaluate(node.iter)
    given = _elements(frame, node, iterated)
    loop = Loop()
    frame.loops.append(loop)
    if given.is_exact and len(given.groups) <= TURNS_MAX:
        ends = _turn_by_turn(frame, node, given)
        if settle(frame, ends) and _elements(frame, node, iterated).groups != given.groups:
            ends = _any_turns(frame, node, iterated)  # what is iterated grew on the way
    else:
        ends = _any_turns(frame, node, iterated)
    frame.loops.pop()
    after = _block(frame, node.orelse) if settle(frame, ends) else []
    return met(frame, after + loop.breaks)


def _elements(frame: Frame, node: ast.For | ast.AsyncFor, iterated: Values) -> Elements:
    is_async = isinstance(node, ast.AsyncFor)
    return elements(frame, iterated, node.iter, is_async=is_async)


def _turn_by_turn(frame: Frame, node: ast.For | ast.AsyncFor, given: Elements) -> list[State]:
    store, turn = frame.walk.store, frame.turn
    paths = [store.now]
    for number, group in enumerate(given.groups):
        frame.turn = (*turn, number)
        after: list[State] = []
        for path in paths:
            store.now = path
            after += _turn(frame, node, group)
        paths = met(frame, after)
    frame.turn = turn
    return paths


def _turn(frame: Frame, node: ast.For | ast.AsyncFor, group: Values) -> list[State]:
    """One turn of the body."""
    is_async = isinstance(node, ast.AsyncFor)
    assign(frame, node.target, awaited(frame, group, node) if is_async else group)
    loop = frame.loops[-1]
    ends = _block(frame, node.body) + loop.continues
    loop.continues = []
    return ends


def _any_turns(frame: Frame, node: ast.For | ast.AsyncFor, iterated: Values) -> list[State]:
    """Until another turn changes nothing."""
    walk = frame.walk
    walk.looping += 1
    head = walk.store.now
    for _ in range(ROUNDS_MAX):
        wide = walk.store.now = head
        for group in _elements(frame, node, iterated).groups:
            walk.store.now = dict(wide)
            for end in _turn(frame, node, group):
                wide = joined(wide, end)
        if covers(head, wide):
            break
        head = wide
    else:
        frame.refuse(node, "what this loop does cannot be worked out", ANY)
    walk.looping -= 1
    return [head]


def looped(frame: Frame, node: ast.While) -> list[State]:
    walk, loop = frame.walk, Loop()
    frame.loops.append(loop)
    walk.looping += 1
    head, ends = walk.store.now, list[State]()
    for _ in range(ROUNDS_MAX):
        walk.store.now = dict(head)
        frame.evaluate(node.test)
        tested = dict(walk.store.now)
        ends = [tested] if narrow(frame, node.test, False) else []
        walk.store.now = dict(tested)
        wide = joined(head, tested)
        if narrow(frame, node.test, True):
            for end in _block(frame, node.body) + loop.continues:
                wide = joined(wide, end)
            loop.continues = []
        if covers(head, wide):
            break
        head = wide
    else:
        frame.refuse(node, "what this loop does cannot be worked out", ANY)
    walk.looping -= 1
    frame.loops.pop()
    after = _block(frame, node.orelse) if settle(frame, ends) else []
    return met(frame, after + loop.breaks)


def broken(frame: Frame, node: ast.Break) -> list[State]:
    del node
    frame.loops[-1].breaks.append(frame.walk.store.now)
    return []


def continued(frame: Frame, node: ast.Continue) -> list[State]:
    del node
    frame.loops[-1].continues.append(frame.walk.store.now)
    return []


# -- exceptions


def tried(frame: Frame, node: Any) -> list[State]:
    walk = frame.walk
    whole = Watch(walk.store.now)
    if node.finalbody:
        walk.watchers.append(whole)
    inner = Watch(walk.store.now)
    walk.watchers.append(inner)
    after = _block(frame, node.body)
    walk.watchers.remove(inner)
    if node.orelse:
        after = _block(frame, node.orelse) if settle(frame, after) else []
    for handler in node.handlers:
        walk.store.now = dict(inner.state)
        after += _handled(frame, handler)
    if not node.finalbody:
        return met(frame, after)
    walk.watchers.remove(whole)
    walk.store.now = dict(whole.state)  # on the way out: by an exception, a return, a break
    _block(frame, node.finalbody)
    return _block(frame, node.finalbody) if settle(frame, met(frame, after)) else []


def _handled(frame: Frame, handler: ast.ExceptHandler) -> list[State]:
    caught = NOTHING if handler.type is None else frame.evaluate(handler.type)
    if handler.name is not None:
        frame.bind(handler.name, _exceptions(frame, caught, handler))
    return _block(frame, handler.body)


def _exceptions(frame: Frame, classes: Values, node: ast.AST) -> Values:
    """Instances of what is caught. They hold no resource: raising one that does is refused."""
    found = ONLY_DATA
    for atom in classes:
        held = atom.object if isinstance(atom, Known) else None
        if isinstance(held, tuple):
            found |= _exceptions(frame, elements(frame, one(atom), node).every(), node)
        elif isinstance(held, type) and frame.walk.source.is_own_class(held):
            found |= one(Item(held))
        elif held is None:
            inside = elements(frame, one(atom), node).every() - one(atom)
            found |= _exceptions(frame, inside, node) if inside - ONLY_DATA else NOTHING
    return found


def with_(frame: Frame, node: ast.With | ast.AsyncWith) -> list[State]:
    walk = frame.walk
    managers: list[Values] = []
    watch = Watch(walk.store.now)
    walk.watchers.append(watch)
    for item in node.items:
        values = frame.evaluate(item.context_expr)
        managers.append(values)
        entered = enter(frame, values, item.context_expr)
        if item.optional_vars is not None:
            assign(frame, item.optional_vars, entered)
    paths = _block(frame, node.body)
    walk.watchers.remove(watch)
    after: list[State] = []
    swallows = False
    for path in paths or [watch.state]:
        walk.store.now = path
        for values, item in zip(reversed(managers), reversed(node.items), strict=True):
            swallows = leave(frame, values, item.context_expr) or swallows
        after.append(walk.store.now)
    if swallows:
        return met(frame, [*after, watch.state])
    return met(frame, after) if paths else []


# -- match


def matched(frame: Frame, node: ast.Match) -> list[State]:
    """One of several objects is matched in a state of its own."""
    store = frame.walk.store
    apart = choices(frame, frame.evaluate(node.subject))
    before, after = store.now, list[State]()
    for subject in apart:
        store.now = dict(before)
        after += _matched(frame, node, subject)
    return met(frame, after)


def _matched(frame: Frame, node: ast.Match, remaining: Values) -> list[State]:
    store = frame.walk.store
    before, after = store.now, list[State]()
    for case in node.cases:
        store.now = dict(before)
        kept = match_pattern(frame, case.pattern, remaining)
        if not kept:
            continue
        _narrowed(frame, node.subject, kept)
        if case.guard is not None:
            frame.evaluate(case.guard)
            if not narrow(frame, case.guard, True):
                continue
        after += _block(frame, case.body)
        if case.guard is None:
            remaining -= _taken(case.pattern, kept)
    store.now = dict(before)
    _narrowed(frame, node.subject, remaining)
    return [*after, store.now] if remaining else after


def _narrowed(frame: Frame, subject: ast.expr, kept: Values) -> None:
    if isinstance(subject, ast.Name) and frame.home(subject.id) is frame and not frame.weak:
        frame.walk.store.now[frame.address, subject.id] = kept


def _taken(pattern: ast.pattern, kept: Values) -> Values:
    """The values that certainly go into a case, and not on to the next."""
    if is_certain(pattern):
        return kept
    if isinstance(pattern, ast.MatchOr):
        return NOTHING.union(*(_taken(part, kept) for part in pattern.patterns))
    is_plain = isinstance(pattern, ast.MatchValue | ast.MatchSingleton) or (
        isinstance(pattern, ast.MatchClass) and not (pattern.patterns or pattern.kwd_patterns)
    )
    firm = (Const, Item, Instance)
    return frozenset(atom for atom in kept if isinstance(atom, firm)) if is_plain else NOTHING
