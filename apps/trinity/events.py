"""What happens in a room, numbered without a gap: each event is written with the change it tells
of, and read again by who was away.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from skylift import Struct, Table

Kind = Literal[
    "created", "joined", "left", "kicked", "banned", "host", "started", "paused", "resumed",
    "finished", "unfinished", "match", "shortlist", "no_consensus",
    "runoff", "undecided", "rules", "extended", "decided", "completed", "cancelled", "code", "poll",
    "screen", "restarted",
]  # fmt: skip


class RoomEvent(Struct, frozen=True, kw_only=True):
    room_id: str
    seq: int
    at: datetime
    kind: Kind
    who: str | None = None  # of whom it tells: a member
    name: str | None = None  # his, as it is shown
    title_id: str | None = None
    poll_id: str | None = None
    text: str | None = None
    status: str = "waiting"  # of the room after it
    epoch: str = ""  # of its channel after it
    host: str = ""  # of the room after it: whoever leaves may have been it
    expires_at: datetime | None = None


feed = Table[RoomEvent, str, int]("feed", RoomEvent, key=("room_id", "seq"), ttl="expires_at")
