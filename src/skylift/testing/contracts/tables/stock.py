"""The tables that table contracts play with: one key field and two, every kind of value, indexes
that order and lack items, items that expire.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from msgspec import Struct

from ....resources.table import Table


class Note(Struct):
    id: str
    text: str = ""
    words: int | None = None
    tags: set[str] = set()
    marks: dict[str, int] = {}


class Seat(Struct, frozen=True):
    room: str
    no: int
    owner: str | None = None
    since: datetime | None = None
    price: Decimal = Decimal(0)


class Session(Struct):
    id: str
    user: str
    ends: datetime | None = None
    hits: int = 0


class Ticket(Struct):
    """Expires by seconds since 1970."""

    id: str
    ends: int


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class City(Struct, frozen=True, rename="camel"):
    name: str
    post_code: str | None = None


@dataclass
class Box:
    size: int
    labels: list[str] = field(default_factory=list[str])


class Extra(TypedDict):
    a: int
    b: NotRequired[str]


class Cat(Struct, tag="cat"):
    name: str
    lives: int = 9


class Dog(Struct, tag="dog"):
    name: str
    tricks: list[str] = []


class Holding(Struct, rename="camel", omit_defaults=True):
    """One of every kind of value."""

    id: str
    text: str = ""
    whole: int = 0
    real: float = 0.0
    exact: Decimal = Decimal(0)
    yes: bool = False
    raw: bytes = b""
    made_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    day: date = date(2000, 1, 1)
    ident: UUID = UUID(int=0)
    colour: Colour = Colour.RED
    level: Level = Level.LOW
    words: list[str] = []
    sizes: dict[str, Decimal] = {}
    home: City = City("Nowhere")
    cities: list[City] = []
    box: Box | None = None
    extra: Extra | None = None
    pet: Cat | Dog | None = None
    tags: set[str] = set()
    numbers: set[Decimal] = set()
    raws: frozenset[bytes] = frozenset()
    either: int | str | None = None
    some: list[str] | str | None = None
    unset: str | None = None


class Measure(Struct):
    """Keys that are no text."""

    series: Decimal
    at: Decimal
    note: str = ""


class Event(Struct):
    source: UUID
    at: datetime
    raw: bytes | None = None
    level: Level | None = None
    note: str = ""


notes = Table("notes", Note, key="id")
seats = Table[Seat, str, int](
    "seats",
    Seat,
    key=("room", "no"),
    indexes={"by_owner": ("owner", "since"), "by_price": ("room", "price"), "owned": "owner"},
)
sessions = Table("sessions", Session, key="id", indexes={"by_user": ("user", "hits")}, ttl="ends")
tickets = Table("tickets", Ticket, key="id", ttl="ends")
holdings = Table("holdings", Holding, key="id")
measures = Table[Measure, Decimal, Decimal]("measures", Measure, key=("series", "at"))
events = Table[Event, UUID, datetime](
    "events",
    Event,
    key=("source", "at"),
    indexes={"by_raw": ("raw", "level"), "by_level": ("level", "at")},
)


def holding(id: str = "h", **values: Any) -> Holding:
    """Nothing in it at its default."""
    full: dict[str, Any] = {
        "text": "naïve 🚀",
        "whole": 7,
        "real": 1.5,
        "exact": Decimal("12345678901234567890.123456789"),
        "yes": True,
        "raw": b"\x00\xffraw",
        "made_at": datetime(2026, 11, 20, 9, 30, 15, 123456, tzinfo=UTC),
        "day": date(2026, 11, 20),
        "ident": UUID("a5a5a5a5-0000-4000-8000-00000000000a"),
        "colour": Colour.GREEN,
        "level": Level.HIGH,
        "words": ["one", "two"],
        "sizes": {"small": Decimal("0.5"), 'it\'s "odd"': Decimal(3)},
        "home": City("Madrid", "28001"),
        "cities": [City("Oslo"), City("Rome", "00100")],
        "box": Box(3, ["fragile"]),
        "extra": Extra(a=1, b="b"),
        "pet": Dog("Rex", ["sit"]),
        "tags": {"red", "blue"},
        "numbers": {Decimal("1.5"), Decimal(2)},
        "raws": frozenset({b"\x01", b"\x02"}),
        "either": "text",
        "some": ["a", "bc"],
    }
    return Holding(id, **(full | values))
