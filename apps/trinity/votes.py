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
    Condition,
    Conflict,
    Limit,
    NotFound,
    Struct,
    Table,
    Transaction,
    attr,
    gather,
    now,
)

from . import model
from .idle import keep_time
from .judging import judge, tallies
from .model import Choice, Room, Tally
from .people import api
from .rooms import (
    TRIES,
    Member,
    Told,
    Writes,
    allowed,
    change,
    committed,
    rooms,
    seats,
    seen_by,
    written,
)


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
    again: bool = False  # he was shown it as put off: a skip of it is for good


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
        room = await _opened(await seen_by(id, caller.id), caller.id)
        if model.has_match(room):
            return VoteAnswer("VOTE_IGNORED_MATCH_FOUND", room.status, room.match)
        try:
            voted = await _voted(room, caller.id, ballot)
        except Conflict as no:
            if "code" in no.more:  # a rule, not a race
                raise
            continue
        return answer(await judge(id, ballot.title_id), caller.id, ballot.title_id, voted)
    raise Busy("too much happens in this room at once")


@api.delete("/rooms/{id}/votes/last", once=True)
async def undo(id: str, caller: Caller) -> Progress:
    """The last swipe is as if it had not been."""
    for _ in range(TRIES):
        room, seat = await gather(seen_by(id, caller.id), seats.require(id, caller.id))
        last = seat.last or ""
        allowed(lambda room: model.may_undo(room, caller.id, last), room)  # noqa: B023
        vote, tally = await gather(
            votes.get(ballot_of(id, caller.id), last), tallies.require(id, last)
        )
        if vote is None:
            continue  # another request undoes it
        try:
            progress = await _undone(room, seat, vote, tally)
        except Conflict:
            continue
        await judge(id, last)  # a veto less may leave a match
        return progress
    raise Busy("too much happens in this room at once")


def answer(room: Room, who: str, title: str, voted: int) -> VoteAnswer:
    """Of all who liked it at once, one is told that he has found it."""
    progress = Progress(voted, room.size, voted >= room.size)
    if room.finders.get(title) == who:
        return VoteAnswer("MATCH_FOUND", room.status, title, progress)
    if model.has_match(room):
        return VoteAnswer("VOTE_IGNORED_MATCH_FOUND", room.status, room.match, progress)
    return VoteAnswer("VOTE_RECORDED", room.status, None, progress)


def ballot_of(room_id: str, member: str) -> str:
    return f"{room_id}:{member}"


async def _opened(room: Room, who: str) -> Room:
    """Where the first vote begins, it begins."""
    if room.status == "waiting" and room.rules.starts == "first_vote":
        begun = Told("started", who=who)
        return await change(
            room.id, lambda room: model.started_by_vote(room, now()), begun, keep_time
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
    is_final = ballot.choice != "skip" or (ballot.again and old is not None)
    if old is not None and old.choice == ballot.choice and old.is_final >= is_final:
        return seat.voted  # he has said so before
    allowed(lambda room: model.may_vote(room, who, old is not None and old.is_final), room)
    may_spend(room, seat, ballot.choice)
    await _write(room, seat, old, vote_of(room, who, ballot, old, is_final=is_final))
    return seat.voted + is_final


def may_spend(room: Room, seat: Member, choice: Choice) -> None:
    if choice == "super" and seat.supers >= room.rules.supers:
        raise Conflict("no super-like is left", code="NO_SUPERS")
    if choice == "veto" and seat.vetoes >= room.rules.vetoes:
        raise Conflict("no veto is left", code="NO_VETOES")


def tokens(seat: Member, choice: Choice, spent: int) -> dict[str, int]:
    """What he has used, with this one or without it."""
    return {
        "supers": seat.supers + spent * (choice == "super"),
        "vetoes": seat.vetoes + spent * (choice == "veto"),
    }


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
        said = {"voted": voted, "last": vote.title_id, "seen_at": vote.at}
        changes = said | tokens(seat, vote.choice, 1)
        await seats.update(room.id, seat.id, set=changes, if_=as_read(seat), tx=tx)
        if vote.is_final:
            adds: dict[str, object] = {name: {seat.id} for name in SETS[vote.choice]}
            newest = {"last": seat.id} if "likers" in adds else {}
            await tallies.update(
                room.id, vote.title_id, set=newest, add=adds | {"version": 1}, tx=tx
            )

    if vote.is_final and voted >= room.size:
        after = replace(room, finished=room.finished | {seat.id})
        await written(room, after, Told("finished", who=seat.id, name=seat.name), writes)
    else:
        await _beside(room, attr("voters").contains(seat.id), writes)


async def _undone(room: Room, seat: Member, vote: Vote, tally: Tally) -> Progress:
    who, voted = seat.id, seat.voted - vote.is_final

    async def writes(tx: Transaction, after: Room) -> None:
        await votes.delete(vote.ballot, vote.title_id, if_=attr("version") == vote.version, tx=tx)
        is_last = as_read(seat) & (attr("last") == vote.title_id)
        changes = {"voted": voted} | tokens(seat, vote.choice, -1)
        await seats.update(room.id, who, set=changes, remove=["last"], if_=is_last, tx=tx)
        if vote.is_final:
            without = model.without(tally, who)
            await tallies.put(without, if_=attr("version") == tally.version, tx=tx)

    if who in room.finished:
        after = replace(room, finished=room.finished - {who})
        await written(room, after, Told("unfinished", who=who, name=seat.name), writes)
    else:
        counts = attr("voters").contains(who) & ~attr("matches").contains(vote.title_id)
        await _beside(room, counts, writes)
    return Progress(voted, room.size, is_finished=False)


async def _beside(room: Room, counts: Condition, writes: Writes) -> None:
    """What does not change the room, while it votes. So nobody waits for another's vote."""

    async def all_of_it(tx: Transaction) -> None:
        await rooms.check(room.id, if_=(attr("status") == "voting") & counts, tx=tx)
        await writes(tx, room)

    await committed(all_of_it)


def as_read(seat: Member) -> Condition:
    """He has neither voted nor undone meanwhile."""
    return (
        (attr("voted") == seat.voted)
        & (attr("supers") == seat.supers)
        & (attr("vetoes") == seat.vetoes)
    )
