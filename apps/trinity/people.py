"""Who people are: with an account, or as a guest who has a name and one room. What signs them in
is the platform's; here stands what the product knows of them, under the same id, so that a guest
who becomes a member keeps all that was his.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from skylift import Api, Invalid, Policy, Struct, Table, Tokens, Users, now

members = Users("members", password=Policy(8, lowercase=True, uppercase=True, digits=True))
api = Api("api", auth=members)

NAME_LENGTH_MAX = 40
GUEST_KEPT = timedelta(days=31)  # longer than his refresh token lasts, without which he is lost
Language = Literal["en", "es"]
Theme = Literal["system", "light", "dark"]


class Person(Struct, frozen=True, kw_only=True):
    """What is shown of somebody, and how he likes to be shown things."""

    id: str
    name: str
    is_guest: bool = False
    language: Language = "en"
    theme: Theme = "system"
    notify: bool = True  # of what happens in his rooms while he is elsewhere
    genres: list[str] = []
    expires_at: datetime | None = None  # of a guest, and of who has not confirmed


class Session(Struct, frozen=True, kw_only=True):
    """Who has signed in, and what he needs to go on."""

    access: str
    refresh: str
    expires_in: int
    id: str
    name: str
    is_guest: bool

    def __repr__(self) -> str:
        return f"<Session of {self.id}>"  # the rest has no place in a log


people = Table("people", Person, key="id", ttl="expires_at")


async def new_guest(name: str) -> Session:
    """Somebody without an account; Invalid NAME_WRONG when nothing can be read of the name."""
    name = shown(name)
    tokens = await members.guest(name)
    guest = Person(id=tokens.id, name=name, is_guest=True, expires_at=now() + GUEST_KEPT)
    await people.put(guest)
    return session_of(tokens, guest)


async def known(id: str) -> Person:
    """What is known of a user. A crash between the two stores may have left him without a row:
    then it is made of what signs him in.
    """
    person = await people.get(id)
    if person is not None:
        return person
    user = await members.get(id)
    if user is None:
        return Person(id=id, name="?", is_guest=True)
    return Person(id=id, name=name_of(user.username), is_guest=user.email is None)


def session_of(tokens: Tokens, person: Person) -> Session:
    return Session(
        access=tokens.access,
        refresh=tokens.refresh,
        expires_in=tokens.expires_in,
        id=tokens.id,
        name=person.name,
        is_guest=person.is_guest,
    )


def shown(name: str) -> str:
    """A name as it is shown: what cannot be seen is left out of it, and spaces stand alone."""
    visible = "".join(letter if letter.isprintable() else " " for letter in name)
    clean = " ".join(visible.split())
    if not 0 < len(clean) <= NAME_LENGTH_MAX:
        raise Invalid(f"a name has 1 to {NAME_LENGTH_MAX} letters", code="NAME_WRONG")
    return clean


def name_of(username: str) -> str:
    """Of an address what stands before the @."""
    return username.partition("@")[0][:NAME_LENGTH_MAX] or "?"
