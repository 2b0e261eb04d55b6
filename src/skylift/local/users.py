"""Users in SQLite. What is asked about an address does the same work whether it is known or not: a
password is looked at, a code is made and a mail is written, even where nobody is to get it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import apsw

from ..engine.auth import Issued
from ..errors import Conflict, Invalid, NotFound, Unauthorized
from ..invocation import invocation
from ..ports import Clock
from ..resources.users import (
    CODE_DIGITS,
    GROUPS_MAX,
    GUEST,
    SIGN_IN,
    WRONG_CODE,
    WRONG_PASSWORD,
    Users,
)
from ..token import Claims, Refused, caller_of, decoded, encoded, stated
from ..user import Caller, Tokens, User
from .account import Accounts
from .database import Database
from .failure import translated
from .mail import MailStore
from .password import CHEAP, SALT_BYTES, Cost, Passwords
from .person import Person, Session, Tried, Turn, Wanted, hashed
from .signing import Issuing

R = TypeVar("R")

SESSION_BYTES, SECRET_BYTES = 16, 32  # of a refresh token


class SqliteUsers:
    """The UsersPort of one declaration."""

    def __init__(self, database: Database, users: Users, clock: Clock) -> None:
        self._declared, self._database, self._clock = users, database, clock
        self._accounts = Accounts(database, users.name, MailStore(database, clock))
        path = database.path
        self.issuing = Issuing(users.name, path.parent if path is not None else None)
        self._passwords = Passwords(Cost() if path is not None else CHEAP)

    # -- how one becomes a user

    async def register(self, id: str, email: str, password: str) -> None:
        await self._invited(id, email, password)

    async def _invited(self, id: str, email: str, password: str, *, is_guest: bool = False) -> None:
        stored = await self._passwords.hashed(password, _drawn(SALT_BYTES))
        code = _code()
        await self._write(self._accounts.invite, Wanted(id, email, stored, is_guest), code)

    async def confirm(self, id: str, code: str) -> None:
        outcome = await self._write(self._accounts.confirm, id, code)
        if outcome is Tried.TAKEN:
            raise Conflict("this address is another user's")
        if outcome is Tried.WRONG:
            raise Invalid(WRONG_CODE)

    async def resend(self, id: str) -> None:
        await self._write(self._accounts.resend, id, _code())

    # -- how one is signed in

    async def login(self, email: str, password: str) -> Tokens:
        person = await self._write(self._accounts.try_password, email)
        if not await self._passwords.is_right(password, person and person.password):
            raise Unauthorized(WRONG_PASSWORD)
        assert person is not None
        session, secret = _drawn(SESSION_BYTES), _drawn(SECRET_BYTES)
        if not await self._write(self._accounts.sign_in, person, self._begun(session, secret)):
            raise Unauthorized(WRONG_PASSWORD)  # it was changed, or he was disabled, in between
        return await self._tokens(person, session, secret)

    async def refresh(self, refresh: str) -> Tokens:
        session, secret = _parsed(refresh)
        turn = Turn(session.hex(), secret, _drawn(SECRET_BYTES))
        found = await self._write(self._accounts.rotate, turn)
        if found is None:
            raise Unauthorized(SIGN_IN)
        person, fresh = found
        return await self._tokens(person, session, fresh)

    async def logout(self, refresh: str) -> None:
        try:
            session, _ = _parsed(refresh)
        except Unauthorized:
            return
        await self._write(self._accounts.sign_out, session.hex())

    def _begun(self, session: bytes, secret: bytes) -> Session:
        return Session(session.hex(), hashed(secret), self._declared.refresh_days * 86_400)

    async def _tokens(self, person: Person, session: bytes, secret: bytes) -> Tokens:
        caller = Caller(person.id, person.name, tuple(person.groups))
        access = await self.access_token(caller, session=session.hex())
        refresh = encoded(session + secret).decode()
        return Tokens(access, refresh, self._declared.access_s, person.id)

    async def access_token(self, caller: Caller, *, session: str = "") -> str:
        """A token for a user, whether or not he is known here: a test calls as anybody."""
        issuer = await self.issuing.issuer()
        now = int(self._clock.time())
        claims: Claims = {
            "sub": caller.id,
            "iss": issuer.expected.issuer,
            "client_id": issuer.expected.audience,
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "username": caller.id,
            "name": caller.username,
            "auth_time": now,
            "iat": now,
            "exp": now + self._declared.access_s,
            "jti": _drawn(16).hex(),
        }
        if caller.groups:
            claims["cognito:groups"] = list(caller.groups)
        if session:
            claims["origin_jti"] = session
        return await self.issuing.signed(claims)

    async def verify(self, token: str) -> Caller:
        issuer = await self.issuing.issuer()
        try:
            return caller_of(issuer.verifier.claims(token, self._clock.time()))
        except Refused as refused:
            raise Unauthorized(str(refused)) from refused

    async def issued(self) -> Issued:
        issuer = await self.issuing.issuer()
        return Issued(issuer.expected.issuer, stated(issuer.keys))

    # -- passwords

    async def forgot(self, email: str) -> None:
        await self._write(self._accounts.forgot, email, _code())

    async def reset(self, email: str, code: str, password: str) -> None:
        id = await self._write(self._accounts.try_reset, email, code)
        if id is None:
            raise Invalid(WRONG_CODE)
        stored = await self._passwords.hashed(password, _drawn(SALT_BYTES))
        if not await self._write(self._accounts.set_password, id, stored, None):
            raise Invalid(WRONG_CODE)  # the user is gone

    async def change_password(self, id: str, old: str, new: str) -> None:
        person = await self._write(self._accounts.try_password_of, id)
        if not await self._passwords.is_right(old, person and person.password):
            raise Unauthorized(WRONG_PASSWORD)
        stored = await self._passwords.hashed(new, _drawn(SALT_BYTES))
        assert person is not None
        if not await self._write(self._accounts.set_password, id, stored, person.password):
            raise Unauthorized(WRONG_PASSWORD)  # changed in between

    # -- what is known of users

    async def get(self, id: str) -> User | None:
        try:
            person = self._accounts.person(id)
        except apsw.Error as error:
            raise translated(error) from error
        if person is None:
            return None
        created = datetime.fromtimestamp(person.created / 1e6, UTC)
        known = (person.id, person.name, person.email, tuple(person.groups))
        return User(*known, person.is_disabled, created)

    async def disable(self, id: str) -> None:
        if not await self._write(self._accounts.disable, id):
            raise _absent(id)

    async def delete(self, id: str) -> None:
        await self._write(self._accounts.delete, id)

    async def groups(self, id: str, add: Sequence[str], remove: Sequence[str]) -> list[str]:
        def regroup(now: int) -> list[str]:
            person = self._accounts.person(id)
            if person is None:
                raise _absent(id)
            groups = sorted(({*person.groups} | {*add}) - {*remove})
            if len(groups) > GROUPS_MAX:
                raise Invalid(f"a user has at most {GROUPS_MAX} groups")
            self._accounts.set_groups(id, groups)
            return groups

        return await self._write(regroup)

    # -- guests

    async def guest(self, id: str, name: str) -> Tokens:
        session, secret = _drawn(SESSION_BYTES), _drawn(SECRET_BYTES)
        begun = self._begun(session, secret)
        person = await self._write(self._accounts.add_guest, id, name, begun)
        return await self._tokens(person, session, secret)

    async def upgrade(self, id: str, email: str, password: str) -> None:
        person = self._accounts.person(id)
        if person is None:
            raise _absent(id)
        if GUEST not in person.groups:
            raise Conflict("he is no guest")
        await self._invited(id, email, password, is_guest=True)

    # -- the clock and the disk

    async def sweep(self, now_s: float, limit: int = 500) -> int:
        """Remove at most `limit` rows of what has expired; how many there were."""
        return await self._database.write(self._accounts.sweep, int(now_s * 1e6), limit)

    async def _write(self, work: Callable[..., R], *given: Any) -> R:
        """In one transaction, with the time in microseconds behind what is given."""
        return await self._database.write(work, *given, int(self._clock.time() * 1e6))


def _absent(id: str) -> NotFound:
    return NotFound(f"there is no user {id!r}")


def _drawn(count: int) -> bytes:
    return invocation().ports.entropy.token_bytes(count)


def _code() -> str:
    number = int.from_bytes(_drawn(16), "big") % 10**CODE_DIGITS
    return f"{number:0{CODE_DIGITS}}"


def _parsed(refresh: str) -> tuple[bytes, bytes]:
    """The session and the secret of a refresh token; Unauthorized when it is none."""
    try:
        raw = decoded(refresh.encode())
    except (Refused, UnicodeEncodeError):
        raw = b""
    if len(raw) != SESSION_BYTES + SECRET_BYTES:
        raise Unauthorized(SIGN_IN)
    return raw[:SESSION_BYTES], raw[SESSION_BYTES:]
