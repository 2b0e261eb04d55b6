"""What a crash test needs besides: a room with people in it at once, and all that is held of it."""

from __future__ import annotations

from datetime import timedelta

from skylift import Struct, new_id, now
from trinity.decks import Title, lay
from trinity.events import feed
from trinity.judging import tallies
from trinity.model import Room
from trinity.people import api, members
from trinity.rooms import Member, rooms, seats
from trinity.votes import ballot_of, votes


class Wanted(Struct):
    members: int
    titles: int


class Opened(Struct):
    id: str
    tokens: dict[str, str]  # of each member
    titles: list[str]


class Held(Struct):
    status: str
    matches: list[str]
    finished: list[str]
    told: list[tuple[int, str, str]]  # seq, kind, title
    votes: dict[str, dict[str, str]]  # of each member, by title
    tallies: dict[str, dict[str, list[str]]]  # of each title: who said what
    voted: dict[str, int]  # as the seats have it


@api.post("/doors/rooms", auth=None, status=201)
async def opened(wanted: Wanted) -> Opened:
    id, at = new_id(), now()
    guests = [await members.guest(f"guest {number}") for number in range(wanted.members)]
    titles = [Title(id=f"t{number:02}", name=f"Title {number}") for number in range(wanted.titles)]
    await lay(id, titles, at + timedelta(days=1))
    for guest in guests:
        await seats.put(Member(room_id=id, id=guest.id, name="guest", joined_at=at, seen_at=at))
    who = [guest.id for guest in guests]
    room = Room(
        id=id,
        name="Friday",
        host=who[0],
        code="",
        epoch="",
        created_at=at,
        touched_at=at,
        size=wanted.titles,
        status="voting",
        roster=who,
        voters=set(who),
    )
    await rooms.create(room)
    return Opened(id, {guest.id: guest.access for guest in guests}, [one.id for one in titles])


@api.get("/doors/rooms/{id}", auth=None)
async def held(id: str) -> Held:
    room = await rooms.require(id)
    said: dict[str, dict[str, str]] = {}
    for who in room.roster:
        cast = [one async for one in votes.query(ballot_of(id, who))]
        said[who] = {one.title_id: one.choice for one in cast}
    return Held(
        status=room.status,
        matches=room.matches,
        finished=sorted(room.finished),
        told=[(one.seq, one.kind, one.title_id or "") async for one in feed.query(id)],
        votes=said,
        tallies={
            one.title_id: {
                "like": sorted(one.likers - one.supers),
                "super": sorted(one.supers),
                "nope": sorted(one.nopes),
            }
            async for one in tallies.query(id)
        },
        voted={one.id: one.voted async for one in seats.query(id)},
    )
