"""Who is here. A page says so twice a minute, and learns in return whether it has missed anything:
what went by on the channel is told to nobody twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from skylift import Caller, now

from .live import Whereabouts, where
from .people import api
from .rooms import Member, seats, seen_by

ONLINE = timedelta(seconds=75)  # a page may miss one heartbeat
FRESH = timedelta(seconds=15)  # who was seen so lately is not written down again


@api.post("/rooms/{id}/presence")
async def here(id: str, caller: Caller) -> Whereabouts:
    room = await seen_by(id, caller.id)
    seat = await seats.get(id, caller.id)
    at = now()
    if seat is not None and at - seat.seen_at >= FRESH:
        await seats.update(id, caller.id, set={"seen_at": at})
    return where(room, caller.id)


def is_online(seat: Member, at: datetime) -> bool:
    return seat.is_here and at - seat.seen_at < ONLINE
