"""Functions and classes that take tables, wrap handlers, or hide them in other ways."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Generic, TypeVar

from skylift import transaction

from .resources import audit, notes, orders, stock, users

T = TypeVar("T")


async def save(note: Any) -> None:
    await notes.put(note)


async def unused() -> None:
    await users.delete("x")


async def save_in(table: Any, item: Any) -> None:
    await table.put(item)


async def load_from(table: Any, id: str) -> Any:
    return await table.get(id)


async def deep(n: int) -> None:
    if n:
        return await deep(n - 1)
    await save(n)


async def ping(n: int) -> None:
    await notes.get(str(n))
    await pong(n - 1)


async def pong(n: int) -> None:
    if n:
        await ping(n)
    await orders.get(str(n))


async def sync_or(table: Any, item: Any, *, dry: bool = False) -> None:
    if dry:
        await table.check(item)
    else:
        await table.put(item)


async def with_default(item: Any, table: Any = None) -> None:
    table = table or users
    await table.put(item)


async def variadic(*tables: Any, **named: Any) -> None:
    for table in tables:
        await table.get("x")
    for table in named.values():
        await table.put("x")


def audited(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def inner(*args: Any, **kwargs: Any) -> Any:
        await audit.create(args)
        return await function(*args, **kwargs)

    return inner


def guarded(table: Any, verb: str = "get") -> Callable[..., Any]:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def inner(*args: Any, **kwargs: Any) -> Any:
            await getattr(table, verb)("x")
            return await function(*args, **kwargs)

        return inner

    return decorate


class Counted:
    """A decorator that is a class."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function

    async def __call__(self, *args: Any) -> Any:
        await audit.update("calls", add={"n": 1})
        return await self.function(*args)


@audited
async def decorated(id: str) -> Any:
    return await orders.get(id)


@Counted
async def counted(id: str) -> Any:
    return await users.get(id)


@functools.lru_cache
def pick() -> Any:
    return notes


@functools.cache
def pick_by(name: str) -> Any:
    return notes if name == "notes" else orders


def choose(flag: Any) -> Any:
    return notes if flag else orders


@functools.singledispatch
async def handle(value: object) -> None:
    await notes.put(value)


@handle.register
async def _(value: int) -> None:
    await orders.put(value)


class Repository(Generic[T]):
    def __init__(self, table: Any) -> None:
        self.table = table
        self.__hidden = table

    async def load(self, id: str) -> Any:
        return await self.table.get(id)

    async def store(self, item: Any) -> None:
        await self.table.put(item)

    async def both(self, item: Any) -> Any:
        await self.store(item)
        return await self.load("1")

    async def hidden(self) -> Any:
        return await self.__hidden.require("1")

    @property
    def first(self) -> Any:
        return self.table

    @functools.cached_property
    def cached(self) -> Any:
        return self.table

    @classmethod
    def of_users(cls) -> Any:
        return cls(users)

    @staticmethod
    async def clear() -> None:
        await stock.delete("x")

    async def __aenter__(self) -> Any:
        await self.table.update("lock")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.table.delete("lock")

    def __getitem__(self, id: str) -> Any:
        return self.table.get(id)

    async def __call__(self, id: str) -> Any:
        return await self.table.require(id)


class LoudRepository(Repository[Any]):
    async def load(self, id: str) -> Any:
        await audit.put(id)
        return await super().load(id)


class Proxy:
    def __init__(self, table: Any) -> None:
        self._table = table

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)


class Cells:
    """Iterable by methods of its own."""

    def __init__(self, *tables: Any) -> None:
        self.tables = tables

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tables)


class Steps:
    def __init__(self, table: Any) -> None:
        self.table, self.left = table, 3

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> Any:
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return await self.table.get(str(self.left))


class Slotted:
    __slots__ = ("table",)

    def __init__(self, table: Any) -> None:
        self.table = table


class Reader:
    """A descriptor that gives a table."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __get__(self, owner: object, kind: type) -> Any:
        return self.table


class Desk:
    notes = Reader(notes)
    save = functools.partialmethod(save_in)  # type: ignore[arg-type]


class Job:
    """A template method: the base calls what the subclass says."""

    async def run(self, x: str) -> None:
        await self.before(x)
        await self.work(x)

    async def before(self, x: str) -> None:
        await audit.put(x)

    async def work(self, x: str) -> None:
        raise NotImplementedError


class CopyJob(Job):
    async def work(self, x: str) -> None:
        await notes.get(x)
        await orders.create(x)


class PurgeJob(Job):
    async def before(self, x: str) -> None:
        pass

    async def work(self, x: str) -> None:
        await notes.delete(x)


JOBS = {"copy": CopyJob(), "purge": PurgeJob()}


@contextlib.asynccontextmanager
async def locked(table: Any) -> AsyncIterator[Any]:
    await table.create("lock")
    try:
        yield table
    finally:
        await table.delete("lock")


@contextlib.contextmanager
def borrowed() -> Iterator[Any]:
    yield users


async def each() -> AsyncIterator[Any]:
    for table in (notes, orders):
        yield await table.get("x")


def tables() -> Iterator[Any]:
    yield notes
    yield from more_tables()


def more_tables() -> Iterator[Any]:
    yield orders


async def on_paid(id: str) -> None:
    await orders.update(id)


async def on_lost(id: str) -> None:
    await users.get(id)


ACTIONS = {"paid": on_paid, "lost": on_lost}
save_order = functools.partial(save_in, orders)
note_repository = Repository[Any](notes)
loud = LoudRepository(orders)
slotted = Slotted(users)


async def in_transaction(x: Any, *writes: Any) -> None:
    async with transaction() as tx:
        for write in writes:
            await write(x, tx=tx)


_repository: Any = None


def repository() -> Any:
    global _repository
    if _repository is None:
        _repository = Repository(orders)
    return _repository
