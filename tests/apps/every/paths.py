"""A path parameter of each type, two of them, a greedy one, and a static path that beats them."""

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from skylift import Meta, Struct

from .api import api
from .shapes import Color, Level, Moment, Percent, Slug


class Pair(Struct):
    left: int
    right: str


@api.get("/paths/text/{value}")
async def text(value: str) -> str:
    return value


@api.get("/paths/text/fixed")
async def fixed() -> Literal["fixed"]:
    return "fixed"


@api.get("/paths/slug/{value}")
async def slug(value: Slug) -> str:
    return value


@api.get("/paths/int/{value}")
async def integer(value: int) -> int:
    return value


@api.get("/paths/percent/{value}")
async def percent(value: Percent) -> int:
    return value


@api.get("/paths/float/{value}")
async def number(value: float) -> float:
    return value


@api.get("/paths/bool/{value}")
async def flag(value: bool) -> bool:
    return value


@api.get("/paths/decimal/{value}")
async def decimal(value: Decimal) -> Decimal:
    return value


@api.get("/paths/uuid/{value}")
async def uuid(value: UUID) -> UUID:
    return value


@api.get("/paths/date/{value}")
async def day(value: date) -> date:
    return value


@api.get("/paths/datetime/{value}")
async def moment(value: Moment) -> Moment:
    return value


@api.get("/paths/time/{value}")
async def clock(value: Annotated[time, Meta(tz=True)]) -> time:
    return value


@api.get("/paths/enum/{value}")
async def color(value: Color) -> Color:
    return value


@api.get("/paths/level/{value}")
async def level(value: Level) -> Level:
    return value


@api.get("/paths/literal/{value}")
async def literal(value: Literal["up", "down"]) -> str:
    return value


@api.get("/paths/pair/{left}/with/{right}")
async def pair(left: int, right: str) -> Pair:
    return Pair(left, right)


@api.get("/files/{path+}")
async def file(path: str) -> str:
    return path
