"""The figures of a room that is over, from the votes that were cast in it."""

from __future__ import annotations

from datetime import datetime

from skylift import Caller, Conflict, Struct, attr, gather

from .decks import Title, titles_of
from .events import feed
from .figures import Agreement, Sums, TitleCount, agreements, counts, seconds, sums
from .history import FOUND
from .model import Room, Status
from .people import api
from .results import MemberProgress, member_progress, tallies_of
from .rooms import Member, seats, seen_by

TOLD: tuple[Status, ...] = ("no_consensus", "matched", "completed")


class RoomStats(Struct, frozen=True, kw_only=True):
    status: Status
    time_to_match_s: int | None  # from the start to the first title that was found
    time_voted_s: int | None  # from the start to the end
    size: int  # titles
    required: int  # likes
    sums: Sums
    members: list[MemberProgress]
    agreement: list[Agreement]  # of each pair who voted
    titles: list[TitleCount]  # the best first
    names: dict[str, Title]  # of their ids


@api.get("/rooms/{id}/stats")
async def read_stats(id: str, caller: Caller) -> RoomStats:
    """Of each and of pairs, for who is still in it. Titles are counted as all had voted on them."""
    room = await seen_by(id, caller.id)
    if room.status not in TOLD:
        raise Conflict("figures come when it is over", code=f"ROOM_{room.status.upper()}")
    tallies, deck, seated, found_at = await gather(
        tallies_of(id), titles_of(id), _voters(room), _found_at(id)
    )
    counted = counts(tallies, room.shown)
    return RoomStats(
        status=room.status,
        time_to_match_s=seconds(room.started_at, found_at),
        time_voted_s=seconds(room.started_at, room.ended_at),
        size=room.size,
        required=room.required,
        sums=sums(counted),
        members=[member_progress(room, seat) for seat in seated],
        agreement=agreements(tallies, [seat.id for seat in seated]),
        titles=counted,
        names={title.id: title for title in deck},
    )


async def _voters(room: Room) -> list[Member]:
    who = [one for one in room.roster if one in room.voters]
    return [seat for seat in await seats.get_many([(room.id, one) for one in who]) if seat]


async def _found_at(id: str) -> datetime | None:
    """When the first title was found, by votes or otherwise."""
    found = feed.query(id, where=attr("kind").one_of(*FOUND), limit=1)
    return next(iter([event.at async for event in found]), None)
