"""What a crash test of joining needs besides: a room with one in it and more who will come than it
has seats, and all that is held of who is in it.
"""

from __future__ import annotations

from skylift import Struct, new_id, now, transaction
from trinity.codes import coded, invite_to
from trinity.events import feed
from trinity.joining import belong, guest_rooms, seat_of
from trinity.model import Room
from trinity.people import api, members
from trinity.rooms import Told, event_of, rooms, seats


class Expected(Struct):
    seats: int
    coming: int


class Lobby(Struct):
    id: str
    code: str
    tokens: dict[str, str]  # of each who will come


class Inside(Struct):
    roster: list[str]
    here: list[str]  # as the seats have it
    bound: list[str]  # who belongs to this room, of the roster
    joined: list[str]  # as was told, in this order
    seqs: list[int]


@api.post("/doors/lobbies", auth=None, status=201)
async def lobby(expected: Expected) -> Lobby:
    host, *coming = [await members.guest(f"guest {n}") for n in range(expected.coming + 1)]
    at = now()
    room = coded(
        Room(
            id=new_id(),
            name="Friday",
            host=host.id,
            code="",
            epoch=new_id(),
            created_at=at,
            touched_at=at,
            capacity=expected.seats,
            seq=1,
            roster=[host.id],
        )
    )
    async with transaction() as tx:
        await rooms.create(room, tx=tx)
        await feed.create(event_of(room, Told("created", who=host.id)), tx=tx)
        await seats.create(seat_of(room, host.id, "host"), tx=tx)
        await belong(host.id, None, room.id, tx)
        await invite_to(room, tx)
    return Lobby(room.id, room.code, {guest.id: guest.access for guest in coming})


@api.get("/doors/lobbies/{id}", auth=None)
async def inside(id: str) -> Inside:
    room = await rooms.require(id)
    bound = await guest_rooms.get_many([(who,) for who in room.roster])
    told = [event async for event in feed.query(id)]
    return Inside(
        roster=room.roster,
        here=[seat.id async for seat in seats.query(id) if seat.is_here],
        bound=[one.id for one in bound if one is not None and one.room_id == id],
        joined=[event.who or "" for event in told if event.kind == "joined"],
        seqs=[event.seq for event in told],
    )
