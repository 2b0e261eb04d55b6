"""Entries are created once and deleted once; an index lists those of a book."""

from asyncio import sleep

from skylift import Struct, Table

from .api import api

SLOW_S = 0.3


class Entry(Struct):
    id: str
    book: str
    text: str


class Ids(Struct):
    ids: list[str]


entries = Table("entries", Entry, key="id", indexes={"by_book": ("book", "id")})


@api.post("/entries", status=201)
async def create(entry: Entry) -> Entry:
    await entries.create(entry)
    return entry


@api.post("/entries/slowly", status=201)
async def create_slowly(entry: Entry) -> Entry:
    """What a stop has to wait for; the first write says that it has begun."""
    await entries.create(Entry(f"{entry.id}-begun", entry.book, entry.text))
    await sleep(SLOW_S)
    await entries.create(entry)
    return entry


@api.delete("/entries/{id}")
async def delete(id: str) -> None:
    await entries.delete(id)


@api.post("/entries/known")
async def known(asked: Ids) -> Ids:
    """Which of these the table holds."""
    found = await entries.get_many([(id,) for id in asked.ids])
    return Ids([entry.id for entry in found if entry is not None])


@api.get("/books/{book}")
async def listed(book: str) -> Ids:
    """What the index says of a book."""
    return Ids([entry.id async for entry in entries.query(book, index="by_book")])
