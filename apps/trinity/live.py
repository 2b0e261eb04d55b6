"""What people see at once. Events of a room go out by its feed, so a crash repeats them and loses
none; who was away reads them by `seq`. They always go to the epoch that the room has by now: who
was turned out hears of nothing that happened after it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from skylift import Caller, Change, Channel, Meta, Struct, attr

from .events import Kind, RoomEvent, feed
from .model import Room
from .people import api
from .rooms import Member, rooms, seats, seen_by

TURNED: tuple[Kind, ...] = ("left", "kicked", "banned")  # after these, not all may go on listening


class LiveEvent(Struct, frozen=True, kw_only=True):
    """With a `seq` it is an event of the feed, to be had in its order and once. Without one it says
    how things stand, all of it, so that twice or late does no harm.
    """

    kind: Kind | Literal["progress", "poll_progress"]
    room_id: str
    seq: int | None = None
    at: datetime
    who: str | None = None
    name: str | None = None
    title_id: str | None = None
    poll_id: str | None = None
    text: str | None = None
    status: str
    epoch: str
    host: str | None = None
    voted: int | None = None  # titles, of "progress"; people, of "poll_progress"
    size: int | None = None  # of how many
    is_finished: bool | None = None
    seen_at: datetime | None = None


class Personal(Struct, frozen=True, kw_only=True):
    """What concerns one person, in whatever room or none he is. `moved`: the room's channel goes on
    in this epoch. `out`: without him. `notice`: there is a new one, of which this is the gist.
    """

    kind: Literal["moved", "out", "notice"]
    at: datetime
    room_id: str | None = None
    epoch: str | None = None
    seq: int | None = None
    id: str | None = None  # of the notice
    about: str | None = None  # its kind
    room_name: str | None = None
    title_id: str | None = None
    text: str | None = None  # the title's name, or the poll's question


class Whereabouts(Struct):
    """Where the room is heard, and how far it has come."""

    channel: str
    epoch: str
    seq: int
    me_channel: str


class Missed(Struct):
    events: list[LiveEvent]
    seq: int  # of the last event there is; after fewer there are more to ask for


async def may_watch(caller: Caller, id: str, epoch: str) -> bool:
    room = await rooms.get(id)
    return room is not None and caller.id in room.watchers and epoch == room.epoch


async def is_oneself(caller: Caller, id: str) -> bool:
    return caller.id == id


live = Channel("live", "rooms/{id}/{epoch}", LiveEvent, guard=may_watch)
me = Channel("me", "people/{id}", Personal, guard=is_oneself)


@api.get("/rooms/{id}/live")
async def whereabouts(id: str, caller: Caller) -> Whereabouts:
    return where(await seen_by(id, caller.id), caller.id)


@api.get("/rooms/{id}/events")
async def missed(
    id: str,
    caller: Caller,
    after: Annotated[int, Meta(ge=0)] = 0,
    limit: Annotated[int, Meta(ge=1, le=200)] = 200,
) -> Missed:
    room = await seen_by(id, caller.id)
    found = feed.query(id, where=attr("seq") > after, limit=limit)
    events = [told(event) async for event in found]
    return Missed(events, max([room.seq, *(event.seq or 0 for event in events)]))


def where(room: Room, who: str) -> Whereabouts:
    return Whereabouts(
        channel=live.path({"id": room.id, "epoch": room.epoch}),
        epoch=room.epoch,
        seq=room.seq,
        me_channel=me.path({"id": who}),
    )


@feed.on_change(timeout_s=20)
async def tell(change: Change[RoomEvent]) -> None:
    event = change.after
    room = await rooms.get(event.room_id) if event is not None else None
    if event is None or room is None:
        return
    await live.publish(told(event), id=room.id, epoch=room.epoch)
    if event.kind in TURNED:
        await _tell_who_moves(event, room)


async def _tell_who_moves(event: RoomEvent, room: Room) -> None:
    """The room's own channel cannot: nobody listens to the new epoch yet."""
    if event.who is not None and event.who not in room.watchers:
        out = Personal(kind="out", at=event.at, room_id=room.id, about=event.kind)
        await me.publish(out, id=event.who)
    moved = Personal(kind="moved", at=event.at, room_id=room.id, epoch=room.epoch, seq=room.seq)
    for who in sorted(room.watchers):
        await me.publish(moved, id=who)


@seats.on_change(timeout_s=20)
async def show_progress(change: Change[Member]) -> None:
    seat = change.after
    room = await rooms.get(seat.room_id) if seat is not None else None
    if seat is None or room is None or seat.id not in room.roster:
        return
    progress = LiveEvent(
        kind="progress",
        room_id=room.id,
        at=seat.seen_at,
        who=seat.id,
        name=seat.name,
        status=room.status,
        epoch=room.epoch,
        voted=seat.voted,
        size=room.size,
        is_finished=seat.voted >= room.size,
        seen_at=seat.seen_at,
    )
    await live.publish(progress, id=room.id, epoch=room.epoch)


def told(event: RoomEvent) -> LiveEvent:
    return LiveEvent(
        kind=event.kind,
        room_id=event.room_id,
        seq=event.seq,
        at=event.at,
        who=event.who,
        name=event.name,
        title_id=event.title_id,
        poll_id=event.poll_id,
        text=event.text,
        status=event.status,
        epoch=event.epoch,
        host=event.host,
    )
