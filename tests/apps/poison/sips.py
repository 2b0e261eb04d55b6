"""The same by every other way that a function may be called; what is poisoned is so by one way."""

import os

from skylift import Bus, Change, Struct, Table, Timer, Topic, now, transaction

from .cups import Cup, Cups, Known, api


class Sip(Struct):
    id: str
    way: str


class Sipped(Struct):
    id: str
    is_poisoned: bool = False


sips = Topic("sips", Cup)
events = Bus("events")
later = Timer("later", Cup)
shelf = Table("shelf", Cup, key="id")
sipped = Table[Sip, str, str]("sipped", Sip, key=("id", "way"))


@api.post("/sips")
async def offer(tray: Cups) -> None:
    async with transaction() as tx:
        for cup in tray.cups:
            await shelf.put(cup, tx=tx)
            await sips.publish(cup, tx=tx)
            await events.publish(Sipped(cup.id, cup.is_poisoned), tx=tx)
            await later.set(cup.id, now(), cup, tx=tx)


@api.put("/shelf")
async def restock(cup: Cup) -> None:
    await shelf.put(cup)


@sips.subscriber(attempts_max=2)
async def serve(cup: Cup) -> None:
    await sip(cup.id, "topic", cup.is_poisoned)


@events.on(Sipped, attempts_max=2)
async def smell(event: Sipped) -> None:
    await sip(event.id, "bus", event.is_poisoned)


@later.on_due(attempts_max=2)
async def drink_later(cup: Cup) -> None:
    await sip(cup.id, "timer", cup.is_poisoned)


@shelf.on_change(attempts_max=2)
async def clear(change: Change[Cup]) -> None:
    assert change.after is not None
    await sip(change.after.id, "change", change.after.is_poisoned)


async def sip(id: str, way: str, is_poisoned: bool) -> None:
    if is_poisoned and id == f"poison-by-{way}":
        os._exit(1)
    await sipped.put(Sip(id, way))


@api.get("/sips", uses=(serve.dead.peek, smell.dead.peek, drink_later.dead.peek, clear.dead.peek))
async def known() -> Known:
    """By way and id: what came, and what was buried."""
    dead: dict[str, str] = {}
    for one in await serve.dead.peek(9):
        dead[f"topic {one.message and one.message.id}"] = one.reason
    for one in await smell.dead.peek(9):
        dead[f"bus {one.message and one.message.id}"] = one.reason
    for one in await drink_later.dead.peek(9):
        dead[f"timer {one.message and one.message.id}"] = one.reason
    for one in await clear.dead.peek(9):
        after = one.message.after if one.message else None
        dead[f"change {after and after.id}"] = one.reason
    return Known([f"{one.way} {one.id}" async for one in sipped.scan()], dead)
