"""Is it a match, is it over? Asked after each vote and each leaving, by whoever comes first, and
again by who follows tallies and rooms, so that no crash in between leaves a room without its match.
Of all who find the same match, one writes it.
"""

from __future__ import annotations

from skylift import Change, Conflict, Table, Transaction, attr, now

from . import model
from .model import Room, Tally
from .rooms import Told, require, rooms, written

tallies = Table[Tally, str, str]("tallies", Tally, key=("room_id", "title_id"), ttl="expires_at")


async def judge(room_id: str, title_id: str | None = None) -> Room:
    """Of one title, or of all of them after somebody left or when it is over."""
    while True:  # whoever meets another's change looks again, and one of them is always first
        room = await require(room_id)
        if room.status not in model.JUDGED:
            return room
        is_over = model.is_over(room, now())
        best = model.winner(room, await _asked(room_id, None if is_over else title_id))
        try:
            if best is not None:
                await _match(room, best)
            elif is_over:
                told = Told("shortlist" if room.matches else "no_consensus")
                await written(room, model.exhausted(room, now()), told)
            else:
                return room
        except Conflict:
            continue


async def _asked(room_id: str, title_id: str | None) -> list[Tally]:
    if title_id is None:
        return [one async for one in tallies.query(room_id)]
    one = await tallies.get(room_id, title_id)
    return [one] if one is not None else []


async def _match(room: Room, best: Tally) -> None:
    async def unchanged(tx: Transaction, after: Room) -> None:
        await tallies.check(room.id, best.title_id, if_=attr("version") == best.version, tx=tx)

    after = model.matched(room, best, now())
    await written(room, after, Told("match", title_id=best.title_id), unchanged)


@tallies.on_change(timeout_s=20)
async def judge_title(change: Change[Tally]) -> None:
    """More like it, or fewer refuse it; what ends with a vote is seen by the room."""
    before, after = change.before, change.after
    if before is None or after is None:
        return
    if after.likers - before.likers or before.vetoers - after.vetoers:
        await judge(after.room_id, after.title_id)


@rooms.on_change(timeout_s=20)
async def judge_room(change: Change[Room]) -> None:
    """Others count, another is finished, or it goes on by other rules."""
    before, after = change.before, change.after
    if before is None or after is None or after.status not in model.JUDGED:
        return
    if model.grounds(before) != model.grounds(after):
        await judge(after.id)
