"""Readers: functions that are called, and a queue that is fed."""

from __future__ import annotations

from skylift import Context, Queue, Struct, Table

from .desk import Heard, Item, api, heard, news


class Kept(Struct):
    id: str
    times: int = 0


archive = Queue("archive", Item)
kept = Table("kept", Kept, key="id")
news.feeds(archive, where={"size": [{"numeric": [">=", 10]}]})


@news.subscriber
async def everyone(item: Item, context: Context) -> None:
    await heard.put(Heard(item.id, "everyone", context.trace))


@news.subscriber(where={"about": [{"prefix": "sport"}]}, attempts_max=1)
async def fans(item: Item, context: Context) -> None:
    await heard.put(Heard(item.id, "fans", context.trace))


@archive.consumer
async def file(item: Item, context: Context) -> None:
    await heard.put(Heard(item.id, "archive", context.trace))


@news.subscriber(where={"about": [{"anything-but": {"prefix": "sport"}}]}, once_by="id")
async def once(item: Item) -> None:
    found = await kept.get(item.id)
    await kept.put(Kept(item.id, found.times + 1 if found else 1))


@api.get("/kept/{id}")
async def times(id: str) -> int:
    found = await kept.get(id)
    return found.times if found else 0
