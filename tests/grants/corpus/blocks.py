"""Verbs called in a transaction, outside of one, and by helpers that do either."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator
from typing import Any

from skylift import Table, transaction
from skylift.resources.transaction import Transaction

from ..expecting import expects
from .resources import Note, api, notes, orders, users

TABLES = {"notes": notes, "orders": orders}


async def save(table: Table[Any, str], item: Any, *, tx: Transaction | None = None) -> None:
    await table.put(item, tx=tx)


async def always(table: Table[Any, str], item: Any, tx: Transaction | None = None) -> None:
    if tx is None:
        async with transaction() as tx:
            await table.put(item, tx=tx)
    else:
        await table.create(item, tx=tx)


async def with_more(table: Table[Any, str], item: Any, **more: Any) -> None:
    await table.put(item, **more)


class Work:
    def __init__(self, tx: Transaction | None = None) -> None:
        self.tx = tx

    async def put(self, table: Table[Any, str], item: Any) -> None:
        await table.put(item, tx=self.tx)


@contextlib.asynccontextmanager
async def working() -> AsyncIterator[Work]:
    async with transaction() as tx:
        yield Work(tx)


@expects(notes="put")
@api.post("/blocks/1")
async def a_helper_without(new: Note) -> None:
    await save(notes, new)


@expects(notes="tx.put", orders="put")
@api.post("/blocks/2")
async def a_helper_in_each_way(new: Note) -> None:
    async with transaction() as tx:
        await save(notes, new, tx=tx)
    await save(orders, new)


@expects(notes="put tx.put")
@api.post("/blocks/3")
async def one_table_in_both_ways(new: Note) -> None:
    await notes.put(new)
    async with transaction() as tx:
        await notes.put(new, tx=tx)


@expects(notes="put")
@api.post("/blocks/4")
async def none_said(new: Note) -> None:
    await notes.put(new, tx=None)


@expects(notes="tx.put", users="tx.create")
@api.post("/blocks/5")
async def a_helper_that_begins_its_own(new: Note) -> None:
    await always(notes, new)
    async with transaction() as tx:
        await always(users, new, tx)


@expects(notes="put tx.put")
@api.post("/blocks/6/{x}")
async def as_it_may_be(x: str, new: Note) -> None:
    async with transaction() as tx:
        await notes.put(new, tx=tx if x == "1" else None)


@expects(orders="tx.put", users="put")
@api.post("/blocks/7")
async def more_of_it(new: Note) -> None:
    async with transaction() as tx:
        await with_more(orders, new, tx=tx)
    await with_more(users, new)


@expects(notes="tx.put", orders="put")
@api.post("/blocks/8")
async def kept_by_an_object(new: Note) -> None:
    async with working() as work:
        await work.put(notes, new)
    await Work().put(orders, new)


@expects(notes="tx.put", orders="tx.put")
@api.post("/blocks/9")
async def all_of_a_dict(new: Note) -> None:
    async with transaction() as tx:
        for table in TABLES.values():
            await table.put(new, tx=tx)


@expects(notes="tx.put")
@api.post("/blocks/10")
async def prepared(new: Note) -> None:
    async with transaction() as tx:
        put = functools.partial(notes.put, tx=tx)
        await put(new)


@expects(notes="put tx.put")
@api.post("/blocks/11/{x}")
async def perhaps_in_one(x: str, new: Note) -> None:
    async with contextlib.AsyncExitStack() as stack:
        tx = None
        if x == "1":
            tx = await stack.enter_async_context(transaction())
        await notes.put(new, tx=tx)


@expects(notes="tx.put", orders="get")
@api.post("/blocks/12")
async def in_a_function_of_its_own(new: Note) -> None:
    async with transaction() as tx:

        async def write() -> None:
            await notes.put(new, tx=tx)

        await write()
    await orders.get(new.id)


@expects(notes="tx.delete")
@api.post("/blocks/13")
async def keys_that_are_spread(keys: list[str]) -> None:
    async with transaction() as tx:
        await notes.delete(*keys[:1], tx=tx)


@expects(notes="delete")
@api.post("/blocks/14")
async def keys_spread_without(keys: list[str]) -> None:
    await notes.delete(*keys[:1])
