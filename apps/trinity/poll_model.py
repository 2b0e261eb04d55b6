"""A poll and its rules, as values: who may answer, what an answer is, and what all of them come to.
Who has left is not counted, though his answer is kept for when he comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from skylift import Struct

from .model import Refused, Room
from .ranking import Round, approval, borda, by_score, instant_runoff, plurality, rating

Kind = Literal["single", "multiple", "ranked", "rating"]
Visible = Literal["live", "after_vote", "closed", "host"]
Purpose = Literal["asked", "runoff"]


class Option(Struct, frozen=True):
    id: str
    text: str


class Outcome(Struct, frozen=True, kw_only=True):
    """Of one option."""

    id: str
    votes: int  # who chose it, ranked it first, or rated it
    share: int  # of those who answered, in percent
    score: float  # what the order goes by: votes, points, or the mean of the stars
    who: list[str] | None = None  # nobody's name where answers are anonymous


class Result(Struct, frozen=True, kw_only=True):
    voters: int  # who might answer
    answered: int
    participation: int  # of those who might, in percent
    options: list[Outcome]
    order: list[str]  # the best first
    winners: list[str]  # all that are level at the top; none when nobody wants any
    rounds: list[Round] = []  # of an instant runoff


class Poll(Struct, frozen=True, kw_only=True):
    room_id: str
    id: str
    by: str
    question: str
    kind: Kind
    method: Literal["irv", "borda"] = "irv"  # of what is ranked
    options: list[Option]
    most: int  # options in one answer
    visible: Visible = "closed"
    is_anonymous: bool = False
    may_change: bool = True
    ends_when_all: bool = False
    purpose: Purpose = "asked"
    status: Literal["open", "closed"] = "open"
    opened_at: datetime
    ends_at: datetime | None = None
    closed_at: datetime | None = None
    given: set[str] = set()  # who has answered
    result: Result | None = None  # for good, once it is closed
    version: int = 0
    expires_at: datetime | None = None


class Answer(Struct, frozen=True, kw_only=True):
    poll_id: str
    member: str
    options: list[str] = []  # the dearest first, where they are ranked
    ratings: dict[str, int] = {}
    at: datetime
    version: int = 1
    expires_at: datetime | None = None


STARS = range(1, 6)


def voters(poll: Poll, room: Room) -> set[str]:
    """In a runoff those whose votes came to it; otherwise all who are there."""
    return room.voters if poll.purpose == "runoff" else {*room.roster}


def may_answer(poll: Poll, room: Room, who: str, at: datetime) -> Poll:
    if who not in voters(poll, room):
        raise Refused("WATCHING", "you see the poll and do not answer")
    if poll.status == "closed" or (poll.ends_at is not None and at >= poll.ends_at):
        raise Refused("POLL_CLOSED", "the poll is closed")
    return poll


def may_change(poll: Poll) -> Poll:
    if not poll.may_change:
        raise Refused("ALREADY_VOTED", "what was said in this poll stands")
    return poll


def may_close(poll: Poll, room: Room, who: str) -> Poll:
    if who not in (poll.by, room.host) or who not in room.roster:
        raise Refused("NOT_HOST", "only the host closes it, or who asked")
    return poll


def checked(poll: Poll, answer: Answer) -> Answer:
    known = {one.id for one in poll.options}
    if poll.kind == "rating":
        _require(not answer.options, "say stars for options")
        _require(bool(answer.ratings), "say stars for one option at least")
        _require(answer.ratings.keys() <= known, "there is no such option")
        _require(all(stars in STARS for stars in answer.ratings.values()), "one to five stars")
        return answer
    chosen = answer.options
    _require(not answer.ratings, "stars are for a rating")
    _require(set(chosen) <= known, "there is no such option")
    _require(len(set(chosen)) == len(chosen), "each option once")
    most = f"one to {poll.most} options" if poll.most > 1 else "one option"
    _require(1 <= len(chosen) <= poll.most, most)
    return answer


def may_see(poll: Poll, room: Room, who: str) -> bool:
    """The result; of one for the host nobody else does."""
    if poll.visible == "host":
        return who == room.host
    is_early = poll.visible == "live" or (poll.visible == "after_vote" and who in poll.given)
    return poll.status == "closed" or is_early


def is_same(old: Answer, new: Answer) -> bool:
    return (old.options, old.ratings) == (new.options, new.ratings)


def is_due(poll: Poll, room: Room) -> bool:
    """All who might answer have done so, or the room asks nothing any more."""
    if room.status in ("completed", "cancelled"):
        return True
    asked = voters(poll, room)
    return poll.ends_when_all and bool(asked) and asked <= poll.given


def always(poll: Poll, room: Room) -> bool:
    return True


def closed(poll: Poll, answers: Iterable[Answer], room: Room, at: datetime) -> Poll:
    return replace(
        poll,
        status="closed",
        closed_at=at,
        result=counted(poll, answers, room),
        version=poll.version + 1,
    )


def counted(poll: Poll, answers: Iterable[Answer], room: Room) -> Result:
    asked = voters(poll, room)
    given = [one for one in answers if one.member in asked]
    votes, scores, order, rounds = _standing(poll, given)
    return Result(
        voters=len(asked),
        answered=len(given),
        participation=percent(len(given), len(asked)),
        options=[
            Outcome(
                id=one.id,
                votes=votes[one.id],
                share=percent(votes[one.id], len(given)),
                score=scores[one.id],
                who=None if poll.is_anonymous else _who(poll, given, one.id),
            )
            for one in poll.options
        ],
        order=order,
        winners=_winners(order, scores, rounds),
        rounds=rounds,
    )


def percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _standing(
    poll: Poll, given: list[Answer]
) -> tuple[dict[str, int], dict[str, float], list[str], list[Round]]:
    """Votes, scores, the order and the rounds to it."""
    ids = [one.id for one in poll.options]
    ballots = [one.options for one in given]
    if poll.kind == "rating":
        rated = rating(ids, [one.ratings for one in given])
        scores = {id: one.mean for id, one in rated.items()}
        votes = {id: one.count for id, one in rated.items()}
        return votes, scores, sorted(ids, key=lambda id: (-scores[id], -votes[id])), []
    votes = plurality(ids, ballots) if poll.kind == "ranked" else approval(ids, ballots)
    points = borda(ids, ballots) if poll.kind == "ranked" else votes
    scores = {id: float(points[id]) for id in ids}
    if poll.kind == "ranked" and poll.method == "irv":
        runoff = instant_runoff(ids, ballots, poll.id)
        return votes, scores, runoff.order, runoff.rounds
    return votes, scores, by_score(ids, scores.__getitem__), []


def _winners(order: list[str], scores: dict[str, float], rounds: list[Round]) -> list[str]:
    best = max(scores.values())
    if best <= 0:
        return []
    return order[:1] if rounds else [one for one in order if scores[one] == best]


def _who(poll: Poll, given: list[Answer], option: str) -> list[str]:
    """Those whom `votes` counts."""
    if poll.kind == "ranked":
        return sorted(one.member for one in given if one.options[:1] == [option])
    return sorted(one.member for one in given if option in one.options or option in one.ratings)


def _require(is_so: bool, expected: str) -> None:
    if not is_so:
        raise Refused("WRONG_BALLOT", expected)
