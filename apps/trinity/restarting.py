"""The same people once more: another deck, another code, the same rules. A room leads to one next
room, however often it is asked for; its members find it there. Guests who have taken another room
meanwhile stay in that.
"""

from __future__ import annotations

from msgspec.structs import replace

from skylift import Caller, Limit, Transaction, gather, new_id, now

from . import roster
from .catalogue.building import Built, Option, Wanted, build
from .codes import coded
from .decks import lay, titles_of
from .idle import keep_time
from .joining import GuestRoom, belong, goes_on, guest_rooms, one_room_only, seat_of
from .model import Room
from .opening import TITLES_MAX, TITLES_MIN, written_new
from .people import api, people
from .rooms import KEPT, LIFE, Member, Told, allowed, change, rooms, seats, seen_by
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
    return await view(await seen_by(old.next or next_id, caller.id), caller.id)


async def _followed(id: str, next_id: str, caller: Caller, built: Built) -> Room:
    epoch = new_id()

    async def writes(tx: Transaction, after: Room) -> None:
        at = now()
        coming = await _with_those_who_come(after, next_id, tx)
        room = coded(roster.again(coming, next_id, epoch, at, at + LIFE + KEPT))
        room = replace(room, size=len(built.titles), note=built.note or "")
        seated = await _seated(after, room)
        await seats.put_many(seated)  # nobody looks at them before there is the room
        await keep_time(tx, room)
        await written_new(room, next(one.name for one in seated if one.id == room.host), tx)

    return await change(
        id,
        lambda room: roster.followed(room, caller.id, next_id, now()),
        Told("restarted", who=caller.id, text=next_id),
        writes,
    )


async def _with_those_who_come(old: Room, next_id: str, tx: Transaction) -> Room:
    """Without the guests who have another room by now; the others belong to the next one."""
    staying = set[str]()
    for held, room in await _held(old):
        if room is not None and room.id != old.id and goes_on(room, held.id):
            staying.add(held.id)
        else:
            await belong(held.id, held, next_id, tx)
    if old.host in staying:
        raise one_room_only()
    here = [who for who in old.roster if who not in staying]
    return replace(old, roster=here, screens=old.screens - staying)


async def _held(old: Room) -> list[tuple[GuestRoom, Room | None]]:
    """Of each guest, and whoever signed up since is none, the room that he belongs to."""
    found = await guest_rooms.get_many([(who,) for who in sorted(old.watchers)])
    held = [one for one in found if one is not None]
    known, there = await gather(
        people.get_many([(one.id,) for one in held]),
        rooms.get_many([(id,) for id in sorted({one.room_id for one in held})]),
    )
    members = {one.id for one in known if one is not None and not one.is_guest}
    room_of = {one.id: one for one in there if one is not None}
    return [(one, room_of.get(one.room_id)) for one in held if one.id not in members]


async def _seated(old: Room, room: Room) -> list[Member]:
    found = await seats.get_many([(old.id, who) for who in sorted(room.watchers)])
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
