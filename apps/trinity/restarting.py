"""The same people once more: another deck, another code, the same rules. A room leads to one next
room, however often it is asked for; its members find it there.
"""

from __future__ import annotations

from msgspec.structs import replace

from skylift import Caller, Limit, Transaction, new_id, now

from . import roster
from .catalogue.building import Built, Option, Wanted, build
from .codes import coded
from .decks import lay, titles_of
from .joining import seat_of
from .model import Room
from .opening import TITLES_MAX, TITLES_MIN, written_new
from .people import api
from .rooms import KEPT, LIFE, Member, Told, allowed, change, require, seats, seen_by
from .views import RoomView, view


@api.post("/rooms/{id}/restart", status=201, once=True, limit=Limit(10, per_s=60))
async def restart(id: str, caller: Caller) -> RoomView:
    old, at = await seen_by(id, caller.id), now()
    next_id = new_id()
    old = allowed(lambda room: roster.followed(room, caller.id, next_id, at), old)
    if old.next == next_id:
        built = await _deck(old, next_id)
        await lay(next_id, built.titles, at + LIFE + KEPT)
        old = await _followed(id, next_id, caller, built)
    return await view(await require(old.next or next_id), caller.id)


async def _followed(id: str, next_id: str, caller: Caller, built: Built) -> Room:
    epoch = new_id()

    async def writes(tx: Transaction, after: Room) -> None:
        at = now()
        room = coded(roster.again(after, next_id, epoch, at, at + LIFE + KEPT))
        room = replace(room, size=len(built.titles), note=built.note or "")
        await written_new(room, await _seated(after, room), tx)

    return await change(
        id,
        lambda room: roster.followed(room, caller.id, next_id, now()),
        Told("restarted", who=caller.id, text=next_id),
        writes,
    )


async def _seated(old: Room, room: Room) -> list[Member]:
    """In the order of the roster, the host first."""
    who = sorted(old.roster, key=lambda one: one != old.host) + sorted(old.screens)
    found = await seats.get_many([(old.id, one) for one in who])
    return [
        seat_of(room, seat.id, seat.name, is_screen=seat.is_screen)
        for seat in found
        if seat is not None
    ]


async def _deck(old: Room, next_id: str) -> Built:
    """Of the same catalogue, less what they have found; of a list, all of it."""
    titles = await titles_of(old.id) if old.kind == "list" else []
    wanted = Wanted(
        seed=next_id,
        kind=old.kind,
        genres=old.genres,
        count=min(max(old.size, TITLES_MIN), TITLES_MAX),
        options=[Option(one.name, one.line) for one in titles],
        without=set(old.matches),
    )
    return await build(wanted)
