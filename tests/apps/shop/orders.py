"""An order's way from HTTP through two queues, with what may go wrong on it."""

import logging

from skylift import Api, Backoff, Conflict, Delivery, Queue, Struct, Table, transaction

log = logging.getLogger(__name__)


class Order(Struct):
    id: str
    card: str
    tries: int = 0


class Charge(Struct):
    order_id: str


class Letter(Struct):
    order_id: str


class Count(Struct):
    by: int


api = Api("api")
orders = Table("orders", Order, key="id")
charging = Queue("charging", Charge)
mailing = Queue("mailing", Letter)
counting = Queue("counting", Count)
later = Queue("later", Count)


@api.post("/orders", status=201)
async def place(order: Order) -> Order:
    log.info("an order came", extra={"order_id": order.id, "cards": [order.card]})
    async with transaction() as tx:
        await orders.create(order, tx=tx)
        await charging.send(Charge(order.id), tx=tx)
    return order


@api.get("/orders/{id}")
async def read(id: str) -> Order:
    return await orders.require(id)


@api.post("/counts")
async def count_many(many: list[Count]) -> None:
    await counting.send_many(many)
    await later.send(Count(1), delay_s=600)


@api.get("/broken")
async def broken() -> None:
    try:
        stumble()
    except LookupError as error:
        raise ValueError("this is a bug") from error


@api.get("/refused")
async def refused() -> None:
    raise Conflict("somebody was faster")


@charging.consumer(attempts_max=3, backoff=Backoff(0.001, 0.001))
async def charge(job: Charge) -> None:
    order = await orders.update(job.order_id, add={"tries": 1})
    if order.card == "refused" or (order.card == "shaky" and order.tries == 1):
        raise RuntimeError(f"the card of {order.id} was refused")
    await mailing.send(Letter(order.id))


@mailing.consumer
def mail(letter: Letter) -> None:
    log.warning("there is no mail server: %s is not told", letter.order_id)


@counting.consumer(batch=10)
async def count(batch: list[Delivery[Count]]) -> None:
    log.info("%d counts", len(batch))


@later.consumer
async def count_later(one: Count) -> None:
    log.info("later: %d", one.by)


def stumble() -> None:
    raise LookupError("there is no such step")
