"""Parameters that come from headers."""

from typing import Annotated

from skylift import Header, Meta, Struct

from .api import api
from .shapes import Color


class Told(Struct):
    id: str
    count: int
    color: Color | None
    language: str | None


@api.get("/headers")
async def headers(
    id: Annotated[str, Header("X-Request-Id"), Meta(pattern="^[a-z0-9-]{1,40}$")],
    count: Annotated[int, Header("x-count"), Meta(ge=0)] = 0,
    color: Annotated[Color, Header("x-color")] | None = None,
    language: Annotated[str | None, Header("accept-language")] = None,
) -> Told:
    return Told(id, count, color, language)
