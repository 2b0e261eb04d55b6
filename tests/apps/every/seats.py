"""A table with a key of two fields and an index: create, read, replace, change, delete, list."""

from typing import Annotated

from skylift import Conflict, Meta, Page, Struct, Table, attr, transaction

from .api import api
from .shapes import Slug

Number = Annotated[int, Meta(ge=1, le=9999)]
Cursor = Annotated[str, Meta(description="As an earlier page gave it.")]
Limit = Annotated[int, Meta(ge=1, le=100)]


class Seat(Struct):
    hall: Slug
    number: Number
    owner: Slug
    visits: int = 0


class Claim(Struct):
    owner: Slug


class Move(Struct):
    origin: Number
    target: Number


seats = Table[Seat, str, int](
    "seats", Seat, key=("hall", "number"), indexes={"by_owner": ("owner", "hall")}
)


@api.post("/halls/{hall}/seats/{number}", status=201)
async def claim(hall: Slug, number: Number, claim: Claim) -> Seat:
    seat = Seat(hall, number, claim.owner)
    await seats.create(seat)
    return seat


@api.get("/halls/{hall}/seats/{number}")
async def read(hall: Slug, number: Number) -> Seat:
    return await seats.require(hall, number)


@api.put("/halls/{hall}/seats/{number}")
async def replace(hall: Slug, number: Number, claim: Claim) -> Seat:
    seat = Seat(hall, number, claim.owner)
    await seats.put(seat)
    return seat


@api.patch("/halls/{hall}/seats/{number}")
async def visit(hall: Slug, number: Number, by: Claim) -> Seat:
    """Count a visit, by the owner alone."""
    return await seats.update(hall, number, add={"visits": 1}, if_=attr("owner") == by.owner)


@api.delete("/halls/{hall}/seats/{number}")
async def release(hall: Slug, number: Number) -> None:
    await seats.delete(hall, number)


@api.get("/halls/{hall}/seats")
async def plan(
    hall: Slug, cursor: Cursor | None = None, limit: Limit = 10, reverse: bool = False
) -> Page[Seat]:
    return await seats.page(hall, cursor=cursor, limit=limit, reverse=reverse)


@api.get("/owners/{owner}/seats")
async def owned(owner: Slug, cursor: Cursor | None = None, limit: Limit = 10) -> Page[Seat]:
    return await seats.page(owner, index="by_owner", cursor=cursor, limit=limit)


@api.post("/halls/{hall}/moves")
async def move(hall: Slug, move: Move) -> Seat:
    """From one seat to a free one, all or nothing."""
    if move.origin == move.target:
        raise Conflict("origin and target are the same seat")
    seat = await seats.require(hall, move.origin)
    moved = Seat(hall, move.target, seat.owner, seat.visits)
    async with transaction() as tx:
        await seats.delete(hall, move.origin, if_=attr("owner") == seat.owner, tx=tx)
        await seats.create(moved, tx=tx)
    return moved


@api.get("/seats/count")
async def count() -> int:
    return len([seat async for seat in seats.scan(limit=500)])
