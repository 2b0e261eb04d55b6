"""Vans and their stops: each van's in order, though one of them is not made at the first try."""

from __future__ import annotations

from skylift import Backoff, Context, Queue, Struct, Table, transaction

from .letters import api


class Stop(Struct):
    van: str
    number: int


class Tour(Struct):
    van: str
    stops: int


class Trail(Struct):
    van: str
    stops: list[int]


stops = Queue("stops", Stop, fifo=True)
trails = Table("trails", Trail, key="van")


@api.post("/tours")
async def drive(tour: Tour) -> None:
    async with transaction() as tx:
        await trails.put(Trail(tour.van, []), tx=tx)
        for number in range(tour.stops):
            await stops.send(Stop(tour.van, number), group=tour.van, tx=tx)


@stops.consumer(attempts_max=3, backoff=Backoff(first_s=1, max_s=1))
async def stop(made: Stop, context: Context) -> None:
    if made.number == 1 and context.attempt == 1:
        raise TimeoutError("the road is blocked")
    trail = await trails.require(made.van)
    await trails.put(Trail(made.van, [*trail.stops, made.number]))


@api.get("/trails/{van}")
async def trail(van: str) -> Trail:
    return await trails.require(van)
