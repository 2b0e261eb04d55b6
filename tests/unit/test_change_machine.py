"""Whatever is written to a table, whatever expires and whenever the process dies: what those who
follow are told, put together item by item in its order, is the table.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skylift import Change, Conflict, NotFound, Struct, Table, attr, transaction
from skylift.codec.envelope import opened
from skylift.invocation import now
from skylift.ports.delivery import Done
from skylift.testing.stand import Stand
from tests.trials import trials

IN_MEMORY = Path("/dev/shm")  # where there are files without a disk below them
KEYS = ("a", "b", "c")


class Lot(Struct):
    id: str
    bid: int = 0
    ends: datetime | None = None


lots = Table("lots", Lot, key="id", ttl="ends")


@lots.on_change
async def follow(change: Change[Lot]) -> None: ...


@lots.on_change
async def follow_too(change: Change[Lot]) -> None: ...


keys, bids = st.sampled_from(KEYS), st.integers(0, 2)
lasting = st.sampled_from([None, -5, 5, 50])
WRITES = st.one_of(
    st.tuples(st.just("put"), keys, bids, lasting),
    st.tuples(st.just("create"), keys, bids, lasting),
    st.tuples(st.just("bid"), keys, bids, lasting),
    st.tuples(st.just("keep"), keys, bids, lasting),
    st.tuples(st.just("delete"), keys, bids, lasting),
    st.tuples(st.just("delete low"), keys, bids, lasting),
)
STEPS = st.one_of(
    WRITES,
    st.tuples(st.just("together"), st.lists(WRITES, max_size=3)),
    st.tuples(st.just("many"), st.lists(st.tuples(keys, bids, lasting), max_size=4)),
    st.tuples(st.just("wait"), st.sampled_from([1, 10, 100])),
    st.tuples(st.just("sweep")),
    st.tuples(st.just("die")),
)


def lot(id: str, bid: int, lasts_s: int | None) -> Lot:
    return Lot(id, bid, None if lasts_s is None else now() + timedelta(seconds=lasts_s))


async def write(said: Sequence[Any], **tx: Any) -> None:
    deed, id, bid, lasts_s = said
    if deed == "put":
        await lots.put(lot(id, bid, lasts_s), **tx)
    elif deed == "create":
        await lots.create(lot(id, bid, lasts_s), **tx)
    elif deed == "bid":
        await lots.update(id, add={"bid": bid}, **tx)
    elif deed == "keep":
        await lots.update(id, remove=["ends"], **tx)
    elif deed == "delete":
        await lots.delete(id, **tx)
    else:
        await lots.delete(id, if_=attr("bid") < 2, **tx)


async def step(world: Stand, said: Sequence[Any]) -> None:
    deed = said[0]
    if deed == "together":
        each = {id: one for one in said[1] for id in [one[1]]}
        async with transaction() as tx:
            for one in each.values():
                await write(one, tx=tx)
    elif deed == "many":
        await lots.put_many([lot(*one) for one in said[1]])
    elif deed == "wait":
        world.clock.advance(seconds=said[1])
    elif deed == "sweep":
        await world.ports.adapters["lots"].sweep(world.clock.time())
    else:
        await write(said)


async def told(world: Stand, function: Any) -> list[Change[Lot]]:
    found: list[Change[Lot]] = []
    inbox = world.inbox(function)
    while held := await inbox.claim(10):
        await inbox.settle([Done(one.receipt) for one in held])
        found += [function.codec.decode(opened(one.body)) for one in held]
    return found


def folded(changes: Sequence[Change[Lot]]) -> dict[str, Lot]:
    """The table that these changes lead to; each begins where the one before it ended."""
    table: dict[str, Lot] = {}
    for one in changes:
        (id,) = {lot.id for lot in (one.before, one.after) if lot is not None}
        assert table.get(id) == one.before, one
        assert one.before != one.after
        assert (one.kind == "created") == (one.before is None)
        assert (one.kind in ("deleted", "expired")) == (one.after is None)
        table.pop(id, None)
        if one.after is not None:
            table[id] = one.after
    return table


async def play(steps: Sequence[Sequence[Any]], path: Path) -> None:
    """A death is a new process on the same state; what was claimed by nobody is still to come."""
    lives: list[list[Sequence[Any]]] = [[]]
    for one in steps:
        lives.append([]) if one[0] == "die" else lives[-1].append(one)
    passed_s = 0.0
    for number, life in enumerate(lives):
        async with Stand(lots, follow, follow_too, path=path) as world:
            world.clock.advance(seconds=passed_s)
            began = world.clock.time() - passed_s
            for one in life:
                try:
                    await step(world, one)
                except (Conflict, NotFound):
                    pass
            passed_s = world.clock.time() - began
            if number == len(lives) - 1:
                await check(world)


async def check(world: Stand) -> None:
    await world.ports.adapters["lots"].sweep(world.clock.time())
    there = {one.id: one async for one in lots.scan()}
    for function in (follow, follow_too):
        assert folded(await told(world, function)) == there


@given(st.lists(STEPS, max_size=25))
@trials(400)
def test_what_is_told_put_together_is_the_table(steps: Sequence[Sequence[Any]]) -> None:
    parent = IN_MEMORY if IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        asyncio.run(play(steps, Path(folder) / "state.db"))
