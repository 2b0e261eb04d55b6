"""Who comes and goes: by code, as somebody known or as a guest with a name only. The seat and the
roster change together, so a room never has more people than seats.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from skylift import (
    Caller,
    Conflict,
    Invalid,
    Limit,
    Meta,
    Request,
    SkyliftError,
    Struct,
    Table,
    Transaction,
    attr,
    new_id,
    now,
)

from . import roster
from .codes import invited
from .idle import keep_time
from .judging import judge
from .model import OPEN, Room
from .people import Person, Session, api, known, members, new_guest, people
from .rooms import KEPT, LIFE, Member, Told, allowed, change, rooms, seats, seen_by
from .views import RoomView, view

Code = Annotated[str, Meta(max_length=300)]  # or a whole link


class Joining(Struct, frozen=True, forbid_unknown_fields=True):
    code: Code


class JoiningByCode(Struct, frozen=True, forbid_unknown_fields=True):
    code: Code
    name: str | None = None  # of a guest, who brings no token


class Joined(Struct, frozen=True):
    room: RoomView
    session: Session | None = None  # of a new guest


class GuestRoom(Struct, frozen=True, kw_only=True):
    """A guest belongs to one room, as long as that goes on and he is in it."""

    id: str
    room_id: str
    version: int = 0  # of old rows, which have none
    expires_at: datetime


guest_rooms = Table("guest_rooms", GuestRoom, key="id", ttl="expires_at")


@api.post(
    "/rooms/join-by-code", auth=members.optional, once=True, limit=Limit(60, per_s=60, by="ip")
)
async def join_by_code(wanted: JoiningByCode, caller: Caller | None, request: Request) -> Joined:
    if caller is not None:
        room = await invited(wanted.code, request.ip, caller.id)
        room = await take_seat(room, await known(caller.id))
        return Joined(await view(room, caller.id))
    room = await invited(wanted.code, request.ip)
    if wanted.name is None:
        raise Invalid("say who you are: a name is enough", code="NAME_WRONG")
    allowed(lambda room: roster.joined(room, "", now()), room)  # or there were a guest for nothing
    session = await new_guest(wanted.name)
    try:
        room = await take_seat(room, await known(session.id))
    except SkyliftError:
        await forget(session.id)
        raise
    return Joined(await view(room, session.id), session)


@api.post("/rooms/{id}/join", once=True, limit=Limit(20, per_s=60))
async def join(id: str, wanted: Joining, caller: Caller, request: Request) -> RoomView:
    room = await invited(wanted.code, request.ip, caller.id)
    if room.id != id:
        raise Conflict("this is the code of another room", code="CODE_WRONG")
    room = await take_seat(room, await known(caller.id))
    return await view(room, caller.id)


@api.delete("/rooms/{id}/leave", once=True)
async def leave(id: str, caller: Caller) -> None:
    room = await seen_by(id, caller.id)
    seat = await seats.require(id, caller.id)
    await gone(room, seat)


async def take_seat(room: Room, who: Person) -> Room:
    """The room with him in it; who comes again finds his seat as it was."""

    async def writes(tx: Transaction, after: Room) -> None:
        await sit(after, who, tx)
        await one_room(who, after.id, tx)
        await keep_time(tx, after)

    return await change(
        room.id,
        lambda room: roster.joined(room, who.id, now()),
        Told("joined", who=who.id, name=who.name),
        writes,
    )


async def sit(room: Room, who: Person, tx: Transaction) -> None:
    old = await seats.get(room.id, who.id)
    if old is None:
        await seats.create(seat_of(room, who.id, who.name), tx=tx)
        return
    back = {"is_here": True, "seen_at": now()}
    await seats.update(room.id, who.id, set=back, tx=tx)


def seat_of(room: Room, who: str, name: str, *, is_screen: bool = False) -> Member:
    at = now()
    return Member(
        room_id=room.id,
        id=who,
        name=name,
        joined_at=at,
        seen_at=at,
        is_screen=is_screen,
        expires_at=room.expires_at,
    )


async def one_room(who: Person, room_id: str, tx: Transaction) -> None:
    """Conflict when a guest has another one that goes on."""
    if not who.is_guest:
        return
    held = await guest_rooms.get(who.id)
    if held is not None and held.room_id != room_id:
        room = await rooms.get(held.room_id)
        if room is not None and goes_on(room, who.id):
            raise one_room_only()
    await belong(who.id, held, room_id, tx)


async def belong(who: str, held: GuestRoom | None, room_id: str, tx: Transaction) -> None:
    """Whoever left may come again and go elsewhere at once: one of the two finds it changed."""
    version = held.version if held is not None else 0
    unchanged = attr("version") == version if version else attr("version").missing()
    mine = GuestRoom(id=who, room_id=room_id, version=version + 1, expires_at=now() + LIFE + KEPT)
    await guest_rooms.put(mine, if_=unchanged, tx=tx)


def one_room_only() -> Conflict:
    return Conflict("a guest has one room: sign up for more", code="GUEST_HAS_A_ROOM")


def goes_on(room: Room, who: str) -> bool:
    """With him: whoever has left or was turned out is free."""
    return room.status in OPEN and who in room.watchers


async def gone(room: Room, seat: Member) -> Room:
    """He counts no more, so what the others like may be a match now."""

    async def writes(tx: Transaction, after: Room) -> None:
        await stand_up(after, seat, tx)

    await change(
        room.id,
        lambda room: roster.left(room, seat.id, new_id(), now()),
        Told("left", who=seat.id, name=seat.name),
        writes,
    )
    return await judge(room.id)


async def stand_up(room: Room, seat: Member, tx: Transaction) -> None:
    await seats.update(room.id, seat.id, set={"is_here": False}, remove=["last"], tx=tx)


async def forget(guest: str) -> None:
    """A guest who got no seat has never been."""
    await members.delete(guest)
    await people.delete(guest)
