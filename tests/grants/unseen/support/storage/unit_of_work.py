"""All writes of one piece of work in one transaction."""

from typing import Any

from skylift import Table, transaction

from ...resources import customers, invoices, orders


class Collection:
    def __init__(self, table: Table[Any, str], tx: Any) -> None:
        self._table = table
        self._tx = tx

    async def add(self, item: Any) -> None:
        await self._table.create(item, tx=self._tx)

    async def change(self, id: str, **fields: Any) -> None:
        await self._table.update(id, set=fields, tx=self._tx)

    async def drop(self, id: str) -> None:
        await self._table.delete(id, tx=self._tx)


class UnitOfWork:
    async def __aenter__(self) -> "UnitOfWork":
        self._transaction = transaction()
        tx = await self._transaction.__aenter__()
        self.orders = Collection(orders, tx)
        self.invoices = Collection(invoices, tx)
        self.customers = Collection(customers, tx)
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self._transaction.__aexit__(*exc)
