"""The facts about events, played through the whole engine on a clock that stands still until it is
moved: `async_facts.py` says what must come of each, for each source it is true of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from skylift import now
from skylift.invocation import invocation
from skylift.ports import Outgoing, QueuePort
from skylift.testing import running
from tests.unit.async_facts import CASES, Fact, Gap
from tests.unit.test_queue_facts import alone, named

APP = alone(Path(__file__).with_name("async_app.py"))
SLACK_S = 0.001


class Handling:
    """What the function of a fact does, and saw."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        self.seen: list[tuple[float, int]] = []  # when, number
        self.last: dict[int, str] = {}  # the last deed of each

    async def handle(self, no: int, attempt: int) -> None:
        self.seen.append((now().timestamp(), no))
        deeds = self.fact.deeds.get(no, "ok").split()
        self.last[no] = deed = deeds[min(attempt, len(deeds)) - 1]
        if deed == "raise":
            raise ValueError("as the fact says")
        if deed == "hang":
            await asyncio.Event().wait()


async def send(one: Any, own: Any, function: Any) -> None:
    if isinstance(one, str):
        port: QueuePort = invocation().ports.adapters[function.name]
        await port.send([Outgoing(one)])
        return
    await own(*(one if isinstance(one, tuple) else (one,)))


def check_gaps(seen: list[float], gaps: Sequence[Gap], began: float) -> None:
    assert len(seen) == len(gaps)
    for at, gap, before in zip(seen, gaps, [began, *seen], strict=False):
        least, most = gap if isinstance(gap, tuple) else (gap, gap)
        assert least - SLACK_S <= at - before <= most + SLACK_S


@pytest.mark.parametrize(
    ("source", "fact"), CASES, ids=[f"{source}: {named(fact.fact)}" for source, fact in CASES]
)
async def test_a_fact_about_events(source: str, fact: Fact) -> None:
    handling = Handling(fact)
    app, own, function = APP.SOURCES[source](fact.trigger, handling.handle)
    async with running(app) as world:
        began = world.clock.now().timestamp()
        for one in fact.sent:
            await send(one, own, function)
        await world.clock.advance(seconds=fact.span_s)
        letters = await function.dead.peek(100)
    became: dict[Any, str] = {no: "done" for no, deed in handling.last.items() if deed == "ok"}
    for letter in letters:
        told = f"{letter.reason} after {letter.attempts}"
        became[number(letter, handling) if letter.message else letter.body] = told
    assert became == fact.ends
    for no, gaps in fact.runs.items():
        check_gaps([at for at, one in handling.seen if one == no], gaps, began)
    if fact.order:
        assert [no for _, no in handling.seen] == [*fact.order]


def number(letter: Any, handling: Handling) -> int:
    """Of a schedule there was one alone that failed."""
    message = getattr(letter.message, "after", letter.message)
    return int(getattr(message, "no", 0)) or next(iter(handling.fact.deeds))
