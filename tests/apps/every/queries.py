"""Query parameters: required, with defaults, optional, constrained, repeated."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from skylift import Meta, Struct

from .api import api
from .shapes import Color, Level, Moment, Percent, Slug


class Required(Struct):
    text: str
    count: int
    flag: bool
    color: Color


class Optional(Struct):
    text: str
    count: int | None
    ratio: float
    flag: bool
    color: Color
    level: Level | None
    mood: Literal["good", "bad"]
    since: datetime | None
    day: date | None
    id: UUID | None
    price: Decimal | None


class Repeated(Struct):
    tags: list[str]
    counts: list[int]
    ids: list[UUID]
    colors: list[Color]


@api.get("/queries/required")
async def required(text: str, count: int, flag: bool, color: Color) -> Required:
    return Required(text, count, flag, color)


@api.get("/queries/optional")
async def optional(
    *,
    text: str = "hello",
    count: int | None = None,
    ratio: float = 0.5,
    flag: bool = False,
    color: Color = Color.RED,
    level: Level | None = None,
    mood: Literal["good", "bad"] = "good",
    since: Moment | None = None,
    day: date | None = None,
    id: UUID | None = None,
    price: Decimal | None = None,
) -> Optional:
    """Each scalar type, none of them needed.

    What is left out has its default.
    """
    return Optional(text, count, ratio, flag, color, level, mood, since, day, id, price)


@api.get("/queries/limited")
async def limited(
    page: Annotated[int, Meta(ge=1, le=100, description="Which page.")] = 1,
    slug: Slug | None = None,
    percent: Percent | None = None,
) -> list[int]:
    return [page, percent or 0, len(slug or "")]


@api.get("/queries/repeated")
async def repeated(
    tags: list[str],
    counts: Annotated[list[int], Meta(max_length=5)] = [],  # noqa: B006
    ids: list[UUID] | None = None,
    colors: list[Color] = [Color.RED],  # noqa: B006
) -> Repeated:
    return Repeated(tags, counts, ids or [], colors)


@api.get("/queries/either")
async def either(value: int | date | bool | None = None) -> int | date | bool | None:
    return value
