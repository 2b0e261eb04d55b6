"""A library, written with classes: views, mixins, class attributes, properties, protocols."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from xml.etree import ElementTree

from skylift import Conflict, NotFound, Table, now

from ..expecting import expects
from .resources import Book, Entry, Loan, Note, api, archive, audit, books, customers, loans, notes
from .support.storage import AuditTrail, Repository, Sluggish
from .support.storage.registry import everything, table_of

# -- views whose bound methods are the handlers


class Shelf:
    def __init__(self, table: Table[Any, str], lent: Table[Loan, str, str]) -> None:
        self.table = table
        self.lent = lent

    async def show(self, id: str) -> Any:
        return await self.table.require(id)

    async def retire(self, id: str) -> None:
        if await self._readers(id):
            raise Conflict(f"{id} is lent")
        await self.table.delete(id)

    async def _readers(self, id: str) -> list[str]:
        return [loan.reader async for loan in self.lent.query(id)]


shelf = Shelf(books, loans)
show_book = expects(books="require")(api.get("/library/1/{id}")(shelf.show))
retire_book = expects(books="delete", loans="query")(api.delete("/library/2/{id}")(shelf.retire))


# -- repositories and mixins


class Notes(Sluggish, AuditTrail, Repository[Note]):
    table = notes


class Archive(Notes):
    table = archive

    async def save(self, item: Note) -> Note:
        item.meta["archived"] = "yes"
        return await super().save(item)


@expects(notes="require put", audit="create")
@api.patch("/library/3/{id}")
async def retitle(id: str, text: str) -> Note:
    return await Notes().update(id, text=text)


@expects(notes="require delete", archive="put", audit="create")
@api.post("/library/4/{id}")
async def shelve(id: str) -> None:
    live, cold = Notes(), Archive()
    await cold.save(await live.get(id))
    await live.remove(id)


book_repository = Repository(books)


@expects(books="scan")
@api.get("/library/5")
async def by_author(author: str) -> list[str]:
    return sorted(
        [book.title async for book in book_repository.all() if book.author == author],
        key=str.casefold,
    )


# -- class methods and static methods


class Readers:
    table = customers

    @classmethod
    async def load(cls, id: str) -> Any:
        return await cls.table.require(id)

    @staticmethod
    async def loans_of(reader: str) -> list[Loan]:
        return [loan async for loan in loans.query(reader, index="by_reader")]

    @classmethod
    async def forget(cls, id: str) -> None:
        await cls.table.delete(id)


class Authors(Readers):
    table = books


@expects(customers="require", loans="query")
@api.get("/library/6/{id}")
async def reader_card(id: str) -> dict[str, Any]:
    reader = await Readers.load(id)
    return {"email": reader.email, "loans": await Readers.loans_of(id)}


@expects(books="require delete")
@api.delete("/library/7/{id}")
async def forget_author(id: str) -> None:
    author = await Authors.load(id)
    await Authors.forget(author.id)


# -- a protocol, injected by default argument


class Catalogue(Protocol):
    async def get(self, id: str) -> Book: ...

    async def take(self, id: str, count: int) -> Book: ...


class StoredCatalogue:
    async def get(self, id: str) -> Book:
        return await books.require(id)

    async def take(self, id: str, count: int) -> Book:
        return await books.update(id, add={"copies": -count})


async def lend(id: str, reader: str, catalogue: Catalogue = StoredCatalogue()) -> Loan:
    book = await catalogue.get(id)
    loan = Loan(book.id, reader, now() + timedelta(days=14))
    await loans.create(loan)
    await catalogue.take(id, 1)
    return loan


@expects(books="require update", loans="create")
@api.post("/library/8/{id}")
async def borrow(id: str, reader: str) -> Loan:
    return await lend(id, reader)


# -- properties


@dataclass
class Desk:
    archived: bool
    opened: list[str] = field(default_factory=list)

    @property
    def table(self) -> Table[Note, str]:
        return archive if self.archived else notes

    @cached_property
    def journal(self) -> Table[Entry, str, datetime]:
        return audit

    async def open(self, id: str) -> Note | None:
        self.opened.append(id)
        await self.journal.put(Entry(id, now(), "open"))
        return await self.table.get(id)


@expects(archive="get", notes="get", audit="put")
@api.get("/library/9/{id}")
async def open_note(id: str, archived: bool = False) -> Note:
    desk = Desk(archived)
    if (note := await desk.open(id)) is None:
        raise NotFound(f"no note {id} among {desk.opened}")
    return note


# -- a template method


class Import(ABC):
    async def run(self, lines: list[str]) -> int:
        for line in filter(None, map(str.strip, lines)):
            await self.accept(line)
        return len(lines)

    @abstractmethod
    async def accept(self, line: str) -> None: ...


class BookImport(Import):
    async def accept(self, line: str) -> None:
        id, title, author = line.split(";")
        await books.put(Book(id, title, author))


class LoanImport(Import):
    async def accept(self, line: str) -> None:
        await loans.put(Loan(*line.split(";"), now()))


@expects(books="put")
@api.post("/library/14")
async def import_books(lines: list[str]) -> int:
    return await BookImport().run(lines)


@expects(books="get", notes="get")
@api.get("/library/15/{kind}/{id}")
async def anything(kind: str, id: str) -> Any:
    return await table_of(kind).get(id)


@expects(loans="delete", notes="get")
@api.delete("/library/16/{id}/{reader}")
async def hand_back(id: str, reader: str) -> str:
    await everything.loans.delete(id, reader)
    note = await everything.notes.get(id)
    return note.meta.get("thanks", "") if note else ""


@expects()
@api.get("/library/17")
async def shelf_mark(xml: str = "<book isbn='1'/>") -> str | None:
    return ElementTree.fromstring(xml).get("isbn")
