"""A room and its rules, as values. Every change of a room is a function that gives the room after
it, or raises `Refused`; nothing here reads a clock, a table or chance. What votes change is here,
what people change who come, go and lead is in `roster`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec.structs import replace

from skylift import Meta, Struct

Status = Literal[
    "waiting", "voting", "paused", "runoff", "no_consensus", "matched", "completed", "cancelled"
]
Strategy = Literal["unanimous", "majority", "super_majority", "share", "count", "first"]
Choice = Literal["like", "super", "nope", "veto", "skip"]
OPEN: tuple[Status, ...] = ("waiting", "voting", "paused", "runoff", "no_consensus")
JUDGED: tuple[Status, ...] = ("voting", "no_consensus")  # in which a match may be found
VOTERS_MIN = 2


class Refused(Exception):
    """A rule says no. `code` is for programs, the text for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """How a room votes. They are fixed when it is made."""

    strategy: Strategy = "unanimous"
    share: Annotated[int, Meta(ge=1, le=100)] = 60  # percent of those who vote, of "share"
    count: Annotated[int, Meta(ge=2, le=50)] = 2  # who like it, of "count"
    wanted: Annotated[int, Meta(ge=1, le=10)] = 1  # matches; of more than one a shortlist
    starts: Literal["host", "first_vote", "full"] = "host"
    late: bool = False  # may one join who comes after the start?
    order: Literal["own", "same"] = "own"  # everybody has the deck in an order of his own
    supers: Annotated[int, Meta(ge=0, le=10)] = 1  # likes that weigh when two titles are level
    vetoes: Annotated[int, Meta(ge=0, le=10)] = 0  # titles that each member may take out
    minutes: Annotated[int, Meta(ge=1, le=10_080)] | None = None  # until it ends by itself


