"""A seat goes to whoever creates it first; everybody else is told so."""

from skylift import Struct, Table

from .api import api


class Seat(Struct):
    hall: str
    number: int
    owner: str


class Hall(Struct):
    seats: list[Seat]


seats = Table[Seat, str, int]("seats", Seat, key=("hall", "number"))


@api.post("/seats", status=201)
async def claim(seat: Seat) -> Seat:
    await seats.create(seat)  # Conflict -> 409
    return seat


@api.get("/halls/{hall}")
async def plan(hall: str) -> Hall:
    return Hall([seat async for seat in seats.query(hall)])
