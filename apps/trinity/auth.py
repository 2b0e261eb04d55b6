"""Signing in. The rules (codes, waits, tokens that are good once) are the platform's; here each
refusal gets a word for programs. No answer tells whether an address is known.

Limits are by address of the network, and wider than one person needs: a household and a café come
from one. What protects a single account is the platform's wait after five wrong passwords.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

from skylift import (
    Caller,
    Conflict,
    Invalid,
    Limit,
    Meta,
    NotFound,
    Response,
    SkyliftError,
    Struct,
    Tokens,
    TooManyRequests,
    Unauthorized,
    now,
)

from .people import Person, Session, api, known, members, people, session_of, shown

UNCONFIRMED_KEPT = timedelta(days=2)  # longer than any code is good
SIGNING_IN = Limit(20, per_s=60, by="ip")  # ten who sit down together, each with a slip
MAILING = Limit(20, per_s=600, by="ip")  # the same, and nobody's letterbox is filled from here
GOING_ON = Limit(120, per_s=60, by="ip")  # tokens are not guessed; phones of an office wake at once


class Refusal(Struct, frozen=True):
    """Of the platform, its word for programs and a text for people."""

    kind: type[SkyliftError]
    code: str
    text: str
    told_as: type[SkyliftError] | None = None  # where another status says better what to do


NO_ADDRESS = Refusal(Invalid, "EMAIL_WRONG", "this is no e-mail address")
MAILED = Refusal(TooManyRequests, "TOO_MANY_MAILS", "wait before you ask for another mail")
WRONG_CODE = Refusal(Invalid, "CODE_WRONG", "the code is wrong or too old: ask for another")
TAKEN = Refusal(Conflict, "EMAIL_TAKEN", "this address is another user's")
WRONG_ID = Refusal(Invalid, "ID_WRONG", "this is no id")
WRONG = Refusal(Unauthorized, "AUTH_INVALID_CREDENTIALS", "the address or the password is wrong")
LOCKED = Refusal(TooManyRequests, "ACCOUNT_LOCKED", "too many tries: wait")
OVER = Refusal(Unauthorized, "SESSION_EXPIRED", "sign in again")
NO_TOKEN = Refusal(Invalid, "TOKEN_INVALID", "this is no token", Unauthorized)
NO_GUEST = Refusal(Conflict, "NOT_A_GUEST", "only a guest becomes a member")
NOBODY = Refusal(NotFound, "NOT_A_GUEST", "only a guest becomes a member")


class Account(Struct, frozen=True):
    email: str
    password: Annotated[str, Meta(max_length=256)]  # nobody has a longer one


class Registration(Struct, frozen=True):
    email: str
    password: str
    name: str


class Upgrade(Struct, frozen=True):
    email: str
    password: str
    name: str | None = None  # if he wants another one with it


class Confirmation(Struct, frozen=True):
    id: str
    code: str


class Waiting(Struct, frozen=True):
    id: str  # with which the code is confirmed


class Refresh(Struct, frozen=True):
    refresh: str


class Address(Struct, frozen=True):
    email: str


class Reset(Struct, frozen=True):
    email: str
    code: str
    password: str


@api.post("/auth/register", auth=None, status=202, once=True, limit=MAILING)
async def register(new: Registration) -> Waiting:
    name, password = shown(new.name), _good(new.password)
    with said(NO_ADDRESS, MAILED):
        id = await members.register(new.email, password)
    await people.put(Person(id=id, name=name, expires_at=now() + UNCONFIRMED_KEPT))
    return Waiting(id)


@api.post("/auth/confirm", auth=None, limit=SIGNING_IN)
async def confirm(given: Confirmation) -> None:
    """Of who registers, and of a guest who becomes a member."""
    with said(WRONG_CODE, TAKEN):
        await members.confirm(given.id, given.code)
    await _confirmed(await known(given.id))


@api.post("/auth/resend", auth=None, limit=MAILING)
async def resend(to: Waiting) -> None:
    with said(WRONG_ID, MAILED):
        await members.resend(to.id)


@api.post("/auth/login", auth=None, limit=SIGNING_IN)
async def login(who: Account) -> Session:
    with said(NO_ADDRESS, WRONG, LOCKED):
        tokens = await members.login(who.email, who.password)
    return await _signed_in(tokens)


@api.post("/auth/refresh", auth=None, limit=GOING_ON)
async def refresh(given: Refresh) -> Session:
    """A token that comes a second time is in two hands: it signs its user out everywhere."""
    with said(NO_TOKEN, OVER):
        tokens = await members.refresh(given.refresh)
    return await _signed_in(tokens)


@api.post("/auth/logout", auth=None, limit=GOING_ON)
async def logout(given: Refresh) -> None:
    with said(NO_TOKEN):
        await members.logout(given.refresh)


@api.post("/auth/forgot", auth=None, limit=MAILING)
async def forgot(who: Address) -> Response:
    with said(NO_ADDRESS, MAILED):
        await members.forgot(who.email)
    return Response(status=202)


@api.post("/auth/reset", auth=None, limit=SIGNING_IN)
async def reset(given: Reset) -> None:
    """He is signed out everywhere."""
    password = _good(given.password)
    with said(WRONG_CODE):
        await members.reset(given.email, given.code, password)


@api.post("/auth/upgrade", status=202, once=True, limit=Limit(5, per_s=60))
async def upgrade(wanted: Upgrade, caller: Caller) -> Waiting:
    """The guest confirms, and has an account under the id under which he has voted."""
    password = _good(wanted.password)
    name = shown(wanted.name) if wanted.name is not None else None
    with said(NO_ADDRESS, MAILED, NO_GUEST, NOBODY):
        await members.upgrade(caller.id, wanted.email, password)
    if name is not None:
        await people.update(caller.id, set={"name": name})
    return Waiting(caller.id)


@contextmanager
def said(*refusals: Refusal) -> Generator[None]:
    """What the platform refuses, with a word for programs."""
    try:
        yield
    except SkyliftError as no:
        for one in refusals:
            if isinstance(no, one.kind):
                told_as = one.told_as or one.kind
                raise told_as(one.text, **no.more, code=one.code) from no
        raise


def _good(password: str) -> str:
    lacks = members.password.wrong(password)
    if lacks is not None:
        raise Invalid(lacks, code="PASSWORD_WEAK")
    return password


async def _signed_in(tokens: Tokens) -> Session:
    person = await known(tokens.id)
    if person.expires_at is not None:
        # A crash after the confirmation left the row as it was before.
        user = await members.get(tokens.id)
        if user is not None and user.email is not None:
            person = await _confirmed(person)
    return session_of(tokens, person)


async def _confirmed(person: Person) -> Person:
    try:
        return await people.update(person.id, set={"is_guest": False}, remove=["expires_at"])
    except NotFound:
        await people.put(person)
        return person
