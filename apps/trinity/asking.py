"""Polls as people use them: ask, answer, look, close; and what ends them when nobody does: the last
answer, the last who leaves, the end of the room.
"""

from __future__ import annotations

from typing import Annotated

from msgspec.structs import replace

from skylift import (
    Busy,
    Caller,
    Change,
    Conflict,
    Limit,
    Meta,
    Transaction,
    attr,
    gather,
    now,
)

from . import poll_model as model
from .live import LiveEvent, live
from .model import OPEN, Refused, Room, in_status
from .people import api
from .poll_model import Answer, Poll, Purpose
from .poll_views import Ballot, PollList, PollView, shown, stats, view
from .polls import (
    NewPoll,
    answers,
    close,
    close_if_due,
    made,
    opening,
    polls,
    require_poll,
    touched,
)
from .rooms import TRIES, Told, allowed, change, committed, rooms, seen_by

OPEN_MAX = 20  # polls of a room at a time
Limited = Annotated[int, Meta(ge=1, le=50)]


@api.post("/rooms/{id}/polls", status=201, once=True, limit=Limit(10, per_s=60))
async def ask(id: str, new: NewPoll, caller: Caller) -> PollView:
    room = await seen_by(id, caller.id)
    poll = made(room, caller.id, new)
    told = Told("poll", who=caller.id, poll_id=poll.id, text="open")
    room = await change(id, lambda room: _asked(room, caller.id, poll.id), told, opening(poll))
    return await view(room, poll, caller.id)


@api.get("/rooms/{id}/polls")
async def read_polls(
    id: str,
    caller: Caller,
    limit: Limited = 20,
    cursor: str | None = None,
    purpose: Purpose | None = None,
) -> PollList:
    """The newest first; of this purpose, or all."""
    room = await seen_by(id, caller.id)
    which = None if purpose is None else attr("purpose") == purpose
    page = await polls.page(id, where=which, reverse=True, limit=limit, cursor=cursor)
    mine = await answers.get_many([(one.id, caller.id) for one in page.items])
    views = await gather(
        *(shown(room, one, caller.id, own) for one, own in zip(page.items, mine, strict=True))
    )
    return PollList([*views], stats(views), page.cursor)


@api.get("/rooms/{id}/polls/{poll}")
async def read_poll(id: str, poll: str, caller: Caller) -> PollView:
    room = await seen_by(id, caller.id)
    return await view(room, await require_poll(id, poll), caller.id)


@api.put("/rooms/{id}/polls/{poll}/ballot", once=True, limit=Limit(120, per_s=60))
async def answer(id: str, poll: str, ballot: Ballot, caller: Caller) -> PollView:
    """The caller's answer, instead of the one before."""
    for _ in range(TRIES):
        room, asked = await seen_by(id, caller.id), await require_poll(id, poll)
        old = await answers.get(poll, caller.id)
        given = _answer(room, asked, old, ballot, caller.id)
        try:
            if old is None or not model.is_same(old, given):
                await _write(room, asked, given)
        except Conflict:
            continue  # it was closed meanwhile, or he answered twice at once
        return await view(room, await close_if_due(room, await require_poll(id, poll)), caller.id)
    raise Busy("too many answer at once")


@api.post("/rooms/{id}/polls/{poll}/close", once=True)
async def end(id: str, poll: str, caller: Caller) -> PollView:
    room = await seen_by(id, caller.id)
    allowed(lambda asked: model.may_close(asked, room, caller.id), await require_poll(id, poll))
    return await view(room, await close(id, poll), caller.id)


@polls.on_change(timeout_s=20)
async def follow(change: Change[Poll]) -> None:
    """Who looks on sees how many have answered; and whatever crashes, the last answer ends it."""
    poll = change.after
    room = await rooms.get(poll.room_id) if poll is not None else None
    if poll is None or room is None or poll.status == "closed":
        return
    asked = model.voters(poll, room)
    event = LiveEvent(
        kind="poll_progress",
        room_id=room.id,
        at=now(),
        poll_id=poll.id,
        status=room.status,
        epoch=room.epoch,
        voted=len(asked & poll.given),
        size=len(asked),
    )
    await live.publish(event, id=room.id, epoch=room.epoch)
    await close_if_due(room, poll)


@rooms.on_change(timeout_s=20)
async def follow_room(change: Change[Room]) -> None:
    """Who leaves may have been the last to wait for; a room that is over asks nothing more."""
    before, after = change.before, change.after
    if before is None or after is None:
        return
    if {*before.roster} - {*after.roster} or after.status != before.status:
        async for poll in polls.query(after.id, where=attr("status") == "open"):
            await close_if_due(after, poll)


async def _write(room: Room, poll: Poll, given: Answer) -> None:
    """Who leaves meanwhile needs no look at the room: it is asked who counts when it is counted."""
    unchanged = attr("version") == given.version - 1
    unanswered = attr("member").missing()

    async def both(tx: Transaction) -> None:
        await answers.put(given, if_=unanswered if given.version == 1 else unchanged, tx=tx)
        await polls.update(
            room.id,
            poll.id,
            add={"given": {given.member}, "version": 1},
            if_=attr("status") == "open",
            tx=tx,
        )

    await committed(both)


def _answer(room: Room, poll: Poll, old: Answer | None, ballot: Ballot, who: str) -> Answer:
    given = Answer(
        poll_id=poll.id,
        member=who,
        options=ballot.options,
        ratings=ballot.ratings,
        at=now(),
        version=old.version + 1 if old else 1,
        expires_at=poll.expires_at,
    )
    allowed(lambda poll: model.may_answer(poll, room, who, given.at), poll)
    allowed(lambda given: model.checked(poll, given), given)
    if old is not None and not model.is_same(old, given):
        allowed(model.may_change, poll)
    return given


def _asked(room: Room, by: str, poll: str) -> Room:
    if by not in room.roster:
        raise Refused("WATCHING", "a screen asks nothing")
    in_status(room, *OPEN, "matched")
    if len(room.asking) >= OPEN_MAX:
        raise Refused("TOO_MANY_POLLS", f"{OPEN_MAX} polls are open: close one first")
    return replace(touched(room), asking=room.asking | {poll})
