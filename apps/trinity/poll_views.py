"""A poll as one who is in the room sees it. What he sees of the result depends on what was agreed
when it was asked, and of an anonymous answer nobody is told whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from skylift import Struct

from . import poll_model as model
from .model import Room
from .poll_model import Answer, Kind, Option, Poll, Result, Visible
from .polls import answers


class Ballot(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    options: list[str] = []
    ratings: dict[str, int] = {}


class PollView(Struct, frozen=True, kw_only=True):
    id: str
    room_id: str
    by: str
    question: str
    kind: Kind
    method: str
    options: list[Option]
    max: int
    visible: Visible
    is_anonymous: bool
    may_change: bool
    ends_when_all: bool
    purpose: str
    status: Literal["open", "closed"]
    opened_at: datetime
    ends_at: datetime | None
    closed_at: datetime | None
    answered: int
    voters: int
    mine: Ballot | None
    may_answer: bool
    may_close: bool
    result: Result | None  # as far as the caller may see it


class Stats(Struct, frozen=True):
    """Of these polls; means are of those that are closed."""

    open: int
    closed: int
    answers: int
    participation: int  # percent
    duration_s: int


class PollList(Struct, frozen=True):
    items: list[PollView]  # the newest first
    stats: Stats
    cursor: str | None


async def view(room: Room, poll: Poll, who: str) -> PollView:
    return await shown(room, poll, who, await answers.get(poll.id, who))


async def shown(room: Room, poll: Poll, who: str, mine: Answer | None) -> PollView:
    asked = model.voters(poll, room)
    is_open = poll.status == "open"
    return PollView(
        id=poll.id,
        room_id=poll.room_id,
        by=poll.by,
        question=poll.question,
        kind=poll.kind,
        method=poll.method,
        options=poll.options,
        max=poll.most,
        visible=poll.visible,
        is_anonymous=poll.is_anonymous,
        may_change=poll.may_change,
        ends_when_all=poll.ends_when_all,
        purpose=poll.purpose,
        status=poll.status,
        opened_at=poll.opened_at,
        ends_at=poll.ends_at,
        closed_at=poll.closed_at,
        answered=poll.result.answered if poll.result else len(asked & poll.given),
        voters=poll.result.voters if poll.result else len(asked),
        mine=Ballot(options=mine.options, ratings=mine.ratings) if mine else None,
        may_answer=is_open and who in asked and (mine is None or poll.may_change),
        may_close=is_open and who in room.roster and who in (poll.by, room.host),
        result=await _result(room, poll, who),
    )


async def _result(room: Room, poll: Poll, who: str) -> Result | None:
    if not model.may_see(poll, room, who):
        return None
    if poll.result is not None:
        return poll.result
    return model.counted(poll, [one async for one in answers.query(poll.id)], room)


def stats(polls: Sequence[PollView]) -> Stats:
    closed = [one for one in polls if one.closed_at is not None]
    took = [(one.closed_at - one.opened_at).total_seconds() for one in closed if one.closed_at]
    return Stats(
        open=len(polls) - len(closed),
        closed=len(closed),
        answers=sum(one.answered for one in polls),
        participation=model.percent(
            sum(one.answered for one in closed), sum(one.voters for one in closed)
        ),
        duration_s=round(sum(took) / len(took)) if took else 0,
    )
