"""No match, or several: what the host does then. Each of these leads on; what a poll has decided
comes from the poll, when that has ended.
"""

from __future__ import annotations

from random import Random
from typing import Annotated, Literal

from msgspec.structs import replace

from skylift import Caller, Change, Conflict, Meta, NotFound, Struct, new_id, now

from . import endings
from .decks import titles_of
from .judging import judge
from .model import Room, Rules, Strategy, Tally
from .people import api
from .poll_model import Poll
from .polls import NewPoll, made, opening, polls
from .results import tallies_of
from .rooms import Told, allowed, change, seen_by
from .views import RoomView, view


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    title_id: str


class Lowering(Struct, frozen=True, forbid_unknown_fields=True):
    strategy: Strategy
    share: Annotated[int, Meta(ge=1, le=100)] = 60
    count: Annotated[int, Meta(ge=2, le=50)] = 2


class NewRunoff(Struct, frozen=True, forbid_unknown_fields=True):
    method: Literal["approval", "irv", "borda"] = "approval"
    count: Annotated[int, Meta(ge=2, le=endings.CHOICES_MAX)] = 3
    minutes: Annotated[int, Meta(ge=1, le=10_080)] | None = None


@api.post("/rooms/{id}/runoff", once=True)
async def run_off(id: str, new: NewRunoff, caller: Caller) -> RoomView:
    """All are asked again, of the best only."""
    room, counted = await stuck(id, caller.id)
    offered = endings.choices(room, counted, new.count)
    if len(offered) < 2:
        raise Conflict("there are not two titles to choose between", code="NO_CHOICE")
    names = {title.id: title.name for title in await titles_of(id)}
    poll = made(room, caller.id, _asking(new, [names[one] for one in offered]), offered)
    room = await change(
        id,
        lambda room: endings.asked(room, caller.id, poll.id, now()),
        Told("runoff", who=caller.id, poll_id=poll.id),
        opening(poll),
    )
    return await view(room, caller.id)


@api.post("/rooms/{id}/random", once=True)
async def pick(id: str, caller: Caller) -> RoomView:
    """Chance takes one of the best."""
    room, counted = await stuck(id, caller.id)
    offered = endings.choices(room, counted)
    if not offered:
        raise Conflict("there is no title to choose", code="NO_TITLE")
    return await view(await _decide(room, caller.id, Random(new_id()).choice(offered)), caller.id)


@api.post("/rooms/{id}/decide", once=True)
async def decide(id: str, decision: Decision, caller: Caller) -> RoomView:
    """The host takes one: any that nobody has vetoed, or of a shortlist one of that."""
    room, counted = await stuck(id, caller.id)
    if decision.title_id not in {one.title_id for one in counted}:
        raise NotFound("this title is not in the deck", code="NO_TITLE")
    if decision.title_id not in endings.choices(room, counted, room.size):
        raise Conflict("this title cannot be chosen any more", code="NO_CHOICE")
    return await view(await _decide(room, caller.id, decision.title_id), caller.id)


@api.post("/rooms/{id}/lower", once=True)
async def lower(id: str, asked: Lowering, caller: Caller) -> RoomView:
    """Fewer likes are enough from now on, which everybody is told."""
    await seen_by(id, caller.id)
    await change(
        id,
        lambda room: endings.lowered(room, caller.id, _lower(room.rules, asked), now()),
        Told("rules", who=caller.id, text=asked.strategy),
    )
    return await view(await judge(id), caller.id)


@polls.on_change(timeout_s=20)
async def settle(change: Change[Poll]) -> None:
    poll = change.after
    if poll is not None and poll.purpose == "runoff" and poll.result is not None:
        winner = poll.result.order[0] if poll.result.winners else None
        await settle_runoff(poll.room_id, poll.id, winner)


async def settle_runoff(room_id: str, poll_id: str, winner: str | None) -> Room:
    """What its poll has decided, however often it is told. Without a winner, because nobody has
    answered, the room is where it was before.
    """
    kind = "undecided" if winner is None else "decided"
    await change(
        room_id,
        lambda room: endings.settled(room, poll_id, winner, now()),
        Told(kind, title_id=winner, poll_id=poll_id),
    )
    return await judge(room_id)  # who counts may have changed while it was asked


async def stuck(id: str, who: str) -> tuple[Room, list[Tally]]:
    """A room that may be decided by him, and what was said in it."""
    room = await seen_by(id, who)
    allowed(lambda room: endings.may_choose(room, who), room)
    return room, await tallies_of(id)


async def _decide(room: Room, who: str, title: str) -> Room:
    return await change(
        room.id,
        lambda room: endings.decided(room, who, title, now()),
        Told("decided", who=who, title_id=title),
    )


def _asking(new: NewRunoff, names: list[str]) -> NewPoll:
    """Secret, as the votes were."""
    return NewPoll(
        question="What do we watch?",
        kind="multiple" if new.method == "approval" else "ranked",
        method="borda" if new.method == "borda" else "irv",
        options=names,
        minutes=new.minutes,
        is_anonymous=True,
        ends_when_all=True,
    )


def _lower(rules: Rules, asked: Lowering) -> Rules:
    return replace(rules, strategy=asked.strategy, share=asked.share, count=asked.count)
