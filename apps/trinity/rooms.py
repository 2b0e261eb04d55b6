"""Rooms: made, found by their code, joined, read and left. Every change of a room goes through
`change`: read, ask the model, write the room and its event together, or see what came in between.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec.structs import replace

from skylift import (
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    SkyliftError,
    Struct,
    Table,
    Transaction,
    attr,
    now,
    transaction,
)

from .events import Kind, RoomEvent, feed
from .model import Refused, Room

LIFE = timedelta(days=30)  # of a room, at most
KEPT = timedelta(days=30)  # what it leaves behind: all of it goes at one time
TRIES = 100  # each lost to another change of the same room
ERRORS: dict[str, type[SkyliftError]] = {
    "NOT_HOST": Forbidden,
    "BANNED": Forbidden,
    "WRONG_BALLOT": Invalid,
}


class Member(Struct, frozen=True, kw_only=True):
    """Somebody's seat in a room. Who has left and comes again finds it as it was."""

    room_id: str
    id: str
    name: str
    joined_at: datetime
    seen_at: datetime
    is_here: bool = True
    is_screen: bool = False
    voted: int = 0  # titles, for good: a first skip is none
    last: str | None = None  # title, which can be undone
    supers: int = 0  # used
    vetoes: int = 0  # used
    expires_at: datetime | None = None


rooms = Table("rooms", Room, key="id", ttl="expires_at")
seats = Table[Member, str, str](
    "seats",
    Member,
    key=("room_id", "id"),
    indexes={"by_member": ("id", "joined_at")},
    ttl="expires_at",
)
T = TypeVar("T")
Writes = Callable[[Transaction, Room], Awaitable[None]]


class Told(Struct, frozen=True):
    """What a change is called in the room's feed."""

    kind: Kind
    who: str | None = None
    name: str | None = None
    title_id: str | None = None
    poll_id: str | None = None
    text: str | None = None


async def change(
    id: str, move: Callable[[Room], Room], told: Told, writes: Writes | None = None
) -> Room:
    """The room after the move, which is asked again when another change came first. A move that
    gives the very room it was given changes nothing, and nothing is written.
    """
    for _ in range(TRIES):
        before = await require(id)
        after = allowed(move, before)
        if after is before:
            return before
        try:
            return await written(before, after, told, writes)
        except Conflict as no:
            if "code" in no.more:  # a rule of what is written beside it, and no race
                raise
    raise Busy("too much happens in this room at once")


async def written(before: Room, after: Room, told: Told, writes: Writes | None = None) -> Room:
    """The room and its event, and what belongs to them; Conflict when another change came first."""
    after = replace(after, seq=before.seq + 1)

    async def all_of_it(tx: Transaction) -> None:
        await rooms.put(after, if_=attr("seq") == before.seq, tx=tx)
        await feed.create(event_of(after, told), tx=tx)
        if writes is not None:
            await writes(tx, after)

    await committed(all_of_it)
    return after


async def committed(writes: Callable[[Transaction], Awaitable[None]]) -> None:
    """All or nothing. Where each fifth try meets another, one transaction of 400,000 is Busy: once
    more, before somebody is told so.
    """
    try:
        await _commit(writes)
    except Busy:
        await _commit(writes)


async def _commit(writes: Callable[[Transaction], Awaitable[None]]) -> None:
    async with transaction() as tx:
        await writes(tx)


def event_of(after: Room, told: Told) -> RoomEvent:
    return RoomEvent(
        room_id=after.id,
        seq=after.seq,
        at=now(),
        kind=told.kind,
        who=told.who,
        name=told.name,
        title_id=told.title_id,
        poll_id=told.poll_id,
        text=told.text,
        status=after.status,
        epoch=after.epoch,
        host=after.host,
        expires_at=after.expires_at,
    )


def allowed(move: Callable[[T], T], of: T) -> T:
    try:
        return move(of)
    except Refused as no:
        raise ERRORS.get(no.code, Conflict)(no.text, code=no.code) from no


async def require(id: str) -> Room:
    room = await rooms.get(id)
    if room is None:
        raise NotFound("there is no such room", code="NO_ROOM")
    return room


async def seen_by(id: str, who: str) -> Room:
    """The room, for who is in it; to others there is none."""
    room = await require(id)
    if who not in room.watchers:
        raise NotFound("there is no such room", code="NO_ROOM")
    return room
