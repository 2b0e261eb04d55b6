"""An order and its two messages are one transaction: all are there, or none is."""

from skylift import Delivery, Queue, Struct, Table, gather, transaction

from .api import api


class Order(Struct):
    id: str
    packed: bool = False
    billed: bool = False


class Pack(Struct):
    order: str


class Bill(Struct):
    order: str


class Known(Struct):
    ids: list[str]


orders = Table("orders", Order, key="id")
packing = Queue("packing", Pack)
billing = Queue("billing", Bill)


@api.post("/orders", status=201)
async def place(order: Order) -> Order:
    async with transaction() as tx:
        await orders.create(order, tx=tx)
        await packing.send(Pack(order.id), tx=tx)
        await billing.send(Bill(order.id), tx=tx)
    return order


@packing.consumer(attempts_max=20)
async def pack(job: Pack) -> None:
    await orders.update(job.order, set={"packed": True})  # NotFound would be half a transaction


@billing.consumer(batch=10, attempts_max=20)
async def bill(jobs: list[Delivery[Bill]]) -> None:
    await gather(*(orders.update(job.message.order, set={"billed": True}) for job in jobs))


@api.post("/orders/known")
async def listed(asked: Known) -> list[Order]:
    found = await orders.get_many([(id,) for id in asked.ids])
    return [order for order in found if order is not None]
