"""Posting: what an item is decides where it goes; fallbacks, partial verbs and a running total."""

from __future__ import annotations

from configparser import ConfigParser
from decimal import Decimal
from functools import partial, singledispatch
from typing import Any

from skylift import Invalid, NotFound, Table, attr, now, transaction

from ..expecting import expects
from .resources import (
    Entry,
    Invoice,
    Note,
    Order,
    api,
    archive,
    audit,
    customers,
    invoices,
    notes,
    orders,
)


@singledispatch
async def store(item: object) -> None:
    raise Invalid(f"cannot store {type(item).__name__}")


@store.register
async def _(item: Invoice) -> None:
    await invoices.put(item)


@store.register
async def _store_order(item: Order) -> None:
    await orders.put(item)


@expects(invoices="put", orders="put")
@api.post("/posting/1")
async def accept(order: Order) -> None:
    for item in (order, Invoice(order.id, order.customer_id, "open", order.total)):
        await store(item)


async def _keep(item: Invoice | Note) -> None:
    if isinstance(item, Invoice):
        await invoices.put(item)
    else:
        await archive.put(item)


@expects(invoices="get put", notes="get", archive="put")
@api.post("/posting/2/{id}")
async def keep(id: str) -> None:
    item = await invoices.get(id) or await notes.get(id)
    if item is not None:
        await _keep(item)


mark_paid = partial(invoices.update, set={"state": "paid"})
SETTINGS = ConfigParser()
SETTINGS.read_string("[vat]\nrate = 0.21\n")


@expects(invoices="update")
@api.post("/posting/3/{id}")
async def mark(id: str) -> Invoice:
    return await mark_paid(id, if_=attr("state") == "open")


@expects()
@api.get("/posting/4")
async def vat(net: str = "0") -> str:
    rate = Decimal(SETTINGS.get("vat", "rate", fallback="0.21"))
    return str(Decimal(net) * (1 + rate))


@expects(notes="require", archive="require", audit="put")
@api.get("/posting/5/{id}")
async def remark(id: str) -> str:
    try:
        note = await notes.require(id)
    except NotFound:
        note = await archive.require(id)
    finally:
        await audit.put(Entry(id, now(), "read"))
    return note.text


@expects(orders="query", invoices="query", customers="tx.update")
@api.post("/posting/6/{id}")
async def rebalance(id: str) -> int:
    total = 0

    async def add(table: Table[Any, str], sign: int) -> None:
        nonlocal total
        async for row in table.query(id, index="by_customer"):
            total += sign * row.total

    await add(orders, -1)
    await add(invoices, 1)
    async with transaction() as tx:
        await customers.update(id, set={"credit": total}, tx=tx)
    return total
