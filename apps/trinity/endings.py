"""What leads on where the votes made no match, or more than one, as values: a runoff, the host's
word, chance, less that is asked for, more titles. None of them is a dead end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from .model import Refused, Room, Rules, Tally, by_host, ended, in_status, in_time, near_misses

CHOICES_MAX = 5  # of a runoff and of chance


def is_stuck(room: Room) -> bool:
    return room.status == "no_consensus"


def is_shortlist(room: Room) -> bool:
    """Several matches, of which none was chosen yet."""
    return room.status == "matched" and len(room.matches) > 1


def may_choose(room: Room, by: str) -> Room:
    by_host(room, by)
    if not is_shortlist(room):
        in_status(room, "no_consensus")
    return room


def choices(room: Room, tallies: Iterable[Tally], count: int = CHOICES_MAX) -> list[str]:
    """The titles between which it is decided, the best first."""
    offered = [one for one in tallies if not room.matches or one.title_id in room.matches]
    return [one.title_id for one in near_misses(room, offered, count)]


def asked(room: Room, by: str, poll: str, now: datetime) -> Room:
    """All are asked again, in a poll."""
    may_choose(room, by)
    return replace(room, status="runoff", poll=poll, ended_at=None, touched_at=now)


def settled(room: Room, poll: str, title: str | None, now: datetime) -> Room:
    """As the poll has ended; where nobody has answered, it is as before."""
    if room.status != "runoff" or room.poll != poll:
        return room  # somebody else was first
    after = replace(room, poll=None)
    if title is not None:
        return chosen(after, title, now)
    return ended(after, "matched" if room.matches else "no_consensus", now)


def decided(room: Room, by: str, title: str, now: datetime) -> Room:
    return chosen(may_choose(room, by), title, now)


def chosen(room: Room, title: str, now: datetime) -> Room:
    """The one stands before the rest of a shortlist, and nothing is open any more."""
    rest = [one for one in room.matches if one != title]
    after = replace(room, matches=[title, *rest])
    return ended(after, "completed" if rest else "matched", now)


def lowered(room: Room, by: str, rules: Rules, now: datetime) -> Room:
    """The host asks for fewer likes than before, and everybody is told."""
    by_host(room, by)
    in_status(room, "voting", "paused", "no_consensus")
    after = replace(room, rules=rules, touched_at=now)
    if after.required >= room.required:
        raise Refused("NOT_LOWER", f"{room.required} likes were asked for before")
    return after


def extended(room: Room, by: str, more: int, now: datetime) -> Room:
    """So many titles are in the deck besides, and everybody votes on."""
    by_host(room, by)
    in_status(room, "no_consensus")
    return in_time(replace(room, size=room.size + more, finished=set()), now)
