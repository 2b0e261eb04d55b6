"""A room as one who is in it sees it. Who likes what stands nowhere in it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from skylift import Caller, Meta, Page, Struct, gather, now

from .decks import Title, titles_of
from .model import Room, Rules, Status
from .people import api
from .presence import is_online
from .rooms import Member, rooms, seats, seen_by

SEATS_MIN = 25  # read at once, of which one may have left
LOOKS_MAX = 20  # for one page


class MemberView(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    is_host: bool
    is_here: bool  # heard of a moment ago
    seen_at: datetime
    voted: int
    is_finished: bool


class Me(Struct, frozen=True, kw_only=True):
    voted: int = 0
    supers_left: int = 0
    vetoes_left: int = 0
    can_undo: bool = False
    is_voter: bool = False
    is_screen: bool = False


class RoomView(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    status: Status
    kind: str
    genres: list[str]
    host: str
    is_host: bool
    capacity: int
    size: int
    seq: int
    code: str
    link: str
    rules: Rules
    members: list[MemberView]
    match: Title | None
    matches: list[Title]
    required: int
    me: Me
    poll: str | None
    next: str | None
    note: str
    created_at: datetime
    started_at: datetime | None
    closes_at: datetime | None  # when the vote ends by itself; none while it is paused
    ended_at: datetime | None


class RoomCard(Struct, frozen=True, kw_only=True):
    """A room in a list of them."""

    id: str
    name: str
    status: Status
    kind: str
    is_host: bool
    members: int
    capacity: int
    match: Title | None
    next: str | None
    created_at: datetime
    touched_at: datetime


class Rooms(Struct, frozen=True):
    items: list[RoomCard]
    cursor: str | None


@api.get("/rooms/{id}")
async def read_room(id: str, caller: Caller) -> RoomView:
    return await view(await seen_by(id, caller.id), caller.id)


@api.get("/rooms")
async def list_rooms(
    caller: Caller,
    status: Status | None = None,
    limit: Annotated[int, Meta(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Rooms:
    """In which the caller is, the one that he joined last first. A page has `limit` of them as long
    as there are so many, and a cursor when there are more; only who has left very many rooms may
    have to ask once more.
    """
    mine, more = await _listed(caller.id, status, limit, cursor)
    cards = await gather(*(_card(room, caller.id) for room in mine))
    return Rooms([*cards], more)


async def _listed(
    who: str, status: Status | None, limit: int, cursor: str | None
) -> tuple[list[Room], str | None]:
    """Seats are read until they have led to one room more than a page has."""
    found: list[tuple[Room, str | None, int]] = []  # where one stands: so many after a cursor
    for _ in range(LOOKS_MAX):
        page = await _seats_of(who, cursor, max(limit + 1, SEATS_MIN))
        there = {room.id: room for room in await _rooms_of(page.items) if who in room.watchers}
        for place, seat in enumerate(page.items, 1):
            room = there.get(seat.room_id)
            if room is not None and status in (None, room.status):
                found.append((room, cursor, place))
        if len(found) > limit:
            _, before, place = found[limit - 1]
            cursor = (await _seats_of(who, before, place)).cursor
            break
        cursor = page.cursor
        if cursor is None:
            break
    return [room for room, _, _ in found[:limit]], cursor


async def _seats_of(who: str, cursor: str | None, limit: int) -> Page[Member]:
    return await seats.page(who, index="by_member", reverse=True, cursor=cursor, limit=limit)


async def _rooms_of(seated: list[Member]) -> list[Room]:
    held = await rooms.get_many([(seat.room_id,) for seat in seated])
    return [room for room in held if room is not None]


async def view(room: Room, who: str) -> RoomView:
    people = [*room.roster, *({who} - {*room.roster})]
    seated, found = await gather(seats.get_many([(room.id, one) for one in people]), _titles(room))
    seat_of = {seat.id: seat for seat in seated if seat is not None}
    matches = [found[id] for id in room.matches if id in found]
    return RoomView(
        id=room.id,
        name=room.name,
        status=room.status,
        kind=room.kind,
        genres=room.genres,
        host=room.host,
        is_host=who == room.host,
        capacity=room.capacity,
        size=room.size,
        seq=room.seq,
        code=room.code,
        link=f"/join/{room.code}",
        rules=room.rules,
        members=[_member(room, seat_of[id]) for id in room.roster if id in seat_of],
        match=matches[0] if matches else None,
        matches=matches,
        required=room.required,
        me=_me(room, seat_of.get(who)),
        poll=room.poll,
        next=room.next,
        note=room.note,
        created_at=room.created_at,
        started_at=room.started_at,
        closes_at=room.closes_at if room.status == "voting" else None,
        ended_at=room.ended_at,
    )


async def _card(room: Room, who: str) -> RoomCard:
    found = await _titles(room)
    return RoomCard(
        id=room.id,
        name=room.name,
        status=room.status,
        kind=room.kind,
        is_host=who == room.host,
        members=len(room.roster),
        capacity=room.capacity,
        match=found.get(room.match) if room.match is not None else None,
        next=room.next,
        created_at=room.created_at,
        touched_at=room.touched_at,
    )


async def _titles(room: Room) -> dict[str, Title]:
    """A deck is read only when something of it is shown."""
    return {one.id: one for one in await titles_of(room.id)} if room.matches else {}


def _member(room: Room, seat: Member) -> MemberView:
    return MemberView(
        id=seat.id,
        name=seat.name,
        is_host=seat.id == room.host,
        is_here=is_online(seat, now()),
        seen_at=seat.seen_at,
        voted=seat.voted,
        is_finished=seat.id in room.finished,
    )


def _me(room: Room, seat: Member | None) -> Me:
    if seat is None:
        return Me()
    return Me(
        voted=seat.voted,
        supers_left=max(0, room.rules.supers - seat.supers),
        vetoes_left=max(0, room.rules.vetoes - seat.vetoes),
        can_undo=room.status == "voting"
        and seat.last is not None
        and seat.last not in room.matches,
        is_voter=seat.id in room.voters if room.started_at else not seat.is_screen,
        is_screen=seat.is_screen,
    )
