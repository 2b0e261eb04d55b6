"""Types of every kind, as bodies and answers have them."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Generic, Literal, NamedTuple, NotRequired, TypedDict, TypeVar
from uuid import UUID

from skylift import Meta, Struct

T = TypeVar("T")

Moment = Annotated[datetime, Meta(tz=True)]
Name = Annotated[str, Meta(min_length=1, max_length=40)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Slug = Annotated[str, Meta(pattern="^[a-z0-9-]{1,20}$")]
Count = Annotated[int, Meta(ge=0, lt=1_000_000)]


class Color(Enum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Scalars(Struct):
    """One field of each scalar type."""

    text: str
    count: int
    ratio: float
    flag: bool
    price: Decimal
    id: UUID
    day: date
    moment: Moment
    clock: Annotated[time, Meta(tz=True)]
    lasts: timedelta
    blob: bytes
    color: Color
    level: Level
    mood: Literal["good", "bad"]


class Limited(Struct):
    """Each constraint."""

    name: Name
    slug: Slug
    percent: Percent
    above: Annotated[float, Meta(gt=0, lt=1)]
    even: Annotated[int, Meta(multiple_of=2, ge=-1000, le=1000)]
    few: Annotated[list[Percent], Meta(min_length=1, max_length=3)]
    tags: set[Slug] = set()
    marks: Annotated[dict[Slug, Percent], Meta(max_length=3)] = {}


class Item(Struct):
    name: Name
    price: Percent = 1
    note: str | None = None


class Order(Struct, rename="camel"):
    """Renamed fields, and everything nested."""

    order_id: Slug
    first_item: Item
    other_items: list[Item] = []
    by_slug: dict[Slug, Item] = {}
    by_year: dict[int, Count] = {}
    gift: Item | None = None


@dataclass
class Place:
    city: Name
    lines: list[str] = field(default_factory=list[str])
    zip: str | None = None


class Person(TypedDict):
    name: Name
    place: NotRequired[Place]


class Point(NamedTuple):
    x: float
    y: float = 0.0


class Pixel(Struct, array_like=True):
    at: Point
    color: Color = Color.RED


class Cat(Struct, tag="cat"):
    lives: Percent


class Dog(Struct, tag="dog"):
    name: Name
    friends: list["Cat | Dog"] = []


class Tree(Struct):
    value: int
    children: list["Tree"] = []


class Listed(Struct, Generic[T]):
    items: list[T]


class Closed(Struct, forbid_unknown_fields=True):
    pair: tuple[Count, Slug]
    either: int | Name | list[Count] | None = None
