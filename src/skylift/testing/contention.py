"""Writes that meet others, as DynamoDB's do: transaction conflicts and throttles, from the seed.

A refused write has done nothing and is tried again after others had their turn; one that is refused
each time is Busy. Reads are never refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from ..errors import Busy
from ..ports import Action, Batch, Delete, Key, Put, Range, Rows, StorePort, TablePort
from .chance import Chance

R = TypeVar("R")

TRIES = 8  # as many as the store on AWS is asked before it is Busy
TURNS_MAX = 16  # of others, before a write is tried again; it doubles up to this


class Contention:
    """`share` of all tries is refused; it may be set at any time."""

    def __init__(self, share: float, chance: Chance) -> None:
        self._share, self._chance = 0.0, chance
        self.share = share

    @property
    def share(self) -> float:
        return self._share

    @share.setter
    def share(self, share: float) -> None:
        if not 0 <= share <= 1:
            raise ValueError(f"contention={share!r}, allowed are 0 to 1")
        self._share = share

    def refuses(self) -> bool:
        return self._share > 0 and self._chance.happens(self._share)

    async def give_way(self, tries: int) -> None:
        """Let others run, longer each time, and never as long as they do."""
        for _ in range(self._chance.up_to(min(2**tries, TURNS_MAX))):
            await asyncio.sleep(0)

    async def met(self, subject: str, write: Callable[[], Awaitable[R]]) -> R:
        """The write's result, once it was not refused."""
        for tries in range(1, TRIES + 1):
            if not self.refuses():
                return await write()
            await self.give_way(tries)
        raise busy(subject)


class ContendedTable:
    """A TablePort."""

    def __init__(self, inner: TablePort, name: str, contention: Contention) -> None:
        self._inner, self._name, self._contention = inner, name, contention

    async def get(self, key: Key) -> Any:
        return await self._inner.get(key)

    async def get_many(self, keys: Sequence[Key]) -> list[Any]:
        return await self._inner.get_many(keys)

    async def read(self, rows: Range) -> Rows:
        return await self._inner.read(rows)

    async def write(self, action: Action) -> Any:
        return await self._contention.met(self._name, lambda: self._inner.write(action))

    async def write_many(self, actions: Sequence[Put | Delete]) -> list[Exception | None]:
        """What was not processed is tried again, item by item."""
        outcome: list[Exception | None] = [busy(self._name) for _ in actions]
        waiting = list(range(len(actions)))
        for tries in range(1, TRIES + 1):
            refused = {at for at in waiting if self._contention.refuses()}
            passed = [at for at in waiting if at not in refused]
            errors = await self._inner.write_many([actions[at] for at in passed])
            for at, error in zip(passed, errors, strict=True):
                outcome[at] = error
            waiting = sorted(refused)
            if not waiting:
                break
            await self._contention.give_way(tries)
        return outcome


class ContendedStore:
    """A StorePort."""

    def __init__(self, inner: StorePort, contention: Contention) -> None:
        self._inner, self._contention = inner, contention

    async def commit(self, batch: Batch) -> None:
        await self._contention.met("a transaction", lambda: self._inner.commit(batch))


def busy(subject: str) -> Busy:
    return Busy(f"{subject}: refused {TRIES} times because of others, and given up")
