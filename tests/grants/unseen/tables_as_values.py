"""Tables as values: renamed, unpacked, collected, merged, yielded and chained."""

from collections.abc import Iterator
from itertools import chain
from operator import itemgetter
from typing import Any

from skylift import Struct, Table, new_id

from ..expecting import expects
from . import resources as db
from .resources import api, archive, books, customers, invoices, notes, orders, products


@expects(notes="get", orders="put")
@api.post("/values/1/{id}")
async def reuse_a_name(id: str) -> None:
    table = notes
    note = await table.get(id)
    table = orders
    if note is not None:
        await table.put(db.Order(new_id(), note.owner, "new", 0))


@expects(notes="get", archive="get")
@api.get("/values/2/{id}")
async def try_next(id: str) -> db.Note | None:
    current = notes
    for _ in range(2):
        if (note := await current.get(id)) is not None:
            return note
        current = archive
    return None


@expects(notes="require", books="require")
@api.get("/values/3/{id}")
async def ternary(id: str, book: bool = False) -> Any:
    return await (books if book else notes).require(id)


@expects(orders="get", products="get", customers="delete")
@api.delete("/values/4/{id}")
async def unpack(id: str) -> bool:
    last, *rest = customers, orders, products
    kept = [await table.get(id) for table in rest]
    return not any(kept) and await last.delete(id) is not None


@expects(notes="get", books="get")
@api.get("/values/5/{id}")
async def collected(id: str) -> dict[str, Any]:
    stores: dict[str, Table[Any, str]] = {}
    stores["note"] = notes
    stores.update(book=books)
    return {name: await store.get(id) for name, store in stores.items()}


def sources(cold: bool) -> Iterator[Table[Any, str]]:
    yield notes
    if cold:
        yield archive


@expects(notes="get", archive="get")
@api.get("/values/6/{id}")
async def from_sources(id: str, cold: bool = False) -> db.Note | None:
    for position, table in enumerate(sources(cold), start=1):
        if note := await table.get(id):
            note.meta["from"] = str(position)
            return note
    return None


WARM = {"notes": notes}
ALL = {**WARM, "archive": archive} | {"books": books}


@expects(notes="scan", archive="scan", books="scan")
@api.get("/values/7")
async def count_all() -> dict[str, int]:
    return {name: len([0 async for _ in table.scan()]) for name, table in sorted(ALL.items())}


@expects(orders="get put", invoices="get put")
@api.post("/values/8/{id}")
async def copy_across(id: str) -> None:
    for label, table in zip(("o", "i"), chain([orders], (invoices,)), strict=True):
        if item := await table.get(id):
            item.id += label
            await table.put(item)


@expects(notes="update", products="get")
@api.post("/values/9/{id}")
async def through_modules(id: str) -> None:
    if (t := db.products) and await t.get(id):
        await db.notes.update(id, set={"text": "sold"})


class Ranked(Struct):
    scores: dict[str, int]


@expects(orders="scan")
@api.post("/values/10")
async def ranked(by: Ranked) -> list[str]:
    rows = [{"id": order.id, "total": order.total} async for order in orders.scan(limit=50)]
    rows.sort(key=lambda row: by.scores.get(row["id"], 0))
    return list(map(itemgetter("id"), rows))


async def is_even_chain(id: str | None) -> bool:
    return True if id is None else await is_odd_chain((await notes.require(id)).parent)


async def is_odd_chain(id: str | None) -> bool:
    return False if id is None else await is_even_chain((await archive.require(id)).parent)


@expects(notes="require", archive="require")
@api.get("/values/11/{id}")
async def zigzag(id: str) -> bool:
    return await is_even_chain(id)
