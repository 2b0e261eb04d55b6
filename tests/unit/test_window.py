"""Counting against its promise: whatever comes when, there are never more in any window, and who is
refused had a reason.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from skylift.engine.window import SECOND, SLOTS_MAX, slot_us
from skylift.testing.stand import Stand
from tests.trials import trials

PER_S = 10.0
GAPS = st.lists(st.floats(0, 12), min_size=1, max_size=40)


@trials(60)
@given(
    n=st.sampled_from([1, 2, 3, 7, SLOTS_MAX, SLOTS_MAX + 1, 200]),
    gaps=GAPS,
    at_once=st.integers(1, 90),
)
def test_there_are_never_more_in_any_window(n: int, gaps: list[float], at_once: int) -> None:
    accepted: list[float] = []
    refused: list[float] = []

    async def play() -> None:
        async with Stand() as world:
            for gap in gaps:
                world.clock.advance(seconds=gap)
                now = world.clock.time()
                asked = [world.ports.ledger.count("key", n, PER_S) for _ in range(at_once)]
                for found in await asyncio.gather(*asked):
                    (accepted if found.is_accepted else refused).append(now)

    asyncio.run(play())
    for at in accepted:
        assert sum(at - PER_S < one <= at for one in accepted) <= n
    late_s = 2 * slot_us(n, PER_S) / SECOND
    for at in refused:
        assert sum(at - PER_S - late_s <= one <= at for one in accepted) >= n


def test_a_count_outlives_a_restart(tmp_path: Path) -> None:
    async def counted() -> bool:
        async with Stand(path=tmp_path / "state.db") as world:
            return (await world.ports.ledger.count("key", 2, 60)).is_accepted

    assert [asyncio.run(counted()) for _ in range(3)] == [True, True, False]