# How many must like a title, of so many who vote. A new strategy is a row here and a word above.
STRATEGIES: dict[str, Callable[[int, Rules], int]] = {
    "unanimous": lambda voters, rules: voters,
    "majority": lambda voters, rules: voters // 2 + 1,
    "super_majority": lambda voters, rules: -(-voters * 3 // 4),
    "share": lambda voters, rules: -(-voters * rules.share // 100),
    "count": lambda voters, rules: min(rules.count, voters),
    "first": lambda voters, rules: VOTERS_MIN,
}


class Room(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    host: str
    code: str
    epoch: str  # of its channel: another one turns out whoever is no member any more
    created_at: datetime
    touched_at: datetime
    rules: Rules = Rules()
    kind: Literal["movie", "series", "list"] = "movie"
    genres: list[str] = []
    capacity: int = 10
    size: int = 0  # titles in the deck
    note: str = ""  # what its members should know of the deck
    status: Status = "waiting"
    seq: int = 0  # of the last event
    roster: list[str] = []  # who is in it, the longest first
    voters: set[str] = set()  # who counts: the roster as it was at the start, less who left since
    counted: set[str] = set()  # who is counted in what has been told of the votes
    finished: set[str] = set()  # who has voted on every title
    screens: set[str] = set()  # presenters, who see and do nothing
    banned: set[str] = set()
    matches: list[str] = []  # titles, in the order in which they were found
    finders: dict[str, str] = {}  # whose like made it a match, by title; it is told to him only
    poll: str | None = None  # of the runoff
    asking: set[str] = set()  # other polls that are open
    next: str | None = None  # the room in which the same people go on
    started_at: datetime | None = None
    paused_at: datetime | None = None
    closes_at: datetime | None = None  # when the vote ends by itself; a pause puts it off
    ended_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def match(self) -> str | None:
        return self.matches[0] if self.matches else None

    @property
    def required(self) -> int:
        """Likes that make a match; one alone never does."""
        return max(VOTERS_MIN, STRATEGIES[self.rules.strategy](len(self.voters), self.rules))

    @property
    def shown(self) -> set[str]:
        """Who is counted in what is told of the votes. Whoever leaves after that stays in it:
        what would be missing without him is what he has voted.
        """
        return self.counted or self.voters

    @property
    def watchers(self) -> set[str]:
        return {*self.roster} | self.screens


class Tally(Struct, frozen=True, kw_only=True):
    """Who said what of one title. Who has left still stands here and is not counted."""

    room_id: str
    title_id: str
    likers: set[str] = set()
    supers: set[str] = set()  # of the likers
    nopes: set[str] = set()
    vetoers: set[str] = set()  # of the nopes
    skips: set[str] = set()
    last: str = ""  # who said the newest like
    version: int = 0
    expires_at: datetime | None = None

    def likes(self, voters: set[str]) -> int:
        return len(self.likers & voters)

    def rank(self, voters: set[str]) -> tuple[int, int, int, str]:
        """Less is better: liked by more, more warmly, refused by fewer."""
        liked, warmly = self.likes(voters), len(self.supers & voters)
        return (-liked, -warmly, len(self.nopes & voters), self.title_id)


# -- what the votes decide


def started_by_vote(room: Room, now: datetime) -> Room:
    if room.status != "waiting" or len(room.roster) < VOTERS_MIN:
        return room
    return begun(room, now)


def may_vote(room: Room, who: str, has_voted: bool) -> Room:
    in_status(room, "voting")
    if who not in room.voters:
        raise Refused("WATCHING", "who came after the start watches")
    if has_voted:
        raise Refused("ALREADY_VOTED", "undo the vote first")
    return room


def may_undo(room: Room, who: str, last: str) -> Room:
    """Only one, and only while nothing is decided with it. A pause only puts it off."""
    if room.status == "paused":
        in_status(room, "voting")
    if room.status != "voting" or who not in room.voters or last in ("", *room.matches):
        raise Refused("NOTHING_TO_UNDO", "there is nothing to undo")
    return room


def without(tally: Tally, who: str) -> Tally:
    """As if he had not voted on it."""
    return replace(
        tally,
        likers=tally.likers - {who},
        supers=tally.supers - {who},
        nopes=tally.nopes - {who},
        vetoers=tally.vetoers - {who},
        skips=tally.skips - {who},
        version=tally.version + 1,
    )


def winner(room: Room, tallies: Iterable[Tally]) -> Tally | None:
    """The best of the titles that enough like, nobody has vetoed and that are not yet a match."""
    found = [
        one
        for one in tallies
        if one.title_id not in room.matches
        and not one.vetoers & room.voters
        and one.likes(room.voters) >= room.required
    ]
    return min(found, key=lambda one: one.rank(room.voters), default=None)


def near_misses(room: Room, tallies: Iterable[Tally], count: int) -> list[Tally]:
    """What came closest, the best first; what was vetoed only where nothing else is left."""
    ranked = sorted(tallies, key=lambda one: one.rank(room.voters))
    return ([one for one in ranked if not one.vetoers & room.voters] or ranked)[:count]


def matched(room: Room, best: Tally, now: datetime) -> Room:
    """Also when all have voted and then one leaves, or the host asks for less. Whoever writes it,
    found it has who said the last like.
    """
    in_status(room, *JUDGED)
    after = replace(
        room,
        matches=[*room.matches, best.title_id],
        finders=room.finders | {best.title_id: best.last},
        touched_at=now,
    )
    if room.status == "voting" and len(after.matches) < room.rules.wanted:
        return after
    return ended(after, "matched", now)


def exhausted(room: Room, now: datetime) -> Room:
    """Everybody has voted on everything, or the time is over. A shortlist that is shorter than was
    wanted is one all the same.
    """
    in_status(room, "voting")
    return ended(room, "matched" if room.matches else "no_consensus", now)


def has_match(room: Room) -> bool:
    """Nothing is voted on any more: this is what they watch."""
    return room.status in ("matched", "completed") and room.match is not None


def is_over(room: Room, now: datetime) -> bool:
    is_late = room.closes_at is not None and room.closes_at <= now
    return room.status == "voting" and (is_late or room.voters <= room.finished)


def begun(room: Room, now: datetime) -> Room:
    after = replace(room, voters={*room.roster}, started_at=now)
    return in_time(after, now)


def in_time(room: Room, now: datetime) -> Room:
    """It votes from now on, for as long as its rules say."""
    minutes = room.rules.minutes
    closes_at = None if minutes is None else now + timedelta(minutes=minutes)
    return replace(room, status="voting", closes_at=closes_at, ended_at=None, touched_at=now)


def grounds(room: Room) -> tuple[object, ...]:
    """What of a room decides, besides the tallies."""
    return (room.status, room.voters, room.finished, room.rules)


def ended(room: Room, status: Status, now: datetime) -> Room:
    return replace(
        room,
        status=status,
        counted=room.counted | room.voters,
        closes_at=None,
        ended_at=now,
        touched_at=now,
    )


def by_host(room: Room, by: str) -> None:
    if by != room.host:
        raise Refused("NOT_HOST", "only the host may do this")


def in_status(room: Room, *allowed: Status) -> None:
    if room.status not in allowed:
        raise Refused(f"ROOM_{room.status.upper()}", f"the room is {room.status.replace('_', ' ')}")
