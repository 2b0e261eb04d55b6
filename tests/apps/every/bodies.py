"""A body of each kind, answered as it was understood."""

from skylift import Struct

from .api import api
from .shapes import (
    Cat,
    Closed,
    Count,
    Dog,
    Item,
    Limited,
    Listed,
    Order,
    Person,
    Pixel,
    Place,
    Scalars,
    Slug,
    Tree,
)


class Patch(Struct, omit_defaults=True):
    name: Slug | None = None
    count: Count | None = None


class Both(Struct):
    slug: str
    times: int
    item: Item


@api.post("/bodies/scalars")
async def scalars(body: Scalars) -> Scalars:
    return body


@api.post("/bodies/limited")
async def limited(body: Limited) -> Limited:
    return body


@api.post("/bodies/order")
async def order(body: Order) -> Order:
    return body


@api.post("/bodies/dataclass")
async def place(body: Place) -> Place:
    return body


@api.post("/bodies/typed-dict")
async def person(body: Person) -> Person:
    return body


@api.post("/bodies/array-like")
async def pixel(body: Pixel) -> Pixel:
    return body


@api.post("/bodies/tagged")
async def tagged(body: Cat | Dog) -> Cat | Dog:
    return body


@api.post("/bodies/recursive")
async def recursive(body: Tree) -> Tree:
    return body


@api.post("/bodies/closed")
async def closed(body: Closed) -> str:
    return body.pair[1]


@api.post("/bodies/list")
async def listed(body: list[Item]) -> list[Item]:
    return body


@api.post("/bodies/map")
async def mapped(body: dict[Slug, Item]) -> dict[Slug, Item]:
    return body


@api.post("/bodies/either")
async def either(body: Item | list[Item]) -> list[Item]:
    return body if isinstance(body, list) else [body]


@api.post("/bodies/generic")
async def generic(body: Listed[Item]) -> Listed[Item]:
    return body


@api.post("/bodies/optional")
async def optional(body: Item | None = None) -> Item | None:
    return body


@api.post("/bodies/preset")
async def preset(body: Item | None = Item("preset")) -> Item | None:
    return body


@api.patch("/bodies/patch")
async def patch(body: Patch) -> Patch:
    return body


@api.put("/bodies/{slug}/everything")
async def everything(slug: Slug, item: Item, times: Count = 1) -> Both:
    return Both(slug, times, item)
