"""Sacks of cards, opened many at a time; what is illegible goes to somebody who files it."""

from __future__ import annotations

from skylift import Dead, Delivery, Queue, Struct, Table

from .letters import api


class Card(Struct):
    id: str
    is_legible: bool = True


class Filed(Struct):
    id: str
    how: str


sacks = Queue("sacks", Card)
filed = Table("filed", Filed, key="id")


@api.post("/sacks")
async def fill(cards: list[Card]) -> None:
    await sacks.send_many(cards)


@sacks.consumer(batch=10, attempts_max=1)
async def sort(deliveries: list[Delivery[Card]]) -> None:
    for one in deliveries:
        if one.message.is_legible:
            await filed.put(Filed(one.message.id, "read"))
        else:
            one.fail("illegible")


@sort.dead.consumer(attempts_max=1)
async def file(dead: Dead[Card]) -> None:
    assert dead.message is not None
    await filed.put(Filed(dead.message.id, f"{dead.reason}: {dead.error}"))


@api.get("/filed/{id}")
async def look_up(id: str) -> Filed:
    return await filed.require(id)
