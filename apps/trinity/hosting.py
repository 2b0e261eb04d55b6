"""What the host does: the course of his room, and who is in it. Whoever is turned out counts no
more and hears no more, from the same commit on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from skylift import Caller, Conflict, Limit, NotFound, Struct, Transaction, new_id, now

from . import roster
from .codes import coded, invite_to, revoke
from .events import Kind
from .idle import keep_time
from .joining import stand_up
from .judging import judge
from .model import Room, by_host
from .people import api
from .rooms import Member, Told, Writes, allowed, change, require, seats, seen_by
from .views import RoomView, view

HOST_AWAY = timedelta(minutes=5)  # then another member may lead


class NewCode(Struct, frozen=True):
    code: str
    link: str


@api.post("/rooms/{id}/start", once=True)
async def start(id: str, caller: Caller) -> RoomView:
    return await view(await _led(id, caller, roster.started, "started", keep_time), caller.id)


@api.post("/rooms/{id}/pause", once=True)
async def pause(id: str, caller: Caller) -> RoomView:
    return await view(await _led(id, caller, roster.paused, "paused", keep_time), caller.id)


@api.post("/rooms/{id}/resume", once=True)
async def resume(id: str, caller: Caller) -> RoomView:
    await _led(id, caller, roster.resumed, "resumed", keep_time)
    return await view(await judge(id), caller.id)  # somebody may have left meanwhile


@api.post("/rooms/{id}/cancel", once=True)
async def cancel(id: str, caller: Caller) -> RoomView:
    return await view(await _led(id, caller, roster.cancelled, "cancelled"), caller.id)


@api.post("/rooms/{id}/complete", once=True)
async def complete(id: str, caller: Caller) -> RoomView:
    return await view(await _led(id, caller, roster.completed, "completed"), caller.id)


@api.patch("/rooms/{id}/filters")
async def change_filters(id: str, caller: Caller) -> None:
    """Never: others have voted on what was found with them."""
    room = await seen_by(id, caller.id)
    allowed(lambda room: _led_by(room, caller.id), room)
    raise Conflict("what a room chooses from is fixed: open another one", code="FILTERS_FIXED")


@api.post("/rooms/{id}/code", once=True, limit=Limit(10, per_s=60))
async def renew_code(id: str, caller: Caller) -> NewCode:
    """The one before it is good for nothing from then on."""

    async def both(tx: Transaction, after: Room) -> None:
        await revoke((await require(id)).code, tx)  # a later one than was read is a Conflict
        await invite_to(after, tx)

    await seen_by(id, caller.id)
    room = await change(
        id,
        lambda room: roster.recoded(room, caller.id, coded(room).code, now()),
        Told("code", who=caller.id),
        both,
    )
    return NewCode(room.code, f"/join/{room.code}")


@api.post("/rooms/{id}/members/{member}/kick", once=True)
async def kick(id: str, member: str, caller: Caller) -> RoomView:
    return await _turn_out(id, member, caller, roster.removed, "kicked")


@api.post("/rooms/{id}/members/{member}/ban", once=True)
async def ban(id: str, member: str, caller: Caller) -> RoomView:
    return await _turn_out(id, member, caller, roster.banned, "banned")


@api.post("/rooms/{id}/members/{member}/host", once=True)
async def hand_over(id: str, member: str, caller: Caller) -> RoomView:
    """By the host; or by a member to himself, when the host has been away for long."""
    room = await seen_by(id, caller.id)
    seat = await _seat(room, member, caller.id)
    away = room.host if await _is_away(room) else None

    def move(room: Room) -> Room:
        if caller.id == seat.id != room.host:
            return roster.taken_over(room, caller.id, away, now())
        return roster.handed_over(room, seat.id, caller.id, now())

    async def seen(tx: Transaction, after: Room) -> None:
        """Or the next one would take it from him at once."""
        if caller.id == after.host:
            await seats.update(id, after.host, set={"seen_at": now()}, tx=tx)

    room = await change(id, move, Told("host", who=seat.id, name=seat.name), seen)
    return await view(room, caller.id)


async def _led(
    id: str,
    caller: Caller,
    move: Callable[[Room, str, datetime], Room],
    kind: Kind,
    writes: Writes | None = None,
) -> Room:
    await seen_by(id, caller.id)
    return await change(
        id, lambda room: move(room, caller.id, now()), Told(kind, who=caller.id), writes
    )


async def _turn_out(
    id: str,
    member: str,
    caller: Caller,
    move: Callable[[Room, str, str, str, datetime], Room],
    kind: Kind,
) -> RoomView:
    seat = await _seat(await seen_by(id, caller.id), member, caller.id)

    async def writes(tx: Transaction, after: Room) -> None:
        await stand_up(after, seat, tx)

    await change(
        id,
        lambda room: move(room, seat.id, caller.id, new_id(), now()),
        Told(kind, who=seat.id, name=seat.name),
        writes,
    )
    return await view(await judge(id), caller.id)


async def _seat(room: Room, member: str, by: str) -> Member:
    """Of somebody who is or was there; who may not turn anybody out is told nothing of him."""
    seat = await seats.get(room.id, member)
    if seat is None:
        allowed(lambda room: _led_by(room, by), room)
        raise NotFound("there is no such member", code="NOT_MEMBER")
    return seat


async def _is_away(room: Room) -> bool:
    seat = await seats.get(room.id, room.host)
    return seat is None or now() - seat.seen_at >= HOST_AWAY


def _led_by(room: Room, who: str) -> Room:
    by_host(room, who)
    return room
