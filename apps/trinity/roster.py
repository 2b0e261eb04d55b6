"""Who is in a room and who leads it, as values: the moves of people, as `model` has those of votes.
A move that changes nothing gives the very room it was given.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from .model import (
    OPEN,
    VOTERS_MIN,
    Refused,
    Room,
    Status,
    begun,
    by_host,
    ended,
    in_status,
)

SCREENS_MAX = 5
OVER: tuple[Status, ...] = ("matched", "no_consensus", "completed", "cancelled")


# -- who comes and goes


def joined(room: Room, who: str, now: datetime) -> Room:
    if who in room.banned:
        raise Refused("BANNED", "the host has closed this room to you")
    if who in room.roster:
        return room
    if who in room.screens:
        raise Refused("WATCHING", "a screen watches")
    if room.status != "waiting" and not (room.rules.late and room.status in ("voting", "paused")):
        raise Refused("ROOM_CLOSED", "this room takes nobody in any more")
    if len(room.roster) >= room.capacity:
        raise Refused("ROOM_FULL", f"all {room.capacity} seats are taken")
    after = replace(room, roster=[*room.roster, who], touched_at=now)
    if room.status != "waiting":
        return replace(after, voters=room.voters | {who})
    return _begun_if_full(after, now)


def left(room: Room, who: str, epoch: str, now: datetime) -> Room:
    """The longest there becomes host when the host goes; a room without anybody ends. The channel
    gets a new epoch: who has gone hears no more.
    """
    if who not in room.watchers:
        return room
    roster = [one for one in room.roster if one != who]
    after = replace(
        room,
        roster=roster,
        voters=room.voters - {who},
        screens=room.screens - {who},
        host=room.host if room.host != who or not roster else roster[0],
        epoch=epoch,
        touched_at=now,
    )
    return after if roster or room.status not in OPEN else ended(after, "cancelled", now)


def removed(room: Room, who: str, by: str, epoch: str, now: datetime) -> Room:
    """By the host, who cannot remove himself."""
    by_host(room, by)
    if who == room.host:
        raise Refused("HOST_STAYS", "the host leaves, or hands the room over")
    if who not in room.watchers:
        raise Refused("NOT_MEMBER", "there is no such member")
    return left(room, who, epoch, now)


def banned(room: Room, who: str, by: str, epoch: str, now: datetime) -> Room:
    """He is out and does not come in again, whether he is in it now or was."""
    by_host(room, by)
    if who in room.banned:
        return room
    after = removed(room, who, by, epoch, now) if who in (*room.watchers, room.host) else room
    return replace(after, banned=room.banned | {who})


def may_show(room: Room, by: str) -> Room:
    by_host(room, by)
    in_status(room, *OPEN)
    return room


def watched(room: Room, screen: str, by: str, now: datetime) -> Room:
    """By a screen too, which sees what members see, and has no seat."""
    may_show(room, by)
    if len(room.screens) >= SCREENS_MAX:
        raise Refused("SCREENS_FULL", f"a room has {SCREENS_MAX} screens at most")
    return replace(room, screens=room.screens | {screen}, touched_at=now)


# -- who leads it


def handed_over(room: Room, to: str, by: str, now: datetime) -> Room:
    by_host(room, by)
    if to not in room.roster:
        raise Refused("NOT_MEMBER", "there is no such member")
    return room if to == room.host else replace(room, host=to, touched_at=now)


def taken_over(room: Room, by: str, away: str | None, now: datetime) -> Room:
    """A host who is away for long keeps nobody waiting: any member may go on in his place. Who was
    away may not be host any more.
    """
    if by not in room.roster:
        raise Refused("NOT_MEMBER", "there is no such member")
    if room.host != away:
        raise Refused("NOT_HOST", "only the host may do this, as long as he is here")
    return replace(room, host=by, touched_at=now)


def recoded(room: Room, by: str, code: str, now: datetime) -> Room:
    by_host(room, by)
    in_status(room, *OPEN)
    return replace(room, code=code, touched_at=now)


# -- what the host does


def started(room: Room, by: str, now: datetime) -> Room:
    by_host(room, by)
    in_status(room, "waiting")
    if len(room.roster) < VOTERS_MIN:
        raise Refused("TOO_FEW", "wait for one more: it takes two to agree")
    return begun(room, now)


def paused(room: Room, by: str, now: datetime) -> Room:
    by_host(room, by)
    in_status(room, "voting")
    return replace(room, status="paused", paused_at=now, touched_at=now)


def resumed(room: Room, by: str, now: datetime) -> Room:
    by_host(room, by)
    in_status(room, "paused")
    put_off = room.closes_at and room.closes_at + (now - (room.paused_at or now))
    return replace(room, status="voting", paused_at=None, closes_at=put_off, touched_at=now)


def completed(room: Room, by: str, now: datetime) -> Room:
    """All is said: of a match, or of none that nobody looks for any more."""
    by_host(room, by)
    in_status(room, "matched", "no_consensus")
    return replace(room, status="completed", touched_at=now)


def cancelled(room: Room, by: str, now: datetime) -> Room:
    by_host(room, by)
    in_status(room, *OPEN)
    return ended(room, "cancelled", now)


def idled(room: Room, now: datetime) -> Room:
    """Nobody has done anything for long. What was found stays found."""
    if room.status not in OPEN:
        return room
    is_done = room.matches or room.status == "no_consensus"
    return ended(room, "completed" if is_done else "cancelled", now)


# -- the same people once more


def followed(room: Room, by: str, next: str, now: datetime) -> Room:
    """A room that is over leads to the next one, and to one only."""
    by_host(room, by)
    if room.next is not None:
        return room
    in_status(room, *OVER)
    status = "completed" if room.status == "no_consensus" else room.status
    return replace(room, next=next, status=status, touched_at=now)


def again(room: Room, id: str, epoch: str, now: datetime, expires_at: datetime) -> Room:
    """The next one: nobody has voted, everybody is there."""
    new = Room(
        id=id,
        name=room.name,
        host=room.host,
        code="",
        epoch=epoch,
        created_at=now,
        touched_at=now,
        rules=room.rules,
        kind=room.kind,
        genres=room.genres,
        capacity=room.capacity,
        seq=1,
        roster=room.roster,
        screens=room.screens,
        banned=room.banned,
        expires_at=expires_at,
    )
    return _begun_if_full(new, now)


def _begun_if_full(room: Room, now: datetime) -> Room:
    is_full = room.rules.starts == "full" and len(room.roster) == room.capacity
    return begun(room, now) if is_full else room
