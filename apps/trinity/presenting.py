"""A screen that all look at: it is told what members are told, with a token of its own that is good
for nothing else.
"""

from __future__ import annotations

from skylift import Caller, Limit, SkyliftError, Struct, Transaction, now

from . import roster
from .joining import forget, gone, one_room, seat_of
from .model import Room
from .people import Session, api, known, new_guest
from .rooms import Told, allowed, change, seats, seen_by


class Screen(Struct, frozen=True, kw_only=True):
    room_id: str
    session: Session


@api.post("/rooms/{id}/presenter", status=201, once=True, limit=Limit(10, per_s=60))
async def present(id: str, caller: Caller) -> Screen:
    room = await seen_by(id, caller.id)
    allowed(lambda room: roster.may_show(room, caller.id), room)
    if len(room.screens) >= roster.SCREENS_MAX:
        await _one_goes(room)
    session = await new_guest("Screen")
    screen = await known(session.id)

    async def writes(tx: Transaction, after: Room) -> None:
        await seats.create(seat_of(after, screen.id, screen.name, is_screen=True), tx=tx)
        await one_room(screen, after.id, tx)

    try:
        await change(
            id,
            lambda room: roster.watched(room, screen.id, caller.id, now()),
            Told("screen", who=screen.id),
            writes,
        )
    except SkyliftError:
        await forget(screen.id)
        raise
    return Screen(room_id=id, session=session)


async def _one_goes(room: Room) -> None:
    """Nobody turns a screen off that was closed: the one that was seen longest ago makes place."""
    shown = await seats.get_many([(room.id, one) for one in sorted(room.screens)])
    await gone(
        room, min((seat for seat in shown if seat is not None), key=lambda seat: seat.seen_at)
    )
