"""The desk: what comes in is written down and published in one go."""

from __future__ import annotations

from skylift import Api, Struct, Table, Topic, transaction


class Item(Struct):
    id: str
    about: str
    size: int = 0


class Heard(Struct):
    """Who has heard of what, by which trace."""

    id: str
    by: str
    trace: str = ""


api = Api("api")
items = Table("items", Item, key="id")
heard = Table[Heard, str, str]("heard", Heard, key=("id", "by"))
news = Topic("news", Item)


@api.post("/items")
async def take(item: Item) -> None:
    async with transaction() as tx:
        await items.create(item, tx=tx)
        await news.publish(item, tx=tx)


@api.post("/rumours")
async def spread(item: Item) -> None:
    """Nothing of it is written down."""
    await news.publish(item)


@api.get("/heard/{id}")
async def who(id: str) -> list[str]:
    return sorted([one.by async for one in heard.query(id)])


@api.get("/traces/{id}")
async def traces(id: str) -> list[str]:
    return sorted({one.trace[:35] async for one in heard.query(id)})
