"""Billing: what to do is looked up: in dicts, enums, registries, class hierarchies, types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, NamedTuple

from skylift import Conflict, Invalid, NotFound, Struct, Table, attr, now

from ..expecting import expects
from .resources import (
    Entry,
    Invoice,
    Note,
    Order,
    api,
    archive,
    audit,
    customers,
    invoices,
    notes,
    orders,
)

# -- a dict of functions


async def _settle(invoice: Invoice) -> None:
    await invoices.update(invoice.id, set={"state": "paid"}, if_=attr("state") == "open")


async def _dispute(invoice: Invoice) -> None:
    await _settle(invoice)
    await audit.put(Entry(invoice.id, now(), "dispute"))


async def _write_off(invoice: Invoice) -> None:
    await invoices.delete(invoice.id)


ACTIONS = {"settle": _settle, "dispute": _dispute, "write_off": _write_off}


@expects(invoices="require update delete", audit="put")
@api.post("/billing/1/{id}")
async def act(id: str, action: str) -> None:
    try:
        run = ACTIONS[action]
    except KeyError:
        raise NotFound(f"no action {action}") from None
    await run(await invoices.require(id))


@expects(invoices="require update")
@api.post("/billing/2/{id}")
async def pay(id: str) -> None:
    await ACTIONS["settle"](await invoices.require(id))


# -- enums


class Ledger(Enum):
    INVOICES = "invoices"
    ORDERS = "orders"

    @property
    def table(self) -> Table[Any, str]:
        return LEDGERS[self]

    @classmethod
    def parse(cls, text: str) -> Ledger:
        try:
            return cls(text.lower())
        except ValueError:
            raise NotFound(f"no ledger {text}") from None


LEDGERS = {Ledger.INVOICES: invoices, Ledger.ORDERS: orders}


@expects(invoices="query", orders="query")
@api.get("/billing/3/{id}")
async def statement(id: str, ledger: str = "invoices") -> list[str]:
    table = Ledger.parse(ledger).table
    return [row.id async for row in table.query(id, index="by_customer")]


# -- match


@expects(invoices="create put delete", audit="put")
@api.post("/billing/4")
async def advance(invoice: Invoice) -> None:
    match invoice.state:
        case "draft":
            await invoices.create(invoice)
        case "open" | "late" as state:
            await invoices.put(invoice, if_=attr("state") == state)
        case "void" if invoice.total == 0:
            await invoices.delete(invoice.id)
        case _:
            raise Invalid(f"state {invoice.state}")
    await audit.put(Entry(invoice.id, now(), invoice.state))


@expects(orders="require", invoices="require")
@api.get("/billing/5/{kind}/{id}")
async def document(kind: str, id: str) -> Any:
    match kind:
        case "order":
            source = orders
        case "invoice":
            source = invoices
        case other:
            raise NotFound(f"no kind {other}")
    return await source.require(id)


# -- rules that register themselves

Rule = Callable[[Invoice], Awaitable[Invoice]]
RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check


@rule
async def has_order(invoice: Invoice) -> Invoice:
    await orders.require(invoice.id)
    return invoice


@rule
async def within_credit(invoice: Invoice) -> Invoice:
    customer = await customers.get(invoice.customer_id)
    if customer is None or customer.credit < invoice.total:
        raise Conflict("no credit")
    return invoice


@expects(invoices="require", orders="require", customers="get")
@api.get("/billing/6/{id}")
async def validate(id: str) -> Invoice:
    invoice = await invoices.require(id)
    for check in RULES:
        invoice = await check(invoice)
    return invoice


# -- tables in records


@dataclass(frozen=True)
class Stages:
    draft: Table[Order, str]
    final: Table[Invoice, str]


class Move(Struct):
    source: Any
    target: Any
    label: str = ""


class Store(NamedTuple):
    table: Table[Any, str]
    label: str


STAGES = Stages(draft=orders, final=invoices)
MOVES = {"bill": Move(orders, invoices, "bill"), "shelve": Move(orders, archive)}
STORES = (Store(orders, "order"), Store(invoices, "invoice"))


@expects(orders="require", invoices="create")
@api.post("/billing/7/{id}")
async def finalize(id: str) -> Invoice:
    order = await STAGES.draft.require(id)
    invoice = Invoice(order.id, order.customer_id, "open", order.total)
    await STAGES.final.create(invoice)
    return invoice


@expects(orders="get", invoices="delete", archive="delete")
@api.post("/billing/8/{id}")
async def undo_move(id: str, name: str) -> str:
    if (move := MOVES.get(name)) is None or await move.source.get(id) is None:
        raise NotFound(f"{name} {id}")
    await move.target.delete(id)
    return move.label


@expects(orders="get", invoices="get")
@api.get("/billing/9/{id}")
async def whereabouts(id: str) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for table, label in STORES:
        found[label] = await table.get(id) is not None
    return found


TABLES = {"invoice": invoices, "order": orders, "customer": customers}


@expects(invoices="get", customers="update")
@api.post("/billing/10/{id}")
async def refund(id: str) -> None:
    invoice = await TABLES["invoice"].get(id)
    if invoice is not None:
        await TABLES["customer"].update(invoice.customer_id, add={"credit": invoice.total})


# -- a hierarchy whose classes enter themselves


class Export:
    kinds: ClassVar[dict[str, type[Export]]] = {}

    def __init_subclass__(cls, kind: str = "", **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.kinds[kind] = cls

    def rows(self, owner: str) -> AsyncIterator[Any]:
        raise NotImplementedError


class InvoiceExport(Export, kind="invoices"):
    def rows(self, owner: str) -> AsyncIterator[Invoice]:
        return invoices.query(owner, index="by_customer")


class NoteExport(Export, kind="notes"):
    def rows(self, owner: str) -> AsyncIterator[Note]:
        return notes.query(owner, index="by_owner")


@expects(invoices="query", notes="query")
@api.get("/billing/11/{owner}")
async def export(owner: str, kind: str = "notes") -> list[str]:
    exporter = Export.kinds[kind]()
    return [row.id async for row in exporter.rows(owner)]
