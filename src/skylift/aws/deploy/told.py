"""A plan as text, for a person who reviews what will exist and who may do what."""

from __future__ import annotations

from collections.abc import Iterator

from ...graph.text import aligned
from .plan import Plan, PlannedFunction
from .price import LOAD, idle, resting, under
from .thing import PUBLIC, Thing, phrases, things


def text(plan: Plan) -> str:
    return "\n".join(lines(plan)) + "\n"


def lines(plan: Plan) -> Iterator[str]:
    yield f"{plan.app} {plan.stage}  stack {plan.stack}, {plan.runtime}, {plan.arch}"
    kind = ""
    for one in things(plan):
        if one.kind == "function":
            continue
        if one.kind != kind:
            kind = one.kind
            yield ""
        yield f"{one.called}  {said(one)}".rstrip()
    for one in plan.functions:
        yield ""
        yield from of_function(one, plan)
    yield ""
    yield costs(plan)


def said(thing: Thing) -> str:
    facts = ((what, fact) for what, fact in thing.facts.items() if fact)
    return "; ".join(fact if fact == PUBLIC else f"{what} {fact}" for what, fact in facts)


def of_function(function: PlannedFunction, plan: Plan) -> Iterator[str]:
    (own,) = [one for one in things(plan) if one.called == f"function {function.name}"]
    yield f"{own.called}  {said(own)}"
    rows = [
        ["may", ", ".join(phrases(one)) or "write its log", ", ".join(one.actions)]
        for one in function.permissions
    ]
    yield from aligned(rows)


def costs(plan: Plan) -> str:
    calls = f"{LOAD.calls:,} calls of each function, {LOAD.call_ms} ms each"
    rests = f"idle: ${idle(plan):.2f} a month{because(plan)}"
    return f"{rests}\n{calls}: ${under(plan):.2f} a month"


def because(plan: Plan) -> str:
    """Why it costs when nothing happens, if it does."""
    reasons = [reason for _, reason in resting(plan)]
    return f": {'; '.join(reasons)}" if reasons else ""
