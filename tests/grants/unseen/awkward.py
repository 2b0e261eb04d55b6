"""What one meets once a year, and what nobody can read: there a refusal is the right answer."""

import contextlib
import importlib
import operator
import pickle
import queue
import weakref
from collections import ChainMap, deque
from contextvars import ContextVar
from enum import Enum
from functools import partialmethod, singledispatchmethod
from typing import Any

from skylift import Invalid, NotFound, Table

from ..expecting import expects, refused
from . import resources
from .resources import Book, Note, api, archive, books, invoices, loans, notes, orders

# -- rare, yet all of it is written down


class Stored:
    """A descriptor: the table of whatever class it stands in."""

    def __init__(self, table: Table[Any, str]) -> None:
        self.table = table

    def __get__(self, instance: object, owner: type) -> Table[Any, str]:
        return self.table


class Drafts:
    store = Stored(notes)

    def __init__(self, owner: str) -> None:
        self.owner = owner

    async def open(self, id: str) -> Note | None:
        note = await self.store.get(id)
        return note if note and note.owner == self.owner else None


@expects(notes="get")
@api.get("/awkward/1/{id}")
async def open_draft(id: str, owner: str) -> Note | None:
    return await Drafts(owner).open(id)


class Shelves(Enum):
    OPEN = (books, 14)
    CLOSED = (archive, 1)

    def __init__(self, table: Table[Any, str], days: int) -> None:
        self.table = table
        self.days = days


@expects(books="require", archive="require")
@api.get("/awkward/2/{id}")
async def on_shelf(id: str, shelf: str = "OPEN") -> dict[str, Any]:
    place = Shelves[shelf]
    return {"item": await place.table.require(id), "days": place.days}


class Sink:
    @singledispatchmethod
    async def put(self, item: object) -> None:
        raise Invalid(type(item).__name__)

    @put.register
    async def _(self, item: Note) -> None:
        await archive.put(item)

    @put.register
    async def _book(self, item: Book) -> None:
        await books.put(item)


@expects(notes="get", books="get put", archive="put")
@api.post("/awkward/3/{id}")
async def sink(id: str) -> None:
    for item in (await notes.get(id), await books.get(id)):
        if item is not None:
            await Sink().put(item)


class Status:
    async def _set(self, status: str, id: str) -> None:
        await orders.update(id, set={"status": status})

    ship = partialmethod(_set, "shipped")
    cancel = partialmethod(_set, "cancelled")


@expects(orders="update")
@api.post("/awkward/4/{id}")
async def ship(id: str) -> None:
    await Status().ship(id)


async def counted(id: str) -> Any:
    counted.calls += 1
    return await counted.table.get(id)


counted.calls = 0
counted.table = invoices


@expects(invoices="get")
@api.get("/awkward/5/{id}")
async def with_attributes(id: str) -> Any:
    return await counted(id)


class Outer:
    class Inner:
        table = loans

        @classmethod
        async def readers(cls, id: str) -> list[str]:
            return [loan.reader async for loan in cls.table.query(id)]

    inner = Inner


@expects(loans="query")
@api.get("/awkward/6/{id}")
async def nested_classes(id: str) -> list[str]:
    return await Outer.inner.readers(id)


class Logged:
    """Everything of a table, and a list of what was asked."""

    def __init__(self, table: Table[Any, Any]) -> None:
        self._table = table
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self._table, name)


logged_books = Logged(books)


@expects(books="get")
@api.get("/awkward/7/{id}")
async def logged(id: str) -> Book | None:
    return await logged_books.get(id)


WORK = deque([notes.require, archive.require], maxlen=4)


@expects(notes="require", archive="require")
@api.get("/awkward/8/{id}")
async def from_deque(id: str) -> Note:
    for read in WORK:
        with contextlib.suppress(NotFound):
            return await read(id)
    raise NotFound(f"no {id}")


LISTINGS = {"all": "scan"}


@expects(orders="scan")
@api.get("/awkward/9", uses=(orders.scan,))
async def declared(listing: str = "all") -> int:
    rows = getattr(orders, LISTINGS[listing])()
    return len([0 async for _ in rows])


# -- only running it tells


@refused(notes="get require delete")
@api.post("/awkward/20/{id}")
async def computed_verb(id: str, verb: str = "get") -> Any:
    if verb not in ("get", "require", "delete"):
        raise Invalid(verb)
    return await getattr(notes, verb)(id)


current_table: ContextVar[Table[Any, str]] = ContextVar("current_table")


async def save_current(item: Any) -> None:
    await current_table.get().put(item)


@refused(notes="put")
@api.put("/awkward/21")
async def in_context(note: Note) -> None:
    token = current_table.set(notes)
    try:
        await save_current(note)
    finally:
        current_table.reset(token)


@refused(invoices="get")
@api.get("/awkward/22/{id}")
async def by_methodcaller(id: str) -> Any:
    return await operator.methodcaller("get", id)(invoices)


async def put_note(id: str) -> None:
    await notes.put(Note(id, "nobody", ""))


JOBS = {"note": pickle.dumps(put_note)}


@refused(notes="put")
@api.post("/awkward/23/{id}")
async def by_pickle(id: str, job: str = "note") -> None:
    await pickle.loads(JOBS[job])(id)


@refused(orders="get", invoices="get")
@api.get("/awkward/24/{kind}/{id}")
async def by_global_name(kind: str, id: str) -> Any:
    if kind not in ("order", "invoice"):
        raise NotFound(kind)
    return await globals()[f"{kind}s"].get(id)


@refused(archive="delete")
@api.delete("/awkward/25/{id}")
async def through_a_queue(id: str) -> None:
    waiting: queue.Queue[Table[Any, str]] = queue.Queue()
    waiting.put(archive)
    await waiting.get().delete(id)


@refused(notes="get", orders="get")
@api.get("/awkward/26/{kind}/{id}")
async def chained_maps(kind: str, id: str) -> Any:
    return await ChainMap({"note": notes}, {"order": orders})[kind].get(id)


LIVE = weakref.WeakValueDictionary({"books": books, "archive": archive})


@refused(books="delete", archive="delete")
@api.delete("/awkward/27/{kind}/{id}")
async def weakly(kind: str, id: str) -> None:
    await LIVE[kind].delete(id)


@refused(orders="require", notes="require")
@api.get("/awkward/28/{kind}/{id}")
async def by_module_name(kind: str, id: str) -> Any:
    if kind not in ("orders", "notes"):
        raise NotFound(kind)
    module = importlib.import_module(resources.__name__)
    return await vars(module)[kind].require(id)
