"""One transaction writes items, publishes to a topic and a bus, sets a timer, starts a function and
sends to a queue. A message without its item would never come to its end. The parts are many, so
that a commit takes long enough to be killed in.
"""

from skylift import Change, Queue, Struct, Table, Timer, Topic, now, transaction

from .api import api
from .arrivals import arrived
from .facts import facts
from .jobs import Job, work
from .news import SOON

PARTS = 40
TEXT = "so that a part is no toy " * 80


class Deal(Struct):
    id: str
    slot: int = 0  # of its parts, which the next deal there takes over


class Part(Struct):
    slot: int
    number: int
    deal: str
    text: str = TEXT


class DealMade(Struct):
    id: str


class Asked(Struct):
    ids: list[str]


class Known(Struct):
    ids: list[str]


deals = Table("deals", Deal, key="id")
INDEXES = {"by_deal": ("slot", "deal"), "by_number": ("number", "deal")}
parts = Table[Part, int, int]("parts", Part, key=("slot", "number"), indexes=INDEXES)
made = Topic("made", Deal)
reminder = Timer("reminder", Deal)
shipping = Queue("shipping", Deal)


@api.post("/deals")
async def make(deal: Deal) -> None:
    async with transaction() as tx:
        await deals.create(deal, tx=tx)
        for number in range(PARTS):
            await parts.put(Part(deal.slot, number, deal.id), tx=tx)
        await made.publish(deal, tx=tx)
        await facts.publish(DealMade(deal.id), tx=tx)
        await reminder.set(deal.id, now(), deal, tx=tx)
        await shipping.send(deal, tx=tx)
        await work.start(Job(deal.id), tx=tx)


@deals.on_change(backoff=SOON)
async def follow(change: Change[Deal]) -> None:
    assert change.after is not None
    await kept(change.after.id, "follow")


@made.subscriber
async def announce(deal: Deal) -> None:
    await kept(deal.id, "announce")


@facts.on(DealMade)
async def note(event: DealMade) -> None:
    await kept(event.id, "note")


@reminder.on_due(backoff=SOON)
async def remind(deal: Deal) -> None:
    await kept(deal.id, "remind")


@shipping.consumer(backoff=SOON)
async def ship(deal: Deal) -> None:
    await kept(deal.id, "ship")


async def kept(id: str, by: str) -> None:
    await deals.require(id)  # NotFound would be half a transaction
    await arrived(id, by)


@api.post("/deals/known")
async def known(asked: Asked) -> Known:
    """Which of these there are."""
    found = await deals.get_many([(id,) for id in asked.ids])
    return Known([deal.id for deal in found if deal is not None])


@api.get("/slots/{slot}")
async def owners(slot: int) -> Known:
    """Whose each part is, as the table and its index have it."""
    listed = [part.deal async for part in parts.query(slot, index="by_deal")]
    return Known([part.deal async for part in parts.query(slot)] + listed)
