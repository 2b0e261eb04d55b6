"""More titles for a room that found no match. They and the room's new size are one transaction, so
that nobody votes on an old deck while others have a new one, and what was liked still counts.
"""

from __future__ import annotations

from typing import Annotated

from msgspec.structs import replace

from skylift import Caller, Invalid, Meta, Struct, Transaction, now

from . import endings
from .catalogue.building import Built, Wanted, build
from .decks import Deck, Title, decks, known_as
from .idle import keep_time
from .judging import tallies
from .lists import Option, checked
from .model import Room, Tally
from .people import api
from .rooms import KEPT, LIFE, Told, allowed, change, seen_by
from .views import RoomView, view


class Extension(Struct, frozen=True, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=1, le=50)] = 20
    options: Annotated[list[str | Option], Meta(max_length=50)] = []  # of a list


@api.post("/rooms/{id}/extend", once=True)
async def extend(id: str, caller: Caller, more: Extension | None = None) -> RoomView:
    """Titles that were not in it yet, of the same genres."""
    room = await seen_by(id, caller.id)
    allowed(lambda room: endings.extended(room, caller.id, 0, now()), room)
    parts = [one async for one in decks.query(id)]
    built = await _besides(room, parts, more or Extension())
    part = Deck(
        room_id=id,
        part=len(parts) + 1,
        titles=built.titles,
        expires_at=room.created_at + LIFE + KEPT,
    )

    async def writes(tx: Transaction, after: Room) -> None:
        await _lay(part, tx)
        await keep_time(tx, after)

    room = await change(
        id,
        lambda room: replace(
            endings.extended(room, caller.id, len(part.titles), now()), note=built.note or ""
        ),
        Told("extended", who=caller.id),
        writes,
    )
    return await view(room, caller.id)


async def _besides(room: Room, parts: list[Deck], more: Extension) -> Built:
    old = [title for deck in parts for title in deck.titles]
    if room.kind == "list":
        return Built(_more_options(old, more))
    wanted = Wanted(
        seed=f"{room.id}:{len(parts)}",
        kind=room.kind,
        genres=room.genres,
        count=more.count,
        without={one for title in old for one in (title.id, known_as(title))},
        least=1,
    )
    return await build(wanted)


def _more_options(old: list[Title], more: Extension) -> list[Title]:
    new = [Option(one) if isinstance(one, str) else one for one in more.options]
    every = checked([*(Option(one.name, one.line) for one in old), *new])
    if len(every) == len(old):
        raise Invalid("say options that are not in the list yet", code="NO_OPTIONS")
    return [
        Title(id=f"o{number}", name=one.name, line=one.line)
        for number, one in enumerate(every[len(old) :], len(old) + 1)
    ]


async def _lay(part: Deck, tx: Transaction) -> None:
    await decks.create(part, tx=tx)
    for title in part.titles:
        tally = Tally(room_id=part.room_id, title_id=title.id, expires_at=part.expires_at)
        await tallies.create(tally, tx=tx)
