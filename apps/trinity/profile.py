"""What somebody says of himself. A name stands in each of his seats too, where rooms read it:
whoever changes it is shown under the new one everywhere, soon after.
"""

from __future__ import annotations

from typing import Annotated

from skylift import Caller, Change, Limit, Meta, NotFound, Struct, gather

from .people import Language, Person, Theme, api, known, members, people, shown
from .rooms import seats

GENRES_MAX = 20
Genre = Annotated[str, Meta(min_length=1, max_length=40)]


class Profile(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    email: str | None  # a guest has none
    is_guest: bool
    language: Language
    theme: Theme
    notify: bool
    genres: list[str]


class ProfileChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it was."""

    name: str | None = None
    language: Language | None = None
    theme: Theme | None = None
    notify: bool | None = None
    genres: Annotated[list[Genre], Meta(max_length=GENRES_MAX)] | None = None


@api.get("/users/profile")
async def read_profile(caller: Caller) -> Profile:
    return await _profile(caller.id)


@api.put("/users/profile", limit=Limit(30, per_s=60))
async def write_profile(wanted: ProfileChange, caller: Caller) -> Profile:
    changed: dict[str, object] = {
        "name": shown(wanted.name) if wanted.name is not None else None,
        "language": wanted.language,
        "theme": wanted.theme,
        "notify": wanted.notify,
        "genres": wanted.genres,
    }
    said = {field: value for field, value in changed.items() if value is not None}
    if said:
        await _write(caller.id, said)
    return await _profile(caller.id)


@people.on_change
async def follow(change: Change[Person]) -> None:
    """Another name goes to his seats. A guest whose time is over is forgotten, unless he has
    become a member and a crash has kept his row from saying so.
    """
    before, after = change.before, change.after
    if before is not None and after is not None and before.name != after.name:
        await _rename(after)
    if change.kind == "expired" and before is not None and before.is_guest:
        user = await members.get(before.id)
        if user is not None and user.email is None:
            await members.delete(before.id)


async def _profile(id: str) -> Profile:
    person, user = await gather(known(id), members.get(id))
    return Profile(
        id=id,
        name=person.name,
        email=user.email if user is not None else None,
        is_guest=person.is_guest,
        language=person.language,
        theme=person.theme,
        notify=person.notify,
        genres=person.genres,
    )


async def _write(id: str, said: dict[str, object]) -> None:
    try:
        await people.update(id, set=said)
    except NotFound:  # a crash has left him without a row
        await people.put(await known(id))
        await people.update(id, set=said)


async def _rename(person: Person) -> None:
    async for seat in seats.query(person.id, index="by_member"):
        if seat.name != person.name:
            await _rename_seat(seat.room_id, person)


async def _rename_seat(room_id: str, person: Person) -> None:
    try:
        await seats.update(room_id, person.id, set={"name": person.name})
    except NotFound:
        return  # the room has expired meanwhile
