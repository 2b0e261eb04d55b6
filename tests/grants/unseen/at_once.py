"""Much at once: gather, task groups, queues of asyncio, limits, callbacks and middleware."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any

import httpx

from skylift import NotFound, Table, attr, gather, now

from ..expecting import expects
from .resources import (
    Customer,
    Entry,
    Note,
    Order,
    api,
    archive,
    audit,
    books,
    customers,
    invoices,
    loans,
    notes,
    orders,
    products,
)
from .support.access import remembered


@expects(customers="get", orders="get", notes="get")
@api.get("/at_once/1/{id}")
async def overview(id: str) -> dict[str, Any]:
    customer, order, note = await gather(customers.get(id), orders.get(id), notes.get(id))
    return {"customer": customer, "order": order, "note": note}


@expects(notes="get")
@api.post("/at_once/2")
async def read_all(ids: list[str]) -> list[Note]:
    found = await asyncio.gather(*(notes.get(id) for id in ids), return_exceptions=True)
    return [note for note in found if isinstance(note, Note)]


@expects(products="require", customers="require")
@api.get("/at_once/3/{id}/{sku}")
async def fits_credit(id: str, sku: str) -> bool:
    async with asyncio.TaskGroup() as group:
        product = group.create_task(products.require(sku))
        customer = group.create_task(customers.require(id), name="customer")
    return product.result().price <= customer.result().credit


@expects(books="get", audit="put")
@api.get("/at_once/4/{id}")
async def visit(id: str) -> Any:
    written = asyncio.create_task(_note_visit(id))
    try:
        return await asyncio.wait_for(books.get(id), timeout=2)
    except TimeoutError:
        return None
    finally:
        await written


async def _note_visit(id: str) -> None:
    await audit.put(Entry(id, now(), "visit"))


@expects(archive="delete", notes="delete")
@api.post("/at_once/5")
async def erase(ids: list[str]) -> int:
    doomed = [table.delete(id) for table in (notes, archive) for id in ids]
    gone = [await done for done in asyncio.as_completed(doomed)]
    return sum(item is not None for item in gone)


@expects(orders="scan", customers="update")
@api.post("/at_once/6")
async def reward() -> int:
    queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=10)

    async def produce() -> None:
        async for order in orders.scan():
            await queue.put(order.customer_id)
        await queue.put(None)

    async def consume() -> int:
        done = 0
        while (id := await queue.get()) is not None:
            await customers.update(id, add={"credit": 1})
            done += 1
        return done

    _, done = await asyncio.gather(produce(), consume())
    return done


class Throttle:
    """At most so many calls at once."""

    def __init__(self, at_once: int) -> None:
        self._gate = asyncio.Semaphore(at_once)

    async def run(self, call: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        async with self._gate:
            return await call(*args, **kwargs)


@expects(products="update")
@api.post("/at_once/7")
async def reprice(skus: list[str], percent: int = 0) -> None:
    throttle = Throttle(4)
    change = {"price": percent}
    await asyncio.gather(*[throttle.run(products.update, sku, add=change) for sku in skus])


# -- layers around a call

Call = Callable[[str], Awaitable[Any]]


def not_found(call: Call) -> Call:
    async def layer(id: str) -> Any:
        if (found := await call(id)) is None:
            raise NotFound(f"no {id}")
        return found

    return layer


def journaled(call: Call) -> Call:
    async def layer(id: str) -> Any:
        await audit.create(Entry(id, now(), "call"))
        return await call(id)

    return layer


LAYERS = (journaled, not_found)


@expects(invoices="get", audit="create")
@api.get("/at_once/8/{id}")
async def guarded_invoice(id: str) -> Any:
    call: Call = invoices.get
    for layer in reversed(LAYERS):
        call = layer(call)
    return await call(id)


@remembered
async def plan_of(id: str) -> str:
    customer = await customers.get(id)
    return customer.plan if customer else "free"


@expects(customers="get", orders="query")
@api.get("/at_once/9/{id}")
async def priority(id: str) -> int:
    plan = await plan_of(id)
    waiting = [order async for order in orders.query(id, index="by_customer", limit=5)]
    return len(waiting) * (2 if plan == "pro" else 1)


# -- a client of someone else's API, whose methods are verbs of HTTP


class Weather:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, city: str) -> dict[str, Any]:
        reply = await self.client.get("/now", params={"city": city})
        reply.raise_for_status()
        return reply.json()

    async def delete(self, city: str) -> None:
        await self.client.delete(f"/cities/{city}")


@expects()
@api.get("/at_once/10/{city}")
async def weather(city: str) -> str:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as client:
        report = await Weather(client).get(city)
        await client.put("/seen", json={"city": city})
    return report.get("sky", "unknown")


@expects(customers="require put")
@api.post("/at_once/11/{id}")
async def sync_customer(id: str) -> Customer:
    customer = await customers.require(id)
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as client:
        reply = await client.get(f"/customers/{id}")
    fields = reply.json()
    customer.plan = fields.get("plan", customer.plan)
    await customers.put(customer)
    return customer


# -- a query that is built step by step


class Find:
    def __init__(self, table: Table[Any, Any]) -> None:
        self._table = table
        self._options: dict[str, Any] = {}

    def by(self, index: str) -> "Find":
        self._options["index"] = index
        return self

    def newest(self, count: int) -> "Find":
        self._options.update(reverse=True, limit=count)
        return self

    def where(self, field: str, value: str) -> "Find":
        self._options["where"] = attr(field) == value
        return self

    async def all(self, partition: str) -> list[Any]:
        return [item async for item in self._table.query(partition, **self._options)]


@expects(orders="query")
@api.get("/at_once/12/{id}")
async def newest_orders(id: str, status: str = "new") -> list[Order]:
    return await Find(orders).by("by_customer").where("status", status).newest(10).all(id)


async def _texts(items: AsyncIterable[Note]) -> list[str]:
    return [item.text async for item in items]


def _longest(lines: list[str]) -> str:
    return max(lines, key=len, default="")


@expects(notes="query", loans="query")
@api.get("/at_once/13/{owner}")
async def longest(owner: str) -> str:
    if not [loan async for loan in loans.query(owner, index="by_reader")]:
        return ""
    lines = await _texts(notes.query(owner, index="by_owner"))
    return await asyncio.to_thread(_longest, lines)
