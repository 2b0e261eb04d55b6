"""How far everybody is, and when it is over, how it stands. Before that nobody learns anything of a
title but what he has said of it himself; and who liked what is never told, only how many.
"""

from __future__ import annotations

from msgspec.structs import replace

from skylift import Caller, Struct, gather

from . import endings
from .decks import Title, titles_of
from .judging import tallies
from .model import Room, Status, Tally
from .people import api
from .rooms import Member, seats, seen_by

TOLD: tuple[Status, ...] = ("matched", "completed", "no_consensus", "runoff")


class MemberProgress(Struct, frozen=True):
    id: str
    name: str
    voted: int
    is_finished: bool


class RoomProgress(Struct, frozen=True):
    size: int
    percent: int  # of all votes that are to come
    members: list[MemberProgress]


class TitleResult(Struct, frozen=True, kw_only=True):
    title: Title
    likes: int
    supers: int  # of the likes
    nopes: int
    vetoes: int  # of the nopes
    skips: int
    share: int  # percent of those who count that like it
    is_match: bool


class Results(Struct, frozen=True, kw_only=True):
    status: str
    progress: RoomProgress
    required: int
    voters: int
    matches: list[str] = []  # in the order in which they were found, or what was chosen before all
    shortlist: list[str] = []  # several matches, the best first
    near_misses: list[str] = []  # where there is no match
    titles: list[TitleResult] = []  # the best first; empty until it is over


@api.get("/rooms/{id}/progress")
async def read_progress(id: str, caller: Caller) -> RoomProgress:
    return await progress_of(await seen_by(id, caller.id))


@api.get("/rooms/{id}/results")
async def read_results(id: str, caller: Caller) -> Results:
    room = await seen_by(id, caller.id)
    progress = await progress_of(room)
    if room.status not in TOLD:
        return Results(
            status=room.status,
            progress=progress,
            required=room.required,
            voters=len(room.voters),
            matches=room.matches,
        )
    counted, deck = await gather(tallies_of(room.id), titles_of(room.id))
    return standings(room, progress, counted, {title.id: title for title in deck})


async def progress_of(room: Room) -> RoomProgress:
    """One read of the seats, however many votes there are."""
    seated = {seat.id: seat async for seat in seats.query(room.id)}
    here = [seated[id] for id in room.roster if id in seated]
    voted = sum(seat.voted for seat in here if seat.id in room.voters)
    due = room.size * len(room.voters)
    members = [member_progress(room, seat) for seat in here]
    return RoomProgress(room.size, 100 * voted // due if due else 0, members)


def member_progress(room: Room, seat: Member) -> MemberProgress:
    return MemberProgress(seat.id, seat.name, seat.voted, seat.id in room.finished)


async def tallies_of(room_id: str) -> list[Tally]:
    return [tally async for tally in tallies.query(room_id)]


def standings(
    room: Room, progress: RoomProgress, counted: list[Tally], deck: dict[str, Title]
) -> Results:
    shown = replace(room, voters=room.shown)
    ranked = sorted(counted, key=lambda one: one.rank(shown.voters))
    return Results(
        status=room.status,
        progress=progress,
        required=room.required,
        voters=len(shown.voters),
        matches=room.matches,
        shortlist=endings.choices(shown, counted, room.size) if room.matches else [],
        near_misses=[] if room.matches else endings.choices(shown, counted),
        titles=[result_of(shown, one, deck) for one in ranked if one.title_id in deck],
    )


def result_of(room: Room, tally: Tally, deck: dict[str, Title]) -> TitleResult:
    likes = tally.likes(room.voters)
    return TitleResult(
        title=deck[tally.title_id],
        likes=likes,
        supers=len(tally.supers & room.voters),
        nopes=len(tally.nopes & room.voters),
        vetoes=len(tally.vetoers & room.voters),
        skips=len(tally.skips & room.voters),
        share=100 * likes // len(room.voters) if room.voters else 0,
        is_match=tally.title_id in room.matches,
    )
