"""Votes: a swipe is one transaction of the vote, the title's tally, the member's count and a look
at the room, so that whatever crashes, counts are the votes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from skylift import (
    Busy,
    Caller,
    Conflict,
    Limit,
    NotFound,
    Struct,
    Table,
    Transaction,
    attr,
    gather,
    now,
    transaction,
)

from . import model
from .judging import judge, tallies
from .model import Choice, Room, Tally
from .people import api
from .rooms import TRIES, Member, Told, allowed, change, rooms, seats, seen_by, written


class Vote(Struct, frozen=True, kw_only=True):
    ballot: str  # of one member in one room
    title_id: str
    choice: Choice
    is_final: bool = True  # a title that was skipped once comes back once
    at: datetime
    version: int = 1
    expires_at: datetime | None = None


class Ballot(Struct, forbid_unknown_fields=True):
    title_id: str
    choice: Choice


class Progress(Struct):
    voted: int
    size: int
    is_finished: bool


class VoteAnswer(Struct):
    response_type: Literal["VOTE_RECORDED", "MATCH_FOUND", "VOTE_IGNORED_MATCH_FOUND"]
    status: str
    match: str | None = None  # a title
    progress: Progress | None = None


votes = Table[Vote, str, str]("votes", Vote, key=("ballot", "title_id"), ttl="expires_at")


@api.post("/rooms/{id}/votes", once=True, limit=Limit(120, per_s=60))
async def cast(id: str, ballot: Ballot, caller: Caller) -> VoteAnswer:
    for _ in range(TRIES):
        room = await seen_by(id, caller.id)
        if room.match is not None and room.status not in ("voting", "paused"):
            return VoteAnswer("VOTE_IGNORED_MATCH_FOUND", room.status, room.match)
        room = await _opened(room, caller.id)
        try:
            voted = await _voted(room, caller.id, ballot)
        except Conflict as no:
            if "code" in no.more:  # a rule, not a race
                raise
            continue
        verdict = await judge(id, ballot.title_id)
        progress = Progress(voted, room.size, voted >= room.size)
        if verdict.room.status == "matched" or verdict.is_mine:
            said = "MATCH_FOUND" if verdict.is_mine else "VOTE_IGNORED_MATCH_FOUND"
            return VoteAnswer(said, verdict.room.status, verdict.room.match, progress)
        return VoteAnswer("VOTE_RECORDED", verdict.room.status, None, progress)
    raise Busy("too much happens in this room at once")


@api.delete("/rooms/{id}/votes/last", once=True)
async def undo(id: str, caller: Caller) -> Progress:
    """The last swipe is as if it had not been; only one, and only while nothing is decided."""
    for _ in range(TRIES):
        room = await seen_by(id, caller.id)
        seat = await seats.require(id, caller.id)
        if room.status != "voting" or seat.last is None:
            raise Conflict("there is nothing to undo", code="NOTHING_TO_UNDO")
        vote, tally = await gather(
            votes.require(ballot_of(id, caller.id), seat.last), tallies.require(id, seat.last)
        )
        try:
            return await _undone(room, seat, vote, tally)
        except Conflict:
            continue
    raise Busy("too much happens in this room at once")


def ballot_of(room_id: str, member: str) -> str:
    return f"{room_id}:{member}"


async def _opened(room: Room, who: str) -> Room:
    """Where the first vote begins, it begins."""
    if room.status == "waiting" and room.rules.starts == "first_vote":
        return await change(
            room.id, lambda room: model.started_by_vote(room, now()), Told("started", who=who)
        )
    return room


async def _voted(room: Room, who: str, ballot: Ballot) -> int:
    """How many titles he has voted on, with this one. Conflict: look again."""
    seat, old, tally = await gather(
        seats.require(room.id, who),
        votes.get(ballot_of(room.id, who), ballot.title_id),
        tallies.get(room.id, ballot.title_id),
    )
    if tally is None:
        raise NotFound("this title is not in the deck", code="NO_TITLE")
    is_final = ballot.choice != "skip" or old is not None
    if old is not None and (old.choice, old.is_final) == (ballot.choice, True):
        return seat.voted  # he has said so before
    allowed(lambda room: model.may_vote(room, who, old is not None and old.is_final), room)
    seat = spent(room, seat, ballot)
    await _write(room, seat, old, vote_of(room, who, ballot, old, is_final=is_final))
    return seat.voted + is_final


def spent(room: Room, seat: Member, ballot: Ballot) -> Member:
    """His seat, with one token less."""
    if ballot.choice == "super" and seat.supers >= room.rules.supers:
        raise Conflict("no super-like is left", code="NO_SUPERS")
    if ballot.choice == "veto" and seat.vetoes >= room.rules.vetoes:
        raise Conflict("no veto is left", code="NO_VETOES")
    return replace(
        seat,
        supers=seat.supers + (ballot.choice == "super"),
        vetoes=seat.vetoes + (ballot.choice == "veto"),
    )


def vote_of(room: Room, who: str, ballot: Ballot, old: Vote | None, *, is_final: bool) -> Vote:
    return Vote(
        ballot=ballot_of(room.id, who),
        title_id=ballot.title_id,
        choice=ballot.choice,
        is_final=is_final,
        at=now(),
        version=old.version + 1 if old else 1,
        expires_at=room.expires_at,
    )


SETS: dict[Choice, tuple[str, ...]] = {
    "like": ("likers",),
    "super": ("likers", "supers"),
    "nope": ("nopes",),
    "veto": ("nopes", "vetoers"),
    "skip": ("skips",),
}


async def _write(room: Room, seat: Member, old: Vote | None, vote: Vote) -> None:
    voted = seat.voted + vote.is_final

    async def writes(tx: Transaction, after: Room) -> None:
        unchanged = attr("title_id").missing() if old is None else attr("version") == old.version
        await votes.put(vote, if_=unchanged, tx=tx)
        await seats.update(
            room.id,
            seat.id,
            set={
                "voted": voted,
                "last": vote.title_id,
                "supers": seat.supers,
                "vetoes": seat.vetoes,
                "seen_at": vote.at,
            },
            if_=attr("voted") == seat.voted,
            tx=tx,
        )
        if vote.is_final:
            adds: dict[str, object] = {name: {seat.id} for name in SETS[vote.choice]}
            await tallies.update(room.id, vote.title_id, add=adds | {"version": 1}, tx=tx)

    if voted >= room.size and vote.is_final:
        after = replace(room, finished=room.finished | {seat.id})
        await written(room, after, Told("finished", who=seat.id, name=seat.name), writes)
        return
    async with transaction() as tx:
        counts = (attr("status") == "voting") & attr("voters").contains(seat.id)
        await rooms.check(room.id, if_=counts, tx=tx)
        await writes(tx, room)


async def _undone(room: Room, seat: Member, vote: Vote, tally: Tally) -> Progress:
    who, voted = seat.id, seat.voted - vote.is_final

    async def writes(tx: Transaction, after: Room) -> None:
        await votes.delete(vote.ballot, vote.title_id, if_=attr("version") == vote.version, tx=tx)
        await seats.update(
            room.id,
            who,
            set={
                "voted": voted,
                "supers": seat.supers - (vote.choice == "super"),
                "vetoes": seat.vetoes - (vote.choice == "veto"),
            },
            remove=["last"],
            if_=(attr("voted") == seat.voted) & (attr("last") == vote.title_id),
            tx=tx,
        )
        if vote.is_final:
            await tallies.put(
                model.without(tally, who), if_=attr("version") == tally.version, tx=tx
            )

    if who in room.finished:
        after = replace(room, finished=room.finished - {who})
        await written(room, after, Told("unfinished", who=who, name=seat.name), writes)
    else:
        async with transaction() as tx:
            counts = (attr("status") == "voting") & attr("voters").contains(who)
            await rooms.check(room.id, if_=counts, tx=tx)
            await writes(tx, room)
    return Progress(voted, room.size, is_finished=False)
