"""Services with injected tables: singletons, containers, subscribers, caches, middleware."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from skylift import Conflict, NotFound, Table, attr, new_id, now

from ..expecting import expects
from .resources import (
    Customer,
    Entry,
    Invoice,
    Note,
    Order,
    api,
    audit,
    customers,
    invoices,
    notes,
    orders,
    products,
)
from .support.access import retrying
from .support.storage import Repository

T = TypeVar("T")


class Ordering:
    """Constructor injection, with the tables it needs and a clock."""

    def __init__(
        self,
        order_table: Table[Order, str],
        customer_table: Table[Customer, str],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._orders = order_table
        self._customers = customer_table
        self._clock = clock

    async def place(self, customer_id: str, total: int) -> Order:
        customer = await self._customers.require(customer_id)
        order = Order(new_id(), customer.id, "new", total)
        await self._orders.create(order)
        return order

    async def close(self, id: str) -> None:
        await self._orders.update(id, set={"status": f"closed {self._clock():%Y}"})

    @retrying(2)
    async def reopen(self, id: str) -> Order:
        order = await self._orders.get(id)
        if order is None:
            raise NotFound(f"no order {id}")
        return await self._orders.update(id, set={"status": "new"})


@expects(orders="create", customers="require")
@api.post("/service/1/{customer_id}")
async def order_now(customer_id: str, total: int = 0) -> Order:
    ordering = Ordering(orders, customers)
    return await ordering.place(customer_id, total)


@expects(orders="get update")
@api.post("/service/2/{id}")
async def reopen_order(id: str) -> Order:
    return await Ordering(orders, customers).reopen(id)


_ordering: Ordering | None = None


def get_ordering() -> Ordering:
    """One for the process, made at its first use."""
    global _ordering
    if _ordering is None:
        _ordering = Ordering(orders, customers)
    return _ordering


@expects(orders="update")
@api.post("/service/3/{id}")
async def close_order(id: str) -> None:
    await get_ordering().close(id)


# -- who wants to know


class Events:
    def __init__(self) -> None:
        self._listeners: dict[str, list[Callable[..., Awaitable[None]]]] = defaultdict(list)

    def on(self, event: str):
        def subscribe(listener: Callable[..., Awaitable[None]]):
            self._listeners[event].append(listener)
            return listener

        return subscribe

    async def emit(self, event: str, **details: Any) -> None:
        await asyncio.gather(*(listen(**details) for listen in self._listeners[event]))


events = Events()


@events.on("paid")
async def bill(id: str, total: int) -> None:
    await invoices.update(id, set={"state": "paid", "total": total})


@events.on("paid")
async def write_down(id: str, **_: Any) -> None:
    await audit.put(Entry(id, now(), "paid"))


@expects(orders="update", invoices="update", audit="put")
@api.post("/service/4/{id}")
async def paid(id: str) -> None:
    order = await orders.update(id, set={"status": "paid"}, if_=attr("status") == "new")
    await events.emit("paid", id=id, total=order.total)


# -- a container of factories


class Container:
    def __init__(self) -> None:
        self._factories: dict[type, Callable[[], Any]] = {}

    def register(self, kind: type, factory: Callable[[], Any]) -> None:
        self._factories[kind] = factory

    def resolve(self, kind: type[T]) -> T:
        try:
            return self._factories[kind]()
        except KeyError:
            raise LookupError(f"nothing makes {kind.__name__}") from None


class Stock:
    def __init__(self, table: Table[Any, str]) -> None:
        self.table = table

    async def left(self, sku: str) -> int:
        return (await self.table.require(sku)).stock


container = Container()
container.register(Stock, lambda: Stock(products))


@expects(products="require")
@api.get("/service/5/{sku}")
async def left(sku: str) -> int:
    return await container.resolve(Stock).left(sku)


# -- tables in an attribute


class Account:
    repository: Repository[Any]

    def __init__(self, id: str, repository: Repository[Any] | None = None) -> None:
        self.id = id
        self.repository = repository or Repository(customers)
        self.tables = {"orders": orders, "invoices": invoices}
        self._log = None

    def with_log(self) -> Account:
        self._log = audit
        return self

    async def busy(self) -> bool:
        for table in self.tables.values():
            if [row async for row in table.query(self.id, index="by_customer", limit=1)]:
                return True
        return False

    async def invoice(self, id: str) -> Invoice | None:
        return await self.tables["invoices"].get(id)

    async def close(self) -> None:
        await self.repository.remove(self.id)
        if self._log is not None:
            await self._log.put(Entry(self.id, now(), "closed"))


@expects(customers="delete", orders="query", invoices="query", audit="put")
@api.delete("/service/6/{id}")
async def close_account(id: str) -> None:
    account = Account(id).with_log()
    if await account.busy():
        raise Conflict(f"{id} is busy")
    await account.close()


@expects(invoices="get")
@api.get("/service/7/{id}/{invoice_id}")
async def account_invoice(id: str, invoice_id: str) -> Invoice | None:
    return await Account(id).invoice(invoice_id)


# -- caches and wrappers with the verbs' own names


class ReadThrough(Generic[T]):
    def __init__(self, load: Callable[[str], Awaitable[T | None]], size: int = 100) -> None:
        self._load = load
        self._size = size
        self._held: dict[str, T] = {}

    async def get(self, id: str) -> T | None:
        if (held := self._held.get(id)) is not None:
            return held
        found = await self._load(id)
        if found is not None:
            self.put(id, found)
        return found

    def put(self, id: str, item: T) -> None:
        if len(self._held) >= self._size:
            self._held.pop(next(iter(self._held)))
        self._held[id] = item


product_cache = ReadThrough(products.get, size=10)


@expects(products="get")
@api.get("/service/8/{id}")
async def cached_product(id: str) -> Any:
    return await product_cache.get(id)


class Counted:
    """Counts what passes through to a table."""

    def __init__(self, inner: Table[Any, str]) -> None:
        self.inner = inner
        self.calls = 0

    async def get(self, id: str) -> Any:
        self.calls += 1
        return await self.inner.get(id)

    async def put(self, item: Any) -> None:
        self.calls += 1
        await self.inner.put(item)


counted_notes = Counted(notes)


@expects(notes="get")
@api.get("/service/9/{id}")
async def counted(id: str) -> Note | None:
    return await counted_notes.get(id)
