"""A room as one who is in it sees it. Who likes what stands nowhere in it."""

from __future__ import annotations

from datetime import datetime, timedelta

from skylift import Struct, gather, now

from .decks import Title, titles_of
from .model import Room, Rules
from .rooms import Member, seats

ONLINE_S = 75  # two heartbeats and a half


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
    status: str
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
    note: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


async def view(room: Room, who: str) -> RoomView:
    seated, found = await gather(_seated(room.id), _titles(room))
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
        members=[_member(room, seated[id]) for id in room.roster if id in seated],
        match=matches[0] if matches else None,
        matches=matches,
        required=room.required,
        me=_me(room, seated.get(who)),
        poll=room.poll,
        note=room.note,
        created_at=room.created_at,
        started_at=room.started_at,
        ended_at=room.ended_at,
    )


async def _seated(room_id: str) -> dict[str, Member]:
    return {seat.id: seat async for seat in seats.query(room_id)}


async def _titles(room: Room) -> dict[str, Title]:
    """A deck is read only when something of it is shown."""
    return {one.id: one for one in await titles_of(room.id)} if room.matches else {}


def _member(room: Room, seat: Member) -> MemberView:
    return MemberView(
        id=seat.id,
        name=seat.name,
        is_host=seat.id == room.host,
        is_here=now() - seat.seen_at < timedelta(seconds=ONLINE_S),
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
        can_undo=room.status == "voting" and seat.last is not None,
        is_voter=seat.id in room.voters if room.status != "waiting" else not seat.is_screen,
        is_screen=seat.is_screen,
    )
