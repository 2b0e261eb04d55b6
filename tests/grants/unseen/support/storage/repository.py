"""A repository as many teams write it, and two mixins that save through `super()`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

from skylift import Table, now

from ...resources import Entry, audit

T = TypeVar("T")


class Repository(Generic[T]):
    table: Table[T, str]

    def __init__(self, table: Table[T, str] | None = None) -> None:
        if table is not None:
            self.table = table

    async def get(self, id: str) -> T:
        """Unlike the table's own verb this one raises when there is none."""
        return await self.table.require(id)

    async def save(self, item: T) -> T:
        await self.table.put(item)
        return item

    async def update(self, id: str, **changes: Any) -> T:
        item = await self.get(id)
        for field, value in changes.items():
            setattr(item, field, value)
        return await self.save(item)

    async def remove(self, id: str) -> None:
        await self.table.delete(id)

    async def all(self) -> AsyncIterator[T]:
        async for item in self.table.scan():
            yield item


class AuditTrail:
    """Says in the audit table who was saved."""

    async def save(self, item: Any) -> Any:
        saved = await super().save(item)
        await audit.create(Entry(saved.id, now(), f"{type(self).__name__}.save"))
        return saved


class Sluggish:
    """Lets others go first."""

    async def save(self, item: Any) -> Any:
        await asyncio.sleep(0)
        return await super().save(item)
