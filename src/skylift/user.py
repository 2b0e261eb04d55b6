"""People as every layer knows them. A function that asks for no caller does not load this."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Caller(Struct, frozen=True):
    """Who calls: a user, as the token says it. `id` never changes; `username` is the e-mail
    address, or of a guest the name that is shown.
    """

    id: str
    username: str
    groups: tuple[str, ...] = ()


class User(Struct, frozen=True):
    """A user as he is known now; a guest has no `email`."""

    id: str
    username: str
    email: str | None
    groups: tuple[str, ...]  # sorted
    is_disabled: bool
    created_at: datetime


class Tokens(Struct, frozen=True):
    """What who has signed in is given: `access` goes with each request for `expires_in` seconds,
    `refresh` gets the next ones, once. `id` is the user's.
    """

    access: str
    refresh: str
    expires_in: int
    id: str

    def __repr__(self) -> str:
        return f"<Tokens of {self.id}>"  # the rest has no place in a log
