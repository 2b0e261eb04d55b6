"""Whatever handlers and processes do, every message is handled or ends in the dead letters, is
tried no more often than allowed, and a FIFO group keeps its order: courses drawn from a seed and
played through the whole engine.
"""

from __future__ import annotations

import asyncio
import shutil
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest

from skylift import Backoff
from skylift.testing import running
from tests.unit.queue_facts import Fact
from tests.unit.test_queue_facts import Handling, app_of, ended, send

pytestmark = pytest.mark.long  # left out of `make check`

DEEDS = ["ok", "ok", "ok", "raise", "hang"]


def drawn(chance: Random) -> Fact:
    fifo, batch = chance.random() < 0.5, chance.choice([1, 1, 3, 10])
    words = DEEDS + ["fail"] * 3 * (batch > 1)
    sent = [(no, options(chance, fifo=fifo)) for no in range(chance.randint(1, 60))]
    consumer = {
        "batch": batch,
        "attempts_max": chance.choice([1, 2, 3, 5]),
        "backoff": Backoff(chance.choice([0, 0.1, 5]), chance.choice([5, 50])),
        "concurrency_max": chance.choice([None, 2, 5]),
    }
    deeds = {no: " ".join(chance.choice(words) for _ in range(6)) for no, _ in sent}
    return Fact("", queue={"fifo": fifo}, consumer=consumer, sent=sent, deeds=deeds)


def options(chance: Random, *, fifo: bool) -> dict[str, Any]:
    if fifo or chance.random() < 0.5:
        return {"group": f"g{chance.randrange(4)}"}
    return {"delay_s": chance.choice([0, 0, 1, 30])}


@pytest.mark.parametrize("seed", range(60))
async def test_every_message_ends_handled_or_dead(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    fact = drawn(chance)
    handling = Handling(fact)
    app, jobs, consumer = app_of(handling)
    crashes = chance.choice([0, 0, 1, 2])
    for start in range(crashes + 1):
        async with running(app, seed=seed, path=tmp_path / str(start)) as world:
            if start == 0:
                await asyncio.gather(*(send(jobs, one) for one in fact.sent))
            if start < crashes:
                await world.clock.advance(seconds=chance.choice([0, 0.3, 3, 12, 70]))
                shutil.copytree(tmp_path / str(start), tmp_path / str(start + 1))
                continue
            await world.clock.advance(seconds=100)  # past the last delay
            await world.settle()
            dead = await ended(world, jobs, consumer)
    check(handling, dead)


def check(handling: Handling, dead: dict[Any, str]) -> None:
    fact, most = handling.fact, handling.fact.consumer["attempts_max"]
    became = handling.without_letter() | dead
    assert sorted(became) == [no for no, _ in fact.sent]
    assert {*became.values()} <= {"done", f"failed after {most}", f"lost after {most}"}
    assert max(attempt for _, _, attempt in handling.seen) <= most
    if fact.queue["fifo"] and fact.consumer["batch"] == 1:
        check_order([no for _, no, _ in handling.seen], dict(fact.sent))


def check_order(seen: list[int], sent: dict[int, Any]) -> None:
    """Of each group one after another, a message's attempts in a row."""
    for group in {one["group"] for one in sent.values()}:
        runs = [no for no, _ in groupby(no for no in seen if sent[no]["group"] == group)]
        assert runs == sorted({*runs})
