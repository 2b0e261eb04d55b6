"""A room is opened: its deck first, then the room, its host's seat, its code and its first event in
one transaction. A crash in between leaves a deck that nobody sees, and that expires.
"""

from __future__ import annotations

from typing import Annotated, Literal

from skylift import (
    Busy,
    Caller,
    Conflict,
    Limit,
    Meta,
    Struct,
    Transaction,
    new_id,
    now,
    transaction,
)

from .catalogue.building import Option, Wanted, build
from .codes import coded, invite_to
from .decks import lay
from .events import feed
from .idle import watch
from .joining import one_room, seat_of
from .model import Room, Rules
from .people import Person, api, known
from .rooms import KEPT, LIFE, Told, event_of, rooms, seats
from .views import RoomView, view

CODE_TRIES = 10
TITLES_MIN, TITLES_MAX = 10, 100
Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S")]


class NewRoom(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Name
    kind: Literal["movie", "series", "list"] = "movie"
    genres: Annotated[list[str], Meta(max_length=2)] = []
    capacity: Annotated[int, Meta(ge=2, le=50)] = 10
    titles: Annotated[int, Meta(ge=TITLES_MIN, le=TITLES_MAX)] = 50
    rules: Rules = Rules()
    options: list[str | Option] = []  # of the kind "list"


@api.post("/rooms", status=201, once=True, limit=Limit(10, per_s=60))
async def open_room(new: NewRoom, caller: Caller) -> RoomView:
    host, id, at = await known(caller.id), new_id(), now()
    wanted = Wanted(
        seed=id, kind=new.kind, genres=new.genres, count=new.titles, options=new.options
    )
    built = await build(wanted)
    await lay(id, built.titles, at + LIFE + KEPT)
    room = Room(
        id=id,
        name=new.name.strip(),
        host=host.id,
        code="",
        epoch=new_id(),
        created_at=at,
        touched_at=at,
        rules=new.rules,
        kind=new.kind,
        genres=new.genres,
        capacity=new.capacity,
        size=len(built.titles),
        note=built.note or "",
        seq=1,
        roster=[host.id],
        expires_at=at + LIFE + KEPT,
    )
    return await view(await _opened(room, host), host.id)


async def _opened(room: Room, host: Person) -> Room:
    for _ in range(CODE_TRIES):
        with_code = coded(room)
        try:
            async with transaction() as tx:
                await written_new(with_code, host.name, tx)
                await seats.create(seat_of(room, host.id, host.name), tx=tx)
                await one_room(host, room.id, tx)
            return with_code
        except Conflict as no:
            if "code" in no.more:
                raise
    raise Busy("no code could be found")


async def written_new(room: Room, host_name: str, tx: Transaction) -> None:
    """The room, its code, its first event and its end. Who is in it has a seat besides."""
    await rooms.create(room, tx=tx)
    await feed.create(event_of(room, Told("created", who=room.host, name=host_name)), tx=tx)
    await invite_to(room, tx)
    await watch(room, tx)
