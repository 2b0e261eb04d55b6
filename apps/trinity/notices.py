"""What happened in somebody's rooms, kept for him wherever he was, and shown at once where he
looks. A notice is made of the room's feed under an id that follows from the event: whatever crash
repeats it, he has it once, and what he has read stays read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec.structs import replace

from skylift import (
    Caller,
    Change,
    Conflict,
    Limit,
    Meta,
    NotFound,
    Struct,
    Table,
    attr,
    gather,
)

from .decks import titles_of
from .events import Kind, RoomEvent, feed
from .history import TURNS, remember, there_at
from .live import Personal, me
from .model import Room
from .people import api, people
from .polls import polls
from .rooms import KEPT, rooms, seats

TO_ALL: tuple[Kind, ...] = (
    "started", "match", "shortlist", "no_consensus", "rules", "extended", "runoff", "undecided",
    "decided", "poll", "restarted", "completed", "cancelled",
)  # fmt: skip
TO_ONE: tuple[Kind, ...] = ("kicked", "banned", "host")  # of whom the event tells
NEWS = frozenset([*TO_ALL, *TO_ONE, *TURNS, "left"])
UNREAD_MAX = 100  # are counted; more are "99+"
AT_ONCE = 50
Id = Annotated[str, Meta(min_length=1, max_length=200)]


class Notice(Struct, frozen=True, kw_only=True):
    who: str
    id: str  # of the moment first: by it they are in order
    kind: Kind
    at: datetime
    room_id: str
    room_name: str
    name: str | None = None  # of the member by whom it happened
    title_id: str | None = None
    title: str | None = None  # its name
    question: str | None = None  # of a poll
    next: str | None = None  # the room in which they go on
    is_read: bool = False
    expires_at: datetime


class Inbox(Struct, frozen=True):
    items: list[Notice]
    unread: int
    cursor: str | None


class Reading(Struct, frozen=True, forbid_unknown_fields=True):
    """These, or all there are."""

    ids: Annotated[list[Id], Meta(max_length=AT_ONCE)] = []
    all: bool = False


class Unread(Struct, frozen=True):
    unread: int


notices = Table[Notice, str, str]("notices", Notice, key=("who", "id"), ttl="expires_at")


@api.get("/notifications")
async def read_inbox(
    caller: Caller,
    limit: Annotated[int, Meta(ge=1, le=100)] = 30,
    cursor: str | None = None,
) -> Inbox:
    page, unread = await gather(
        notices.page(caller.id, reverse=True, limit=limit, cursor=cursor), _unread(caller.id)
    )
    return Inbox(page.items, unread, page.cursor)


@api.post("/notifications/read", limit=Limit(60, per_s=60))
async def mark_read(which: Reading, caller: Caller) -> Unread:
    ids = which.ids
    while which.all and (ids := await _unread_ids(caller.id, AT_ONCE)):
        await gather(*(_mark(caller.id, id) for id in ids))
    await gather(*(_mark(caller.id, id) for id in ids))
    return Unread(await _unread(caller.id))


@feed.on_change(timeout_s=20)
async def notify(change: Change[RoomEvent]) -> None:
    event = change.after
    if event is None or event.kind not in NEWS:
        return
    room = await rooms.get(event.room_id)
    if room is None:
        return  # it has expired
    await remember(event, room)
    kind, who = await _concerned(event, room)
    if who:
        news = await _news(kind, event, room)
        await gather(*(_give(replace(news, who=one)) for one in who))


async def _news(kind: Kind, event: RoomEvent, room: Room) -> Notice:
    name, title, question = await gather(_name(event), _title(event), _question(event))
    return Notice(
        who="",  # each of them
        id=f"{event.at:%Y%m%d%H%M%S%f}-{room.id}-{event.seq}",
        kind=kind,
        at=event.at,
        room_id=room.id,
        room_name=room.name,
        name=name,
        title_id=event.title_id,
        title=title,
        question=question,
        next=event.text if event.kind == "restarted" else None,
        expires_at=event.at + KEPT,
    )


async def _concerned(event: RoomEvent, room: Room) -> tuple[Kind, list[str]]:
    """What is told to whom: never to who did it himself, nor to who wants to hear nothing."""
    if event.kind in TO_ONE and event.who is not None:
        return event.kind, await _willing([event.who])
    if event.kind == "left":
        return "host", await _willing(await _heirs(event))
    if not _is_news(event, room):
        return event.kind, []
    there = await there_at(event, room)
    return event.kind, await _willing([who for who in there if who != event.who])


def _is_news(event: RoomEvent, room: Room) -> bool:
    if event.kind == "completed":
        return not room.matches  # what they found was told
    if event.kind == "poll":
        return event.text == "open"
    return event.kind in TO_ALL


async def _heirs(event: RoomEvent) -> list[str]:
    """Who leads the room, if he did not before this one left."""
    before = await feed.get(event.room_id, event.seq - 1)
    return [event.host] if before is not None and before.host not in ("", event.host) else []


async def _willing(who: list[str]) -> list[str]:
    found = await people.get_many([(one,) for one in who]) if who else []
    deaf = {person.id for person in found if person is not None and not person.notify}
    return [one for one in who if one not in deaf]


async def _name(event: RoomEvent) -> str | None:
    if event.name is not None or event.who is None:
        return event.name
    seat = await seats.get(event.room_id, event.who)
    return seat.name if seat is not None else None


async def _title(event: RoomEvent) -> str | None:
    if event.title_id is None:
        return None
    deck = await titles_of(event.room_id)
    return next((one.name for one in deck if one.id == event.title_id), None)


async def _question(event: RoomEvent) -> str | None:
    if event.kind != "poll" or event.poll_id is None:
        return None
    poll = await polls.get(event.room_id, event.poll_id)
    return poll.question if poll is not None else None


async def _give(notice: Notice) -> None:
    try:
        await notices.create(notice)
    except Conflict:
        pass  # it was told before, and perhaps read since; whether it was shown nobody knows
    gist = Personal(
        kind="notice",
        at=notice.at,
        room_id=notice.room_id,
        id=notice.id,
        about=notice.kind,
        room_name=notice.room_name,
        title_id=notice.title_id,
        text=notice.title or notice.question,
    )
    await me.publish(gist, id=notice.who)


async def _mark(who: str, id: str) -> None:
    try:
        await notices.update(who, id, set={"is_read": True})
    except NotFound:
        pass  # it has expired, or was never his


async def _unread(who: str) -> int:
    return len(await _unread_ids(who, UNREAD_MAX))


async def _unread_ids(who: str, limit: int) -> list[str]:
    unread = notices.query(who, where=attr("is_read") == False, reverse=True, limit=limit)  # noqa: E712
    return [notice.id async for notice in unread]
