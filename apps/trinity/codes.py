"""Codes by which one joins: six letters that nobody takes for others, read as people type them.
One is good for seven days, and ends before that with its room or with the next code. Who guesses
is stopped after a few wrong ones, long before there is a chance.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from msgspec.structs import replace

from skylift import (
    Conflict,
    Gone,
    Limit,
    NotFound,
    Request,
    Struct,
    Table,
    TooManyRequests,
    Transaction,
    attr,
    new_id,
    now,
)

from .model import OPEN, Room
from .people import api
from .rooms import require, seats

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O and U
LENGTH = 6
GOOD_FOR = timedelta(days=7)
REMEMBERED = timedelta(days=60)  # so long it is known that there was such a code
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
WRONG_MAX = 20  # codes that nobody has, from one address
WRONG_WITHIN = timedelta(minutes=10)


class Invite(Struct, frozen=True, kw_only=True):
    code: str
    room_id: str
    ends_at: datetime
    is_revoked: bool = False
    expires_at: datetime


class Guesses(Struct, frozen=True, kw_only=True):
    """Wrong codes of one address (of IPv6: of one network) in one stretch of time."""

    id: str
    wrong: int
    expires_at: datetime


class Invitation(Struct, frozen=True, kw_only=True):
    """What is seen of a room by who has its code and is not in it yet."""

    room_id: str
    name: str
    host_name: str
    members: int
    capacity: int
    status: str


invites = Table("invites", Invite, key="code", ttl="expires_at")
guesses = Table("guesses", Guesses, key="id", ttl="expires_at")


@api.get("/invites/{code}", auth=None, limit=Limit(60, per_s=60, by="ip"))
async def look_at_invite(code: str, request: Request) -> Invitation:
    room = await invited(code, request.ip)
    host = await seats.get(room.id, room.host)
    return Invitation(
        room_id=room.id,
        name=room.name,
        host_name=host.name if host is not None else "",
        members=len(room.roster),
        capacity=room.capacity,
        status=room.status,
    )


async def invited(text: str, ip: str, who: str | None = None) -> Room:
    """The room of a code that is good. Of another it is said what is wrong, and nothing else; but
    who is in the room comes back with any code that it ever had.
    """
    guess = await _not_too_many(ip)
    invite = await invites.get(typed(text)) if typed(text) else None
    if invite is None:
        await _count_wrong(guess)
        raise NotFound("nobody has this code", code="INVITE_UNKNOWN")
    room = await require(invite.room_id)
    if who is not None and who in room.watchers:
        return room
    if invite.ends_at <= now():
        raise Gone("this code has expired: ask for another", code="CODE_EXPIRED")
    if invite.is_revoked or room.status not in OPEN:
        raise Gone("this code is not good any more", code="CODE_REVOKED")
    return room


def typed(text: str) -> str:
    """What somebody meant: a code as he read it, or the whole link."""
    path = text.strip().partition("?")[0].partition("#")[0].rstrip("/")
    last = path.rpartition("/")[2]
    return "".join(last.replace("-", "").split()).upper().translate(READ_AS)


def coded(room: Room) -> Room:
    """With a new code, of the bits of an id that nobody can guess."""
    secret = int(new_id()[-20:], 16)
    code = "".join(LETTERS[secret >> 5 * place & 31] for place in range(LENGTH))
    return replace(room, code=code)


async def invite_to(room: Room, tx: Transaction) -> None:
    """Conflict when another room has this code."""
    at = now()
    invite = Invite(
        code=room.code, room_id=room.id, ends_at=at + GOOD_FOR, expires_at=at + REMEMBERED
    )
    await invites.create(invite, tx=tx)


async def revoke(code: str, tx: Transaction) -> None:
    await invites.update(code, set={"is_revoked": True}, tx=tx)


async def _not_too_many(ip: str) -> Guesses:
    """What has been guessed from there so far."""
    at = now()
    stretch = int(at.timestamp() // WRONG_WITHIN.total_seconds())
    none = Guesses(id=f"{network(ip)} {stretch}", wrong=0, expires_at=at + 2 * WRONG_WITHIN)
    so_far = await guesses.get(none.id) or none
    if so_far.wrong >= WRONG_MAX:
        raise TooManyRequests("too many wrong codes: wait some minutes", code="TOO_MANY_GUESSES")
    return so_far


async def _count_wrong(so_far: Guesses) -> None:
    try:
        if so_far.wrong == 0:
            await guesses.create(replace(so_far, wrong=1))
            return
    except Conflict:
        pass  # another one from there was first
    await guesses.update(so_far.id, add={"wrong": 1}, if_=attr("wrong") >= 1)


def network(ip: str) -> str:
    """An address of IPv4; of IPv6 what comes before the part that is everybody's own to choose."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    return ip if address.version == 4 else str(ip_network((ip, 64), strict=False))
