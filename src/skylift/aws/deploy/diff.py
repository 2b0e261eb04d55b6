"""What changes from one plan to another, in words: things that come, go, become others, what may be
done from now on and no longer, and what it costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .plan import Plan
from .price import LOAD, READ_ON, idle, under
from .thing import PUBLIC, Thing, permissions, things
from .told import because, said

Deed: TypeAlias = Literal["added", "changed", "replaced", "removed"]
SIGNS: dict[Deed, str] = {"added": "+", "changed": "~", "replaced": "!", "removed": "-"}


@dataclass(frozen=True)
class Change:
    deed: Deed
    thing: str  # table notes
    facts: tuple[str, ...]  # what it is, or what of it changes
    loses: str = ""  # what a deploy destroys by it, in words; "" is nothing
    data: str = ""  # what --allow-destroy calls that

    @property
    def line(self) -> str:
        told = f"{SIGNS[self.deed]} {self.thing}" + ("  " + "; ".join(self.facts)) * bool(
            self.facts
        )
        return f"{told}  DESTROYS {self.loses}" if self.loses else told


@dataclass(frozen=True)
class Rights:
    """What a function may do from now on, and what no longer."""

    function: str
    more: tuple[str, ...]
    less: tuple[str, ...]


@dataclass(frozen=True)
class Cost:
    """Dollars a month."""

    idle_before: float
    idle: float
    load_before: float
    load: float
    because: str  # why it costs at rest, if it does


@dataclass(frozen=True)
class Diff:
    app: str
    stage: str
    is_new: bool
    changes: tuple[Change, ...]
    rights: tuple[Rights, ...]
    public: tuple[str, ...]  # Apis that ask nobody who he is
    cost: Cost

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.rights

    @property
    def destroys(self) -> tuple[str, ...]:
        return tuple(one.thing for one in self.changes if one.loses)

    @property
    def gives_up(self) -> tuple[str, ...]:
        """The names by which that is allowed."""
        return tuple(one.data for one in self.changes if one.loses)


def difference(before: Plan | None, wanted: Plan) -> Diff:
    return Diff(
        *(wanted.app, wanted.stage, before is None),
        tuple(_changes(before, wanted)),
        tuple(_rights(before, wanted)),
        tuple(one.name for one in wanted.apis if one.is_public),
        Cost(
            *(cents(idle(before)) if before else 0, cents(idle(wanted))),
            *(cents(under(before)) if before else 0, cents(under(wanted)), because(wanted)),
        ),
    )


def cents(dollars: float) -> float:
    return round(dollars, 2)


def _changes(before: Plan | None, wanted: Plan) -> Iterator[Change]:
    old = {one.called: one for one in things(before)} if before else {}
    new = {one.called: one for one in things(wanted)}
    for name, thing in new.items():
        if name not in old:
            yield Change("added", name, tuple(filter(None, [said(thing)])))
        elif thing.facts != old[name].facts:
            yield _changed(old[name], thing, wanted)
        elif before and _code(thing, before) != _code(thing, wanted):
            yield Change("changed", name, ("new code",))
    for name, thing in old.items():
        if name not in new:
            yield Change("removed", name, (), *_lost(thing, wanted))


def _changed(old: Thing, new: Thing, wanted: Plan) -> Change:
    names = [
        name for name in {**old.facts, **new.facts} if old.facts.get(name) != new.facts.get(name)
    ]
    facts = tuple(_fact(name, old.facts.get(name), new.facts.get(name)) for name in names)
    is_other = any(name in new.identity for name in names)
    deed: Deed = "replaced" if is_other else "changed"
    return Change(deed, new.called, facts, *(_lost(old, wanted) if is_other else ()))


def _fact(name: str, old: str | None, new: str | None) -> str:
    if old and new:
        return f"{name}: {old} -> {new}"
    return f"{name}: {new}" if new else f"no longer {name}: {old}"


def _lost(thing: Thing, wanted: Plan) -> tuple[str, ...]:
    """In production what holds data stays on AWS when its stack lets it go."""
    return ("all it holds", thing.data) if thing.data and not wanted.is_production else ()


def _code(thing: Thing, plan: Plan) -> str:
    """ "" where it is not known."""
    return next((one.code for one in plan.functions if f"function {one.name}" == thing.called), "")


def _rights(before: Plan | None, wanted: Plan) -> Iterator[Rights]:
    old, new = permissions(before) if before else {}, permissions(wanted)
    for name in sorted(old.keys() | new.keys()):
        had, has = old.get(name, set()), new.get(name, set())
        if had != has:
            yield Rights(name, tuple(sorted(has - had)), tuple(sorted(had - has)))


# -- for people


def lines(diff: Diff) -> Iterator[str]:
    head = f"{diff.app} {diff.stage}"
    if diff.is_empty:
        yield f"{head}: nothing changes"
        return
    yield f"{head}: {'nothing is deployed yet, so all is new' if diff.is_new else _counted(diff)}"
    yield from (one.line for one in diff.changes)
    for one in diff.rights:
        if one.more:
            yield f"{one.function} may now: {', '.join(one.more)}"
        if one.less:
            yield f"{one.function} may no longer: {', '.join(one.less)}"
    yield from (f"api {name} is {PUBLIC}: nobody is asked who he is" for name in diff.public)
    yield from cost_lines(diff.cost, is_new=diff.is_new)


def _counted(diff: Diff) -> str:
    found = {deed: sum(one.deed == deed for one in diff.changes) for deed in SIGNS}
    return ", ".join(f"{count} {deed}" for deed, count in found.items() if count) or "permissions"


def cost_lines(cost: Cost, *, is_new: bool) -> Iterator[str]:
    calls = f"{LOAD.calls:,} calls of each function a month, {LOAD.call_ms} ms each"
    delta = _delta(cost.idle_before, cost.idle, is_new)
    yield f"idle: ${cost.idle:.2f} a month{delta}{cost.because}"
    yield f"{calls}: ${cost.load:.2f} a month{_delta(cost.load_before, cost.load, is_new)}"
    yield f"(us-east-1, prices of {READ_ON} and before, docs/aws.md)"


def _delta(before: float, now: float, is_new: bool) -> str:
    change = now - before
    return (
        ""
        if is_new or abs(change) < 0.005
        else f" ({'+' if change > 0 else '-'}${abs(change):.2f})"
    )
