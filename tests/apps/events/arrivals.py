"""What has come to whom, or was buried: an item for each message and each who got it."""

from skylift import Struct, Table

from .api import api


class Arrival(Struct):
    id: str
    by: str  # whoever got it
    handled: int = 0  # times
    buried: str = ""  # the reason


class Asked(Struct):
    ids: list[str]


class Found(Struct):
    arrivals: list[Arrival]


arrivals = Table[Arrival, str, str]("arrivals", Arrival, key=("id", "by"))


async def arrived(id: str, by: str) -> None:
    before = await arrivals.get(id, by) or Arrival(id, by)
    await arrivals.put(Arrival(id, by, before.handled + 1, before.buried))


async def buried(id: str, by: str, reason: str) -> None:
    before = await arrivals.get(id, by) or Arrival(id, by)
    await arrivals.put(Arrival(id, by, before.handled, reason))


@api.post("/arrivals/known")
async def known(asked: Asked) -> Found:
    return Found([one for id in asked.ids async for one in arrivals.query(id)])
