"""What the host does with his room."""

from __future__ import annotations

from skylift import Caller, now

from . import roster
from .people import api
from .rooms import Told, change, seen_by
from .views import RoomView, view


@api.post("/rooms/{id}/start", once=True)
async def start(id: str, caller: Caller) -> RoomView:
    await seen_by(id, caller.id)
    room = await change(
        id, lambda room: roster.started(room, caller.id, now()), Told("started", who=caller.id)
    )
    return await view(room, caller.id)
