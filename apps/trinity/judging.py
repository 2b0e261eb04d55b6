"""Is it a match, is it over? Asked after each vote and each leaving, by whoever comes first, and
again by who follows the tallies, so that no crash in between leaves a room without its match. Of
all who find the same match, one writes it.
"""

from __future__ import annotations

from skylift import Change, Conflict, Struct, Table, Transaction, attr, now

from . import model
from .model import Room, Tally
from .rooms import Told, require, written

tallies = Table[Tally, str, str]("tallies", Tally, key=("room_id", "title_id"), ttl="expires_at")


class Verdict(Struct, frozen=True):
    room: Room
    is_mine: bool = False  # it was this call that wrote the match


async def judge(room_id: str, title_id: str | None = None) -> Verdict:
    """Of one title, or of all of them after somebody left or everybody has finished."""
    while True:
        room = await require(room_id)
        if room.status != "voting":
            return Verdict(room)
        is_over = model.is_exhausted(room)
        best = model.winner(room, await _asked(room_id, None if is_over else title_id))
        try:
            if best is not None:
                room = await _match(room, best)
                if room.status == "matched" or not is_over:
                    return Verdict(room, is_mine=True)
            elif is_over:
                ended = model.exhausted(room, now())
                return Verdict(await written(room, ended, Told("no_consensus")))
            else:
                return Verdict(room)
        except Conflict:
            continue  # somebody else was first, or voted: look again


async def _asked(room_id: str, title_id: str | None) -> list[Tally]:
    if title_id is None:
        return [one async for one in tallies.query(room_id)]
    one = await tallies.get(room_id, title_id)
    return [one] if one is not None else []


async def _match(room: Room, best: Tally) -> Room:
    async def unchanged(tx: Transaction, after: Room) -> None:
        await tallies.check(room.id, best.title_id, if_=attr("version") == best.version, tx=tx)

    after = model.matched(room, best.title_id, now())
    return await written(room, after, Told("match", title_id=best.title_id), unchanged)


@tallies.on_change(timeout_s=20)
async def judge_again(change: Change[Tally]) -> None:
    if change.after is not None:
        await judge(change.after.room_id, change.after.title_id)
