"""The tables of the corpus, and the shapes in which modules pass them around."""

from __future__ import annotations

import enum
from collections import ChainMap, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple

from skylift import Api, Struct, Table


class Line(Struct):
    sku: str
    count: int = 1

    async def reserve(self) -> None:
        await stock.update(self.sku, add={"reserved": self.count})


class Note(Struct):
    id: str
    text: str = ""

    def words(self) -> list[str]:
        return self.text.split()


class Order(Struct):
    id: str
    note: Note
    lines: list[Line]

    async def settle(self) -> None:
        await orders.update(self.id, set={"settled": True})

    async def ship(self) -> None:
        for line in self.lines:
            await line.reserve()


class User(Struct):
    id: str
    name: str = ""


class Kind(enum.Enum):
    NOTE = "note"
    ORDER = "order"


api = Api("api")
notes = Table("notes", Note, key="id")
orders = Table("orders", Order, key="id")
users = Table("users", User, key="id")
stock = Table("stock", Line, key="sku")
audit = Table("audit", Note, key="id")

TABLES: dict[str, Any] = {"notes": notes, "orders": orders}
BY_KIND = {Kind.NOTE: notes, Kind.ORDER: orders}
FROZEN = MappingProxyType({"users": users})
LAYERED = ChainMap({"a": notes}, {"b": orders})
ORDERED = OrderedDict(first=notes, second=orders)
PAIRS = [(notes, "get"), (orders, "put")]
ROUTES = {"n": (notes, "get"), "o": (orders, "put")}
RING = deque([notes, orders])
EMPTY: defaultdict[str, Any] = defaultdict(lambda: users)


@dataclass
class Stores:
    first: Table[Note, str]
    second: Table[Order, str]
    by_name: dict[str, Any] = field(default_factory=dict)


class Pair(NamedTuple):
    left: Any
    right: Any


class Spec(Struct, frozen=True):
    table: Any
    verb: str


class Holder:
    table = users
    others = (notes, orders)


Point = namedtuple("Point", "x y")

stores = Stores(notes, orders, {"users": users})
pair = Pair(notes, orders)
point = Point(users, 3)
space = SimpleNamespace(main=notes, spare=orders)
SPECS = {"n": Spec(notes, "get"), "o": Spec(orders, "put")}
