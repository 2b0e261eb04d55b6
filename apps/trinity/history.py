"""What remains of a room: for each who was there what was decided and when, longer than the room
itself is kept. It is written by who follows the feed, under ids that follow from the event.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, TypeVar

from skylift import Caller, Conflict, Meta, Struct, Table, attr, gather

from .decks import Title, is_borrowed, titles_of
from .events import Kind, RoomEvent, feed
from .model import Room, Status
from .people import api
from .rooms import Member, seats

REMEMBERED = timedelta(days=730)
BORROWED = timedelta(days=180)  # what is TMDB's: its terms say six months
FOUND: tuple[Kind, ...] = ("match", "decided")
TURNS: tuple[Kind, ...] = (
    *FOUND, "shortlist", "no_consensus", "runoff", "undecided", "extended", "completed",
    "cancelled", "restarted",
)  # fmt: skip
PAST: tuple[Status, ...] = ("no_consensus", "matched", "completed", "cancelled")
Limited = Annotated[int, Meta(ge=1, le=100)]


class Past(Struct, frozen=True, kw_only=True):
    """A room that has voted, as one of its people remembers it."""

    who: str
    id: str  # of its start first: by it they are in order
    room_id: str
    name: str
    kind: str
    status: Status
    members: list[str]  # their names
    matches: list[Title]
    next: str | None = None
    started_at: datetime
    ended_at: datetime | None
    seq: int  # of the room as it is remembered
    expires_at: datetime


class Found(Struct, frozen=True, kw_only=True):
    """A title that somebody's room has agreed on."""

    who: str
    id: str  # of the room's start first, and one for each of its titles
    title: Title
    room_id: str
    room_name: str
    members: list[str]
    at: datetime
    is_decided: bool  # by a runoff, by chance or by the host
    seq: int = 0  # of the event that tells of it
    expires_at: datetime


class History(Struct, frozen=True):
    items: list[Past]
    cursor: str | None


class Library(Struct, frozen=True):
    items: list[Found]
    cursor: str | None


history = Table[Past, str, str]("history", Past, key=("who", "id"), ttl="expires_at")
library = Table[Found, str, str]("library", Found, key=("who", "id"), ttl="expires_at")
Row = TypeVar("Row", Past, Found)


@api.get("/history")
async def read_history(caller: Caller, limit: Limited = 30, cursor: str | None = None) -> History:
    """Rooms that are over, the last first. A page may have fewer than `limit` while there are
    more: as long as there is a cursor.
    """
    over = attr("status").one_of(*PAST)
    page = await history.page(caller.id, where=over, reverse=True, limit=limit, cursor=cursor)
    return History(page.items, page.cursor)


@api.get("/matches")
async def read_library(caller: Caller, limit: Limited = 30, cursor: str | None = None) -> Library:
    page = await library.page(caller.id, reverse=True, limit=limit, cursor=cursor)
    return Library(page.items, page.cursor)


async def remember(event: RoomEvent, room: Room) -> None:
    """For each who was there when it happened, though he has left since."""
    if event.kind not in TURNS or room.started_at is None:
        return
    there = await there_at(event, room)
    seated, deck = await gather(
        seats.get_many([(room.id, who) for who in there]), titles_of(room.id)
    )
    people = [seat for seat in seated if seat is not None and not seat.is_screen]
    titles = {title.id: title for title in deck}
    await gather(*(_keep(history, past_of(seat.id, room, people, titles)) for seat in people))
    title = titles.get(event.title_id or "")
    if event.kind in FOUND and title is not None:
        found = [found_of(seat.id, event, room, title, people) for seat in people]
        await gather(*(_keep(library, one) for one in found))


async def there_at(event: RoomEvent, room: Room) -> list[str]:
    """Who was in the room when this happened: who is in it, undone what came after."""
    there = dict.fromkeys(room.roster)
    later = [one async for one in feed.query(room.id, where=attr("seq") > event.seq)]
    for one in reversed(later):
        if one.who is not None and one.kind == "joined":
            there.pop(one.who, None)
        elif one.who is not None and one.kind in ("left", "kicked"):
            there[one.who] = None
    return [*there]


def past_of(who: str, room: Room, people: list[Member], titles: dict[str, Title]) -> Past:
    assert room.started_at is not None
    matches = [titles[id] for id in room.matches if id in titles]
    return Past(
        who=who,
        id=_id_of(room),
        room_id=room.id,
        name=room.name,
        kind=room.kind,
        status=room.status,
        members=[seat.name for seat in people],
        matches=matches,
        next=room.next,
        started_at=room.started_at,
        ended_at=room.ended_at,
        seq=room.seq,
        expires_at=room.started_at + remembered(matches),
    )


def found_of(who: str, event: RoomEvent, room: Room, title: Title, people: list[Member]) -> Found:
    return Found(
        who=who,
        id=f"{_id_of(room)}-{title.id}",
        title=title,
        room_id=room.id,
        room_name=room.name,
        members=[seat.name for seat in people],
        at=event.at,
        is_decided=event.kind == "decided",
        seq=event.seq,
        expires_at=event.at + remembered([title]),
    )


def remembered(titles: list[Title]) -> timedelta:
    return BORROWED if any(map(is_borrowed, titles)) else REMEMBERED


def _id_of(room: Room) -> str:
    return f"{room.started_at:%Y%m%d%H%M%S%f}-{room.id}"


async def _keep(table: Table[Row, str, str], row: Row) -> None:
    """Unless something later is remembered already: events are not told in their order."""
    try:
        await table.put(row, if_=attr("seq").missing() | (attr("seq") <= row.seq))
    except Conflict:
        pass
