"""Codes by which one joins: six letters that nobody takes for others, read as people type them.
One is good for seven days, and ends before that with its room or with the next code.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from skylift import Gone, NotFound, Struct, Table, Transaction, attr, new_id, now

from .model import OPEN, Room
from .rooms import require

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O and U
LENGTH = 6
GOOD_FOR = timedelta(days=7)
REMEMBERED = timedelta(days=60)  # so long it is known that there was such a code
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


class Invite(Struct, frozen=True, kw_only=True):
    code: str
    room_id: str
    ends_at: datetime
    is_revoked: bool = False
    expires_at: datetime


invites = Table("invites", Invite, key="code", ttl="expires_at")


def new_code() -> str:
    """Of the bits of an id that nobody can guess."""
    secret = int(new_id()[-20:], 16)
    return "".join(LETTERS[secret >> 5 * place & 31] for place in range(LENGTH))


def typed(text: str) -> str:
    """What somebody meant: a code as he read it, or the whole link."""
    last = text.strip().rstrip("/").rpartition("/")[2]
    return last.partition("?")[0].partition("#")[0].replace("-", "").upper().translate(READ_AS)


def given(room: Room) -> Room:
    return replace(room, code=new_code())


async def write_invite(code: str, room_id: str, tx: Transaction) -> None:
    """Conflict when the code is another room's already."""
    at = now()
    invite = Invite(code=code, room_id=room_id, ends_at=at + GOOD_FOR, expires_at=at + REMEMBERED)
    await invites.create(invite, tx=tx)


async def revoke(code: str, tx: Transaction) -> None:
    await invites.update(code, set={"is_revoked": True}, if_=attr("code").present(), tx=tx)


async def invited(text: str) -> Room:
    """The room of a code that is good. Of another it is said what is wrong, and nothing else."""
    invite = await invites.get(typed(text)) if text.strip() else None
    if invite is None:
        raise NotFound("nobody has this code", code="INVITE_UNKNOWN")
    if invite.is_revoked:
        raise Gone("this code is not good any more", code="CODE_REVOKED")
    if invite.ends_at <= now():
        raise Gone("this code has expired: ask for another", code="CODE_EXPIRED")
    room = await require(invite.room_id)
    if room.status not in OPEN:
        raise Gone("this code is not good any more", code="CODE_REVOKED")
    return room
