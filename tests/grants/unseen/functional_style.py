"""Functions that make, take and combine functions; tables that are values like any other."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cache, lru_cache, partial, reduce
from operator import attrgetter
from typing import Any

from skylift import NotFound, Table

from ..expecting import expects
from . import resources as db
from .resources import api, archive, books, customers, invoices, notes, orders, products

# -- factories


def reader(table: Table[Any, str]):
    async def read(id: str) -> Any:
        return await table.require(id)

    read.__name__ = f"read_{table.name}"
    return read


def crud(table: Table[Any, str]):
    async def show(id: str) -> Any:
        return await table.get(id)

    async def drop(id: str) -> None:
        await table.delete(id)

    return show, drop


read_note = expects(notes="require")(api.get("/functional/1/{id}")(reader(notes)))
read_order = expects(orders="require")(api.get("/functional/2/{id}")(reader(orders)))
show_product, drop_product = crud(products)
dropping = expects(products="delete")(api.delete("/functional/3/{id}")(drop_product))


# -- partial, compose, pass through


async def fetch(table: Table[Any, str], id: str, *, missing: Any = None) -> Any:
    return await table.get(id) or missing


fetch_book = partial(fetch, books)


@expects(books="get", customers="get")
@api.get("/functional/4/{id}")
async def card(id: str) -> list[Any]:
    return [await fetch_book(id), await partial(fetch, customers, missing="nobody")(id)]


def compose(*steps: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    def join(first, second):
        async def both(value):
            return await second(await first(value))

        return both

    return reduce(join, steps)


async def with_customer(order: db.Order) -> tuple[db.Order, db.Customer]:
    return order, await customers.require(order.customer_id)


async def billed(pair: tuple[db.Order, db.Customer]) -> db.Invoice:
    order, customer = pair
    invoice = db.Invoice(order.id, customer.id, "open", order.total)
    await invoices.create(invoice)
    return invoice


bill_order = compose(orders.require, with_customer, billed)


@expects(orders="require", customers="require", invoices="create")
@api.post("/functional/5/{id}")
async def bill(id: str) -> db.Invoice:
    return await bill_order(id)


async def call(verb: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
    try:
        return await verb(*args, **kwargs)
    except NotFound:
        return None


@expects(notes="require", archive="update")
@api.post("/functional/6/{id}")
async def touch(id: str) -> bool:
    note = await call(notes.require, id)
    return bool(note and await call(archive.update, id, set={"text": note.text}))


async def publish(note: db.Note, save: Callable[[Any], Awaitable[None]] = notes.put) -> None:
    note.words = len(note.text.split())
    await save(note)


@expects(notes="put")
@api.put("/functional/7")
async def write(note: db.Note) -> None:
    await publish(note)


@expects(notes="create")
@api.post("/functional/8")
async def write_new(note: db.Note) -> None:
    await publish(note, save=notes.create)


async def present(id: str, *tables: Table[Any, str]) -> list[str]:
    return [table.name for table in tables if await table.get(id) is not None]


async def save_all(**pairs: tuple[Table[Any, str], Any]) -> list[str]:
    for table, item in pairs.values():
        await table.put(item)
    return list(pairs)


@expects(notes="get", archive="get", orders="put", invoices="put")
@api.post("/functional/9/{id}")
async def mixed(id: str) -> list[str]:
    order = db.Order(id, "c", "new", 1)
    invoice = db.Invoice(id, "c", "open", 1)
    saved = await save_all(order=(orders, order), invoice=(invoices, invoice))
    return saved + await present(id, notes, archive)


# -- map, lambdas, dicts of lambdas


@expects(orders="get")
@api.get("/functional/10")
async def totals(ids: list[str]) -> list[int]:
    found = await asyncio.gather(*map(orders.get, ids))
    return sorted(map(attrgetter("total"), filter(None, found)), key=lambda total: -total)


LOADERS = {
    "note": lambda id: notes.get(id),
    "book": lambda id: books.require(id),
}


@expects(notes="get", books="require")
@api.get("/functional/11/{kind}/{id}")
async def load(kind: str, id: str) -> Any:
    return await LOADERS[kind](id)


@expects(notes="get delete")
@api.post("/functional/12/{id}")
async def either(id: str, action: str = "show") -> Any:
    return await {"show": notes.get, "drop": notes.delete}[action](id)


@expects()
@api.post("/functional/13")
async def rank(text: str = "[]") -> list[str]:
    rows = json.loads(text)
    rows.sort(key=lambda row: (row.get("rank", 0), row["name"]))
    order = {"gold": 0, "silver": 1}
    return [row["name"] for row in sorted(rows, key=lambda row: order.get(row.get("medal"), 9))]


# -- cached look-ups


@cache
def registry() -> dict[str, Table[Any, str]]:
    return {table.name: table for table in (notes, books)}


@lru_cache(maxsize=8)
def table_for(kind: str) -> Table[Any, str]:
    if kind.endswith("s"):
        kind = kind[:-1]
    return {"order": orders, "invoice": invoices}[kind]


@expects(notes="delete", books="delete")
@api.delete("/functional/14/{kind}/{id}")
async def drop_any(kind: str, id: str) -> None:
    await registry()[kind].delete(id)


@expects(orders="require", invoices="require")
@api.get("/functional/15/{kind}/{id}")
async def find(kind: str, id: str) -> Any:
    return await table_for(kind).require(id)
