"""The door: a declared function in, the verbs it can reach out. Nothing is missed silently: what
cannot be read is a refusal, unless the author has said `uses=` on the trigger.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from types import MethodType
from typing import Any, cast

from msgspec import Struct

from ..function import Function
from ..invocation import Grant
from .attribute import load
from .call import call
from .code import TooMuch
from .expression import evaluate
from .frame import Rules, Walk
from .held import is_verb
from .owner import Owner
from .refusal import ANY, Refusal, refusal
from .scope import listed
from .source import Source
from .statement import block
from .values import FROM_OUTSIDE, Known, one

RULES = Rules(evaluate, block, call, load)
PASSES_MAX = 5  # until what outlives a call holds nothing new
NOWHERE = ast.Pass()  # verbs said with `uses=` are loaded there, and nobody calls them there
STACK = 10_000  # frames of the interpreter; a call that is read takes about fifteen


class Reading(Struct, frozen=True):
    """`alone`: reached without `tx=`; `together`: with it. `used`: whether `uses=` added a verb or
    silenced a refusal.
    """

    alone: frozenset[Grant]
    together: frozenset[Grant]
    refusals: tuple[Refusal, ...]
    used: bool

    @property
    def verbs(self) -> frozenset[Grant]:
        return self.alone | self.together


def read_grants(
    function: Function[..., Any], packages: tuple[str, ...], source: Source | None = None
) -> Reading:
    """The verbs that a function can reach. `packages` are the app's own modules; functions of one
    app share a `source`, which then is parsed once.
    """
    source = source or Source(packages)
    walk, refusals = _walked(function, source)
    said, mistakes = _said(function)
    silenced = refusals if function.limits.get("uses") else []
    is_all_seen = {(resource.name, verb) for resource, verb in said} <= walk.traces.verbs.grants()
    for resource, verb in said:
        walk.traces.verbs.note_load(resource, verb, NOWHERE)
    if silenced:
        walk.traces.verbs.forget_calls()  # what was not read may call them in another way
    return Reading(
        *walk.traces.verbs.reached(),
        tuple(mistakes if silenced else [*mistakes, *refusals]),
        bool(silenced) or not is_all_seen,
    )


def _walked(function: Function[..., Any], source: Source) -> tuple[Walk, list[Refusal]]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, STACK))
    try:
        walk = _passes(function, source)
    finally:
        sys.setrecursionlimit(limit)
    return walk, [*walk.traces.refusals.values(), *_unvisited(walk)]


def _passes(function: Function[..., Any], source: Source) -> Walk:
    """Where a live object is made to hold one of the code's own, passes know that one by where it
    was made, so they have to make it again each time.
    """
    walk = _settled(function, Walk(source, RULES))
    if walk.store.keeps_made:
        walk = _settled(function, Walk(source, RULES, shares=False))
    return walk


def _settled(function: Function[..., Any], walk: Walk) -> Walk:
    """Read until what outlives a call, and what is read, are the same as the time before."""
    for _ in range(PASSES_MAX):
        try:
            _one_pass(walk, function)
        except (TooMuch, RecursionError):
            _refuse(walk, function, "more code is reached from here than can be read")
            return walk
        kept = {at: held for at, held in walk.store.history.items() if _outlives(at[0])}
        is_trusted = walk.traces.trusted <= walk.traces.visited
        if walk.shares and walk.store.keeps_made:
            return walk
        if kept == walk.kept and (
            is_trusted if walk.before is None else walk.before == walk.traces.visited
        ):
            return walk
        before = None if walk.before is None and is_trusted else walk.traces.visited
        walk = Walk(walk.source, RULES, before, shares=walk.shares)
        walk.kept = kept
        walk.store.history.update(kept)
    _refuse(walk, function, "what outlives a call cannot be worked out")
    return walk


def _one_pass(walk: Walk, function: Function[..., Any]) -> None:
    frame = walk.outermost(function.place)
    node = ast.Name(getattr(function.handler, "__name__", "handler"), ast.Load())
    frame.awaited = ast.copy_location(node, ast.Pass(lineno=_line(function), col_offset=0))
    frame.call(one(Known(function.handler)), FROM_OUTSIDE, node)
    while walk.later:
        walk.store.again(walk.later.pop())


def _outlives(address: object) -> bool:
    return isinstance(address, tuple)


def _line(function: Function[..., Any]) -> int:
    line = function.place.rpartition(":")[2]
    return int(line) if line.isdigit() else 0


def _refuse(walk: Walk, function: Function[..., Any], reason: str) -> None:
    node = ast.Name(getattr(function.handler, "__name__", "handler"), ast.Load())
    node.lineno = _line(function)
    file = function.place.rpartition(":")[0] or function.place
    walk.traces.refusals[function] = refusal(file, node, reason, ANY)


def _unvisited(walk: Walk) -> Iterator[Refusal]:
    """Functions made by functions that nobody was seen to call, and that name a verb."""
    for node, (file, name) in walk.traces.nested.items():
        named = None if node in walk.traces.visited else walk.source.verb_named(node)
        if named is not None:
            reason = f"{name} names a verb, and who calls it cannot be read from the source"
            yield refusal(file, named, reason, ANY)


def _said(function: Function[..., Any]) -> tuple[list[tuple[Owner, str]], list[Refusal]]:
    """The verbs named in `uses=`, and what is wrong there."""
    verbs: list[tuple[Owner, str]] = []
    mistakes: list[Refusal] = []
    uses: Any = function.limits.get("uses") or ()
    for verb in listed(uses if isinstance(uses, tuple | list) else (uses,)):
        name = getattr(verb, "__name__", "")
        if isinstance(verb, MethodType) and is_verb(verb):
            verbs.append((cast(Owner, verb.__self__), name))
            continue
        node = ast.Name(f"uses={verb!r}")
        node.lineno = _line(function)
        file = function.place.rpartition(":")[0]
        reason = "uses= takes bound verbs of resources, and this is none"
        remedy = "say them without calling them: uses=(<resource>.<verb>,)"
        mistakes.append(refusal(file, node, reason, remedy))
    return verbs, mistakes
