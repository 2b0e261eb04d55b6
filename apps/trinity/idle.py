"""What ends by itself: a room in which nobody does anything any more, and a vote whose time is
over. Both are durable timers that look again when they are due: they decide nothing by themselves.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from skylift import Struct, Timer, Transaction, now

from . import roster
from .judging import judge
from .model import OPEN, Room
from .rooms import LIFE, Told, change, rooms, seats

QUIET = timedelta(hours=24)


class Due(Struct, frozen=True):
    room_id: str


idle = Timer("idle", Due)
closing = Timer("closing", Due)


async def watch(room: Room, tx: Transaction) -> None:
    await idle.set(room.id, room.created_at + QUIET, Due(room.id), tx=tx)


async def keep_time(tx: Transaction, room: Room) -> None:
    """With whatever may begin, stop or put off the time that a room has to vote."""
    if room.closes_at is None:
        return
    if room.status == "voting":
        await closing.set(room.id, room.closes_at, Due(room.id), tx=tx)
    else:
        await closing.cancel(room.id, tx=tx)


@idle.on_due(timeout_s=20)
async def clean_up(due: Due) -> None:
    room = await rooms.get(due.room_id)
    if room is None or room.status not in OPEN:
        return
    ends = min(await _last_sign(room) + QUIET, room.created_at + LIFE)
    if ends > now():
        await idle.set(room.id, ends, due)
        return
    kind = "completed" if room.matches or room.status == "no_consensus" else "cancelled"
    after = await change(room.id, lambda seen: _still(seen, room, ends), Told(kind))
    if after.status in OPEN:
        await idle.set(room.id, now() + QUIET, due)


async def _last_sign(room: Room) -> datetime:
    """Of people: a screen that somebody has left on is none."""
    seated = await seats.get_many([(room.id, who) for who in room.roster])
    return max([room.touched_at, *(seat.seen_at for seat in seated if seat is not None)])


def _still(room: Room, looked_at: Room, ends: datetime) -> Room:
    """Whoever has done something meanwhile keeps it open, but not beyond its life."""
    if room.touched_at != looked_at.touched_at and ends < room.created_at + LIFE:
        return room
    return roster.idled(room, now())


@closing.on_due(timeout_s=20)
async def close_voting(due: Due) -> None:
    if await rooms.get(due.room_id) is None:
        return
    room = await judge(due.room_id)
    if room.status == "voting" and room.closes_at is not None:
        await closing.set(room.id, room.closes_at, due)  # it was put off meanwhile
