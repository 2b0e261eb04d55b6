"""The reading room: things one iterates over, enters and leaves."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from skylift import Conflict, NotFound, Table, attr, now, transaction

from ..expecting import expects
from .resources import (
    Book,
    Entry,
    Loan,
    Order,
    api,
    archive,
    audit,
    books,
    customers,
    loans,
    notes,
    orders,
)
from .support.storage import UnitOfWork


class Overdue:
    """Loans past their day, as an asynchronous iterable."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    async def __aiter__(self) -> AsyncIterator[Loan]:
        async for loan in loans.scan():
            if loan.due < self.at:
                yield loan


async def titles(source: Overdue) -> AsyncIterator[str]:
    async for loan in source:
        book = await books.get(loan.book_id)
        yield book.title if book else "?"


@expects(loans="scan", books="get")
@api.get("/reading/1")
async def overdue() -> list[str]:
    return [title async for title in titles(Overdue(now()))]


class Hold:
    """Keeps a book for a reader while the block runs."""

    def __init__(self, book_id: str, reader: str) -> None:
        self.key = (book_id, reader)

    async def __aenter__(self) -> Loan:
        loan = Loan(*self.key, now())
        await loans.create(loan)
        return loan

    async def __aexit__(self, *exc: object) -> None:
        await loans.delete(*self.key)


@asynccontextmanager
async def copy_of(id: str) -> AsyncIterator[Book]:
    book = await books.update(id, add={"copies": -1})
    try:
        yield book
    except Exception:
        await audit.put(Entry(id, now(), "failed"))
        raise
    finally:
        await books.update(id, add={"copies": 1})


@expects(loans="create delete", books="get")
@api.get("/reading/2/{id}")
async def inspect_book(id: str, reader: str = "staff") -> Book | None:
    async with Hold(id, reader) as held:
        return await books.get(held.book_id)


@expects(books="update", audit="put", customers="require")
@api.get("/reading/3/{id}")
async def read_in_house(id: str, reader: str) -> str:
    async with copy_of(id) as book:
        return f"{(await customers.require(reader)).email} reads {book.title}"


@expects(orders="tx.create", customers="tx.update")
@api.post("/reading/4/{id}")
async def order_copy(id: str, reader: str) -> None:
    async with UnitOfWork() as work:
        await work.orders.add(Order(id, reader, "new", 0))
        await work.customers.change(reader, credit=0)


# -- stacks, closing, suppressing


@expects(loans="tx.delete", books="tx.update", audit="tx.create")
@api.delete("/reading/5/{id}/{reader}")
async def give_back(id: str, reader: str) -> None:
    async with AsyncExitStack() as stack:
        tx = await stack.enter_async_context(transaction())
        await loans.delete(id, reader, if_=attr("due").present(), tx=tx)
        await books.update(id, add={"copies": 1}, tx=tx)
        await audit.create(Entry(id, now(), "returned"), tx=tx)


async def lent_to(reader: str) -> AsyncIterator[Loan]:
    async for loan in loans.query(reader, index="by_reader", reverse=True):
        yield loan


@expects(loans="query")
@api.get("/reading/6/{reader}")
async def latest_loan(reader: str) -> Loan | None:
    async with aclosing(lent_to(reader)) as found:
        async for loan in found:
            return loan
    return None


@expects(loans="query", books="require")
@api.get("/reading/7/{reader}")
async def first_title(reader: str) -> str:
    loan = await anext(lent_to(reader), None)
    return "" if loan is None else (await books.require(loan.book_id)).title


@expects(notes="create", archive="delete")
@api.post("/reading/8/{id}")
async def restore(id: str) -> None:
    note = await archive.delete(id)
    if note is None:
        return
    with suppress(Conflict):
        await notes.create(note)


class Session:
    """Borrowing at the desk: the same transaction for whatever happens inside."""

    def __init__(self, *tables: Table[Any, Any]) -> None:
        self._tables = {table.name: table for table in tables}
        self._work = transaction()

    async def __aenter__(self) -> "Session":
        self.tx = await self._work.__aenter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self._work.__aexit__(*exc)

    def __getitem__(self, name: str) -> Table[Any, Any]:
        return self._tables[name]


@expects(books="tx.update", loans="tx.put")
@api.post("/reading/9/{id}/{reader}")
async def renew(id: str, reader: str, due: datetime) -> None:
    async with Session(books, loans) as session:
        await session["loans"].put(Loan(id, reader, due), tx=session.tx)
        await session["books"].update(id, set={"copies": 0}, tx=session.tx)


async def everything_by(owner: str) -> AsyncIterator[str]:
    async for note in notes.query(owner, index="by_owner"):
        yield note.text
    async for order in orders.query(owner, index="by_customer"):
        yield order.status
        for sku in order.lines:
            yield sku


@expects(notes="query", orders="query")
@api.get("/reading/10/{owner}")
async def words_of(owner: str) -> list[str]:
    return sorted({word async for line in everything_by(owner) for word in line.split()})


async def each_page(table: Table[Any, str], owner: str, index: str) -> AsyncIterator[list[Any]]:
    cursor = None
    while True:
        page = await table.page(owner, index=index, cursor=cursor, limit=100)
        yield page.items
        if (cursor := page.cursor) is None:
            return


@expects(notes="page put_many")
@api.post("/reading/11/{owner}")
async def recount(owner: str) -> int:
    counted = 0
    async for items in each_page(notes, owner, "by_owner"):
        for note in items:
            note.words = len(note.text.split())
        await notes.put_many(items)
        counted += len(items)
    return counted


async def thread(id: str, depth: int = 0) -> list[str]:
    """A note and its ancestors, oldest first."""
    if depth > 20 or (note := await notes.get(id)) is None:
        return []
    above = await thread(note.parent, depth + 1) if note.parent else []
    return [*above, note.text]


@expects(notes="get")
@api.get("/reading/12/{id}")
async def show_thread(id: str) -> list[str]:
    if not (texts := await thread(id)):
        raise NotFound(f"no note {id}")
    return texts
