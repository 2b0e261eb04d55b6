"""A gift is given once, however often it is asked for: by a message sent twice, and by a request
that is repeated with its Idempotency-Key.
"""

from skylift import Backoff, Context, Queue, Struct, Table, transaction

from .api import api


class Gift(Struct):
    id: str


class Given(Struct):
    id: str
    times: int = 0


class Gifts(Struct):
    ids: list[str]


gifts = Queue("gifts", Gift)
given = Table("given", Given, key="id")


@api.post("/gifts")
async def promise(gift: Gift) -> None:
    await gifts.send_many([gift, gift])


@gifts.consumer(once_by="id", attempts_max=20, backoff=Backoff(first_s=0.005, max_s=0.02))
async def give(gift: Gift, context: Context) -> None:
    if context.attempt == 1 and gift.id.endswith("0"):
        raise RuntimeError("not yet")
    await count(gift.id)


@api.post("/gifts/now", once=True)
async def give_now(gift: Gift) -> Gift:
    await count(gift.id)
    return gift


async def count(id: str) -> None:
    before = await given.get(id)
    async with transaction(once=True) as tx:
        await given.put(Given(id, (before.times if before else 0) + 1), tx=tx)


@api.post("/gifts/known")
async def known(asked: Gifts) -> list[Given]:
    found = await given.get_many([(id,) for id in asked.ids])
    return [one for one in found if one is not None]
