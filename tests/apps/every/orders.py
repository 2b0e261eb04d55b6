"""Requests that are carried out once when they come with an Idempotency-Key."""

from typing import Annotated

from skylift import Header, Response, Struct, Table, transaction

from .api import api
from .shapes import Slug


class Order(Struct):
    buyer: Slug
    count: int


orders = Table("orders", Order, key="buyer")


@api.post("/orders", status=201, once=True)
async def order(order: Order) -> Order:
    await orders.put(order)
    return order


@api.put("/orders/{buyer}", once=True)
async def again(buyer: Slug) -> None:
    async with transaction(once=True) as tx:
        await orders.put(Order(buyer, 1), tx=tx)


@api.patch("/orders", once=True)
async def keyed(key: Annotated[str, Header("Idempotency-Key")] = "none") -> Response:
    """The key is a parameter of the handler's own as well."""
    return Response(key, 202)
