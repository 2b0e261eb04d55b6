"""The press: the pages of an edition, in order; what was set twice is printed once."""

from __future__ import annotations

from skylift import Queue, Struct, Table, Topic, transaction

from .desk import api


class Page(Struct):
    edition: str
    number: int


class Edition(Struct):
    id: str
    pages: list[int]


pages = Topic("pages", Page, fifo=True)
rolls = Queue("rolls", Page, fifo=True)
editions = Table("editions", Edition, key="id")
pages.feeds(rolls)


@api.post("/editions/{id}")
async def set_pages(id: str, count: int) -> None:
    async with transaction() as tx:
        await editions.put(Edition(id, []), tx=tx)
        for number in range(count):
            await pages.publish(Page(id, number), group=id, dedup=f"{id}-{number}", tx=tx)


@api.post("/editions/{id}/pages/{number}")
async def set_again(id: str, number: int) -> None:
    await pages.publish(Page(id, number), group=id, dedup=f"{id}-{number}")


@rolls.consumer
async def print_page(page: Page) -> None:
    edition = await editions.require(page.edition)
    await editions.put(Edition(page.edition, [*edition.pages, page.number]))


@api.get("/editions/{id}")
async def edition(id: str) -> list[int]:
    return (await editions.require(id)).pages
