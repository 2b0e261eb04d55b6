"""Polls: whatever a group wants to know of itself. An answer and the poll that counts it are one
transaction, so the result is that of the answers whatever crashes; a poll closes once, by who may,
at its time, or when all have answered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Literal

from msgspec.structs import replace

from skylift import (
    Busy,
    Conflict,
    Meta,
    NotFound,
    Struct,
    Table,
    Timer,
    Transaction,
    attr,
    new_id,
    now,
)

from . import poll_model as model
from .model import Room
from .poll_model import Answer, Kind, Option, Poll, Visible
from .rooms import KEPT, LIFE, TRIES, Told, Writes, require, written

Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]


class NewPoll(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    question: Text
    kind: Kind = "single"
    method: Literal["irv", "borda"] = "irv"
    options: Annotated[list[Text], Meta(min_length=2, max_length=20)]
    max: Annotated[int, Meta(ge=1, le=20)] | None = None  # options in an answer of "multiple"
    minutes: Annotated[int, Meta(ge=1, le=10_080)] | None = None
    visible: Visible = "closed"
    is_anonymous: bool = False
    may_change: bool = True
    ends_when_all: bool = False


class PollDue(Struct, frozen=True):
    room_id: str
    poll_id: str


polls = Table[Poll, str, str]("polls", Poll, key=("room_id", "id"), ttl="expires_at")
answers = Table[Answer, str, str]("answers", Answer, key=("poll_id", "member"), ttl="expires_at")
poll_deadline = Timer("poll_deadline", PollDue)
Due = Callable[[Poll, Room], bool]


def made(room: Room, by: str, new: NewPoll, titles: list[str] | None = None) -> Poll:
    """A poll that is not there yet: write it by `opening`. With the ids of titles it is a runoff of
    them, in the order of their names.
    """
    at = now()
    ids = titles or [str(number) for number in range(1, len(new.options) + 1)]
    options = [Option(id, text.strip()) for id, text in zip(ids, new.options, strict=True)]
    if len({one.text for one in options}) < len(options) and titles is None:
        raise Conflict("two options are the same", code="SAME_OPTIONS")
    most = {"single": 1, "multiple": min(new.max or len(options), len(options))}
    return Poll(
        room_id=room.id,
        id=new_id(),
        by=by,
        question=new.question.strip(),
        kind=new.kind,
        method=new.method,
        options=options,
        most=most.get(new.kind, len(options)),
        visible=new.visible,
        is_anonymous=new.is_anonymous,
        may_change=new.may_change,
        ends_when_all=new.ends_when_all,
        purpose="asked" if titles is None else "runoff",
        opened_at=at,
        ends_at=at + timedelta(minutes=new.minutes) if new.minutes else None,
        expires_at=room.created_at + LIFE + KEPT,
    )


def opening(poll: Poll) -> Writes:
    """What opens it, in the transaction that tells of it."""

    async def writes(tx: Transaction, after: Room) -> None:
        await polls.create(poll, tx=tx)
        if poll.ends_at is not None:
            due = PollDue(poll.room_id, poll.id)
            await poll_deadline.set(poll.id, poll.ends_at, due, tx=tx)

    return writes


async def close(room_id: str, poll_id: str, *, if_: Due = model.always) -> Poll:
    """With the result of the answers there are. A poll that is closed stays as it is."""
    for _ in range(TRIES):
        room, poll = await require(room_id), await require_poll(room_id, poll_id)
        if poll.status == "closed" or not if_(poll, room):
            return poll
        given = [one async for one in answers.query(poll_id)]
        closed = model.closed(poll, given, room, now())
        told = Told("poll", poll_id=poll_id, text="closed")
        try:
            after = replace(touched(room), asking=room.asking - {poll_id})
            await written(room, after, told, closing(poll, closed))
            return closed
        except Conflict:
            continue  # somebody answered, or the room changed: count again
    raise Busy("too much happens in this room at once")


def closing(poll: Poll, closed: Poll) -> Writes:
    async def writes(tx: Transaction, after: Room) -> None:
        await polls.put(closed, if_=attr("version") == poll.version, tx=tx)
        if poll.ends_at is not None:
            await poll_deadline.cancel(poll.id, tx=tx)

    return writes


@poll_deadline.on_due
async def end_in_time(due: PollDue) -> None:
    if await polls.get(due.room_id, due.poll_id) is not None:
        await close(due.room_id, due.poll_id)


async def close_if_due(room: Room, poll: Poll) -> Poll:
    """Looked at as it stands first, so that nearly always nothing is read again."""
    if poll.status == "closed" or not model.is_due(poll, room):
        return poll
    return await close(room.id, poll.id, if_=model.is_due)


async def require_poll(room_id: str, poll_id: str) -> Poll:
    poll = await polls.get(room_id, poll_id)
    if poll is None:
        raise NotFound("there is no such poll", code="NO_POLL")
    return poll


def touched(room: Room) -> Room:
    return replace(room, touched_at=now())
