"""A timer, and when it rang: an item for each time that was set."""

from datetime import UTC, datetime

from skylift import Backoff, Struct, Table, Timer, now

from .api import api


class Ring(Struct):
    id: str
    version: int  # an id is set again and again
    due: float


class Rung(Struct):
    id: str
    version: int
    due: float
    at: float  # first
    times: int = 1


class Asked(Struct):
    ids: list[str]


class Found(Struct):
    rings: list[Rung]


alarm = Timer("alarm", Ring)
rungs = Table[Rung, str, int]("rungs", Rung, key=("id", "version"))


@api.put("/alarms")
async def set_alarm(ring: Ring) -> None:
    await alarm.set(ring.id, datetime.fromtimestamp(ring.due, UTC), ring)


@api.delete("/alarms/{id}")
async def silence(id: str) -> None:
    await alarm.cancel(id)


@alarm.on_due(attempts_max=50, backoff=Backoff(first_s=0.005, max_s=0.02))
async def ring_now(ring: Ring) -> None:
    rung = await rungs.get(ring.id, ring.version)
    if rung is None:
        rung = Rung(ring.id, ring.version, ring.due, now().timestamp(), times=0)
    rung.times += 1
    await rungs.put(rung)


@api.post("/rungs/known")
async def known(asked: Asked) -> Found:
    return Found([one for id in asked.ids async for one in rungs.query(id)])
