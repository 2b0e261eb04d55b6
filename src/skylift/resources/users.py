"""Users: people who register, sign in and are known by their tokens. No verb tells, by its answer
or by its time, whether an address is known; what is secret goes out once and is stored as a hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from msgspec import Struct

from ..errors import Invalid
from ..invocation import fresh_id, reach
from ..user import Tokens, User
from .resource import Resource

if TYPE_CHECKING:
    from ..ports import UsersPort

ACCESS_S, REFRESH_DAYS = 900, 30
CODE_DIGITS, CODE_S, CODE_TRIES = 6, 600, 5
REPEAT_S = 30  # as long as a gateway waits: who waited for an answer to the end may ask again
EMAIL_LENGTH_MAX, LOCAL_LENGTH_MAX = 254, 64
NAME_LENGTH_MAX = 100
PASSWORD_LENGTH_MAX = 256
TOKEN_LENGTH_MAX = 8_192
GROUP_LENGTH_MAX, GROUPS_MAX = 128, 50
GUEST = "guest"  # the group of those without an address
WRONG_CODE = "the code is wrong or too old. hint: ask for another"
WRONG_PASSWORD = "the e-mail address or the password is wrong"
SIGN_IN = "sign in again"
LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
UPPER, DIGITS = frozenset(map(str.upper, LOWER)), frozenset("0123456789")
GROUP_LETTERS = LOWER | UPPER | DIGITS | frozenset("_.-")
SYMBOLS = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")


class Policy(Struct, frozen=True):
    """What a password must have at least. Long ones are better than colourful ones."""

    length_min: int = 8
    lowercase: bool = False
    uppercase: bool = False
    digits: bool = False
    symbols: bool = False

    def wrong(self, password: str) -> str | None:
        """What it lacks, in words."""
        if not self.length_min <= len(password) <= PASSWORD_LENGTH_MAX:
            return f"a password has {self.length_min} to {PASSWORD_LENGTH_MAX} letters"
        if password != password.strip():
            return "a password neither begins nor ends with a space"
        for is_needed, what, letters in (
            (self.lowercase, "a small letter", LOWER),
            (self.uppercase, "a capital letter", UPPER),
            (self.digits, "a digit", DIGITS),
            (self.symbols, "a sign such as !", SYMBOLS),
        ):
            if is_needed and letters.isdisjoint(password):
                return f"a password has {what}"
        return None


class Demand(Struct, frozen=True):
    """What a route asks of who calls: a token of these users. An optional one may be missing, and
    is looked at by the function itself.
    """

    users: Users
    is_optional: bool = False

    @property
    def demand(self) -> Demand:
        """It is one; Users have theirs."""
        return self


class Users(Resource):
    """`Users("members")`: an e-mail address, a password and groups; `Api("api", auth=members)` asks
    for their tokens. An access token lives for `access_s` and stays valid until then, whatever
    becomes of its user; who signed in `refresh_days` ago signs in again.
    """

    kind = "users"
    verbs = frozenset(
        [
            *("register", "confirm", "resend", "login", "refresh", "logout", "forgot", "reset"),
            *("change_password", "get", "disable", "delete", "groups", "guest", "upgrade"),
        ]
    )

    def __init__(
        self,
        name: str,
        *,
        password: Policy = Policy(),
        access_s: int = ACCESS_S,
        refresh_days: int = REFRESH_DAYS,
    ) -> None:
        self._declare(name)
        self.password, self.access_s, self.refresh_days = password, access_s, refresh_days

    @property
    def demand(self) -> Demand:
        """For `auth=`: who brings no token is not let in."""
        return Demand(self)

    @property
    def optional(self) -> Demand:
        """For `auth=`: who brings no token may come too, and the handler takes `Caller | None`."""
        return Demand(self, True)

    # -- how one becomes a user

    async def register(self, email: str, password: str) -> str:
        """The id of a new user, who exists once `confirm` has the code that is mailed to the
        address. To an address that is known goes a note instead, and the answer is the same. A
        repeat makes another id; of those not confirmed nothing is left after some time.

        Invalid for what is no address, or a password against the policy; TooManyRequests after
        several mails to one address within an hour.
        """
        port = self._port("register")
        email = self._address(email)
        self._check_password(password)
        id = self._new_id()
        await port.register(id, email, password)
        return id

    async def confirm(self, id: str, code: str) -> None:
        """The user exists from now on and can sign in; after `upgrade`, the guest has the address.
        Invalid for a wrong code, one that is older than 10 minutes or was tried five times, and
        for a repeat; Conflict when another has confirmed the address in the meantime.
        """
        await self._port("confirm").confirm(self._id(id), self._code(code))

    async def resend(self, id: str) -> None:
        """Another code for who has registered, or upgraded; the one before it ends. Nothing happens
        for an id that waits for none. TooManyRequests after several mails within an hour.
        """
        await self._port("resend").resend(self._id(id))

    # -- how one is signed in

    async def login(self, email: str, password: str) -> Tokens:
        """The tokens of a new session. Unauthorized when the address is not known or not confirmed,
        the password is wrong, or the user is disabled: it cannot be told which. TooManyRequests
        after five failures in a row, for a time that doubles with each, up to a quarter of an hour;
        until then the right password is refused too. Busy when too many sign in at once.
        """
        port = self._port("login")
        return await port.login(self._address(email), self._secret(password))

    async def refresh(self, refresh: str) -> Tokens:
        """The next tokens of a session: who he is, with the groups he has now. The refresh token is
        used up. A repeat within 30 seconds, as after an answer that was lost, gives tokens again,
        and either answer is good, as long as neither was used. Unauthorized for one that has
        expired, was signed out, or whose user is disabled or gone; for one that was used before
        too, and that signs its user out everywhere: somebody else has it.
        """
        return await self._port("refresh").refresh(self._token(refresh))

    async def logout(self, refresh: str) -> None:
        """End the session of a refresh token; nothing happens when it has ended. Its access token
        stays valid until it expires.
        """
        await self._port("logout").logout(self._token(refresh))

    # -- passwords

    async def forgot(self, email: str) -> None:
        """Mail a code for `reset`, when somebody has this address; the answer is the same when
        nobody has. TooManyRequests after several mails to one address within an hour.
        """
        port = self._port("forgot")
        await port.forgot(self._address(email))

    async def reset(self, email: str, code: str, password: str) -> None:
        """Set another password with a code of `forgot`, and sign the user out everywhere. Invalid
        for a wrong code, one that is older than 10 minutes, was tried five times or used, and for
        a password against the policy.
        """
        port = self._port("reset")
        email, code = self._address(email), self._code(code)
        self._check_password(password)
        await port.reset(email, code, password)

    async def change_password(self, id: str, old: str, new: str) -> None:
        """Set another password, and sign the user out everywhere. Unauthorized when the old one is
        wrong, for a guest and for who does not exist; TooManyRequests as for `login`.
        """
        port = self._port("change_password")
        self._check_password(new)
        await port.change_password(self._id(id), self._secret(old), new)

    # -- what is known of users

    async def get(self, id: str) -> User | None:
        """The user, or None; who has registered and not confirmed is none yet."""
        return await self._port("get").get(self._id(id))

    async def disable(self, id: str) -> None:
        """Sign the user out everywhere and let him sign in no more; a repeat changes nothing.
        NotFound when there is none.
        """
        await self._port("disable").disable(self._id(id))

    async def delete(self, id: str) -> None:
        """Forget the user and sign him out everywhere; nothing happens when there is none. The
        address is free again, the id is never given to another.
        """
        await self._port("delete").delete(self._id(id))

    async def groups(
        self, id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> list[str]:
        """The groups of a user, sorted, after some were added and removed; his tokens say them from
        his next sign-in or refresh on. At most 50. NotFound when there is none; Invalid for what is
        no group name, and for `guest`, which says that somebody has no address.
        """
        port = self._port("groups")
        for group in (*add, *remove):
            self._check_group(group)
        if both := {*add} & {*remove}:
            self._refuse(f"group {min(both)!r} is to be added and removed")
        return await port.groups(self._id(id), [*dict.fromkeys(add)], [*dict.fromkeys(remove)])

    # -- guests

    async def guest(self, name: str) -> Tokens:
        """The tokens of a new user without an address, in the group `guest`, whose `username` is
        this name; his id is in them. Names need not differ. Who loses the refresh token loses him.
        """
        port = self._port("guest")
        if not 0 < len(name.strip()) <= NAME_LENGTH_MAX or not name.isprintable():
            self._refuse(f"a guest's name has 1 to {NAME_LENGTH_MAX} printable letters")
        return await port.guest(self._new_id(), name.strip())

    async def upgrade(self, id: str, email: str, password: str) -> None:
        """Have a guest become a user with an address, under the same id, once `confirm` has the
        code that is mailed there; to an address that is known goes a note instead. A repeat begins
        anew. NotFound when there is none, Conflict when he is no guest (any more); otherwise as for
        `register`.
        """
        port = self._port("upgrade")
        email = self._address(email)
        self._check_password(password)
        await port.upgrade(self._id(id), email, password)

    # -- what is held against the rules before anybody is asked

    def _port(self, verb: str) -> UsersPort:
        return reach(self.name, verb)

    def _new_id(self) -> str:
        from ..invocation import invocation

        return fresh_id(invocation().ports)

    def _address(self, email: str) -> str:
        if not is_email(email):
            self._refuse("this is no e-mail address")
        return email.lower()

    def _check_password(self, password: str) -> None:
        reason = self.password.wrong(password)
        if reason is not None:
            self._refuse(reason)

    def _secret(self, password: str) -> str:
        if len(password) > PASSWORD_LENGTH_MAX:
            self._refuse(f"a password has at most {PASSWORD_LENGTH_MAX} letters")
        return password

    def _id(self, id: str) -> str:
        if not 0 < len(id) <= NAME_LENGTH_MAX or not (id.isascii() and id.isprintable()):
            self._refuse("this is no id of a user")
        return id

    def _token(self, token: str) -> str:
        if len(token) > TOKEN_LENGTH_MAX:
            self._refuse("this is no token")
        return token

    def _code(self, code: str) -> str:
        if len(code) != CODE_DIGITS or not (code.isascii() and code.isdigit()):
            raise Invalid(WRONG_CODE)
        return code

    def _check_group(self, group: str) -> None:
        if group == GUEST:
            self._refuse("the group 'guest' says that somebody has no address: see upgrade()")
        if not 0 < len(group) <= GROUP_LENGTH_MAX or not GROUP_LETTERS.issuperset(group):
            letters = "letters, digits and - _ ."
            self._refuse(f"{group!r} is no group: 1 to {GROUP_LENGTH_MAX} {letters}")

    def _refuse(self, reason: str) -> NoReturn:
        raise Invalid(f"users {self.name!r}: {reason}")


def is_email(text: Any) -> bool:
    """What may be an address: whether it is one, the mail tells."""
    if not isinstance(text, str) or not 3 <= len(text) <= EMAIL_LENGTH_MAX:
        return False
    if (
        not text.isascii()
        or not text.isprintable()
        or not frozenset(' "(),:;<>[\\]').isdisjoint(text)
    ):
        return False
    local, at, domain = text.partition("@")
    labels = domain.split(".")
    is_local = 0 < len(local) <= LOCAL_LENGTH_MAX and all(local.split("."))
    return bool(at) and is_local and len(labels) > 1 and all(map(_is_label, labels))


def _is_label(text: str) -> bool:
    """A part of a domain's name."""
    plain = text.replace("-", "")
    return 0 < len(text) <= 63 and plain.isalnum() and text[0] != "-" and text[-1] != "-"
