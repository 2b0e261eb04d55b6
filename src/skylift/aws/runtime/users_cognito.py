"""Users in a Cognito pool. Their user name there is our id, and the address is an alias: it counts
from when it is confirmed, so a known one can be registered as if it were not. What Cognito says of
who is there is said to nobody: all its refusals are the few of the port.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ...errors import Conflict, Invalid, NotFound, Unauthorized
from ...ports import Clock, Entropy
from ...resources.users import (
    GROUPS_MAX,
    GUEST,
    SIGN_IN,
    TOKEN_LENGTH_MAX,
    WRONG_CODE,
    WRONG_PASSWORD,
)
from ...token import Refused, caller_of
from ...user import Caller, Tokens, User
from .ask_cognito import ALIAS_TAKEN, UNKNOWN, Asking, Told
from .client import Client
from .failure import Failure
from .keys_cognito import Pool, PoolKeys, unverified

# A guest's, which no client may write: the user who holds his address until it is confirmed. By a
# name that could be guessed somebody else might sign up as him, for Cognito is open to all.
UPGRADE = "custom:upgrade"
CONFIRMED_ALREADY = frozenset(["NotAuthorizedException", "InvalidParameterException"])
REUSED = "RefreshTokenReuseException"
REFUSALS = (
    *("NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException"),
    *("PasswordResetRequiredException", "InvalidParameterException"),
)
WRONG: Told = dict.fromkeys(REFUSALS, (Unauthorized, WRONG_PASSWORD))
ENDED: Told = dict.fromkeys((*REFUSALS, REUSED), (Unauthorized, SIGN_IN))
WRONG_CODES: Told = dict.fromkeys(
    (
        *("CodeMismatchException", "ExpiredCodeException", "TooManyFailedAttemptsException"),
        *("LimitExceededException", *REFUSALS),
    ),
    (Invalid, WRONG_CODE),
)
CONFIRMED: Told = {**WRONG_CODES, ALIAS_TAKEN: (Conflict, "this address is another user's")}
# Who asks for a mail learns nothing of why none is sent.
NOT_MAILED: Told = dict.fromkeys((*REFUSALS, "LimitExceededException"))
NOT_THERE: Told = {UNKNOWN: None}
NOT_REVOKED: Told = dict.fromkeys((*REFUSALS, "UnauthorizedException"))
LETTERS = "aA1!"  # of each kind that a policy may ask for
RANDOM_BYTES = 48


class CognitoUsers:
    """The UsersPort of one pool."""

    def __init__(self, client: Client, pool: Pool, clock: Clock, entropy: Entropy) -> None:
        self._ask = Asking(client, pool, clock)
        self._keys = PoolKeys(client, pool, clock)
        self._clock, self._entropy = clock, entropy

    # -- how one becomes a user

    async def register(self, id: str, email: str, password: str) -> None:
        # The id is fresh: who has it already is what an answer that was lost has made.
        told: Told = {"UsernameExistsException": None}
        said = {"Username": id, "Password": password, "UserAttributes": attributes(email=email)}
        await self._ask.openly("SignUp", said, told, effect="repeatable")

    async def confirm(self, id: str, code: str) -> None:
        said = {"Username": id, "ConfirmationCode": code}
        try:
            await self._ask.openly("ConfirmSignUp", said, CONFIRMED, raw=CONFIRMED_ALREADY)
        except Failure as failure:
            waiting = await self._waiting(id)
            if not waiting:
                raise Invalid(WRONG_CODE) from failure
            await self._confirm_upgrade(id, waiting, code)

    async def resend(self, id: str) -> None:
        operation, said = "ResendConfirmationCode", {"Username": id}
        try:
            await self._ask.openly(operation, said, NOT_MAILED, raw=CONFIRMED_ALREADY)
        except Failure:
            waiting = await self._waiting(id)
            if waiting:
                await self._ask.openly(operation, {"Username": waiting}, NOT_MAILED)

    # -- how one is signed in

    async def login(self, email: str, password: str) -> Tokens:
        return await self._signed_in(email, password)

    async def refresh(self, refresh: str) -> Tokens:
        """A token of ours is Cognito's with the access token that came with it: Cognito's is
        sealed, and whose it was must be known when it is used again.
        """
        issued, own = parted(refresh)
        try:
            found = await self._ask.openly(
                "GetTokensFromRefreshToken", {"RefreshToken": own}, ENDED, raw=frozenset([REUSED])
            )
        except Failure as failure:
            await self._sign_out_whom(issued)
            raise Unauthorized(SIGN_IN) from failure
        return tokens(found, own)

    async def logout(self, refresh: str) -> None:
        try:
            own = parted(refresh)[1]
        except Unauthorized:
            return
        await self._ask.openly("RevokeToken", {"Token": own}, NOT_REVOKED, effect="repeatable")

    async def verify(self, token: str) -> Caller:
        try:
            return caller_of(await self._keys.claims(token, self._clock.time()))
        except Refused as refused:
            raise Unauthorized(str(refused)) from refused

    async def _signed_in(self, name: str, password: str) -> Tokens:
        said = {
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": password},
        }
        found = await self._ask.as_admin("AdminInitiateAuth", None, said, WRONG)
        if "AuthenticationResult" not in found:
            raise Unauthorized(WRONG_PASSWORD)  # Cognito wants something else of him first
        return tokens(found, "")

    async def _sign_out_whom(self, issued: str) -> None:
        """Whose token it was; nobody when it is none of the pool's."""
        try:
            id = caller_of(await self._keys.once_valid(issued)).id
        except Refused:
            return
        await self._sign_out(id)

    async def _sign_out(self, name: str) -> None:
        await self._ask.as_admin("AdminUserGlobalSignOut", name, told=NOT_THERE)

    # -- passwords

    async def forgot(self, email: str) -> None:
        await self._ask.openly("ForgotPassword", {"Username": email}, NOT_MAILED)

    async def reset(self, email: str, code: str, password: str) -> None:
        said = {"Username": email, "ConfirmationCode": code, "Password": password}
        await self._ask.openly("ConfirmForgotPassword", said, WRONG_CODES)
        await self._sign_out(email)

    async def change_password(self, id: str, old: str, new: str) -> None:
        if not is_id(id):
            raise Unauthorized(WRONG_PASSWORD)
        found = await self._signed_in(id, old)
        if GUEST in unverified(found.access).get("cognito:groups", ()):
            raise Unauthorized(WRONG_PASSWORD)
        await self._set_password(id, new)
        await self._sign_out(id)

    async def _set_password(self, id: str, password: str) -> None:
        said = {"Password": password, "Permanent": True}
        await self._ask.as_admin("AdminSetUserPassword", id, said)

    # -- what is known of users

    async def get(self, id: str) -> User | None:
        found = await self._found(id)
        if not found or found["UserStatus"] == "UNCONFIRMED":
            return None
        known = known_of(found)
        email = known.get("email") if known.get("email_verified") == "true" else None
        groups = await self._groups(id)
        if not email and GUEST not in groups:
            return None  # deleted
        created = datetime.fromtimestamp(found["UserCreateDate"], UTC)
        name = email or known.get("name", id)
        return User(id, name, email, tuple(groups), not found["Enabled"], created)

    async def _found(self, id: str) -> dict[str, Any]:
        if not is_id(id):
            return {}
        found = await self._ask.as_admin("AdminGetUser", id, told=NOT_THERE, effect="none")
        return found if found.get("Username") == id else {}

    async def _required(self, id: str) -> User:
        found = await self.get(id)
        if found is None:
            raise NotFound(f"there is no user {id!r}")
        return found

    async def disable(self, id: str) -> None:
        await self._required(id)
        await self._ask.as_admin("AdminDisableUser", id)
        await self._sign_out(id)

    async def delete(self, id: str) -> None:
        """Nothing is left but the id: Cognito lets anybody sign up under a name that is free, and
        who took this one would be him.
        """
        if not await self._found(id):
            return
        await self._ask.as_admin("AdminDisableUser", id)
        await self._sign_out(id)
        nothing = {"UserAttributes": attributes(email="", name="", **{UPGRADE: ""})}
        await self._ask.as_admin("AdminUpdateUserAttributes", id, nothing)
        for group in await self._groups(id):
            await self._leave(id, group)

    async def groups(self, id: str, add: Sequence[str], remove: Sequence[str]) -> list[str]:
        held = {*(await self._required(id)).groups}
        wanted = sorted((held | {*add}) - {*remove})
        if len(wanted) > GROUPS_MAX:
            raise Invalid(f"a user has at most {GROUPS_MAX} groups")
        for group in sorted({*add} - held):
            await self._join(id, group)
        for group in sorted({*remove} & held):
            await self._leave(id, group)
        return wanted

    async def _groups(self, id: str) -> list[str]:
        found = await self._ask.as_admin(
            "AdminListGroupsForUser", id, {"Limit": 60}, told=NOT_THERE, effect="none"
        )
        return sorted(one["GroupName"] for one in found.get("Groups", ()))

    async def _join(self, id: str, group: str) -> None:
        said = {"GroupName": group}
        absent = frozenset(["ResourceNotFoundException"])
        try:
            await self._ask.as_admin("AdminAddUserToGroup", id, said, raw=absent)
        except Failure:
            made: Told = {"GroupExistsException": None}
            await self._ask.as_admin("CreateGroup", None, said, made)
            await self._ask.as_admin("AdminAddUserToGroup", id, said)

    async def _leave(self, id: str, group: str) -> None:
        said = {"GroupName": group}
        await self._ask.as_admin("AdminRemoveUserFromGroup", id, said)

    # -- guests

    async def guest(self, id: str, name: str) -> Tokens:
        password = LETTERS + self._entropy.token_bytes(RANDOM_BYTES).hex()
        said = {"MessageAction": "SUPPRESS", "UserAttributes": attributes(name=name)}
        told: Told = {"UsernameExistsException": None}  # as for `register`
        await self._ask.as_admin("AdminCreateUser", id, said, told)
        await self._set_password(id, password)
        await self._ask.as_admin("AdminAddUserToGroup", id, {"GroupName": GUEST})
        return await self._signed_in(id, password)

    async def upgrade(self, id: str, email: str, password: str) -> None:
        """Another user holds the address until it is confirmed, for Cognito mails a code only to
        who signs up. The guest has the password at once: nobody signs in by an id.
        """
        if GUEST not in (await self._required(id)).groups:
            raise Conflict("he is no guest")
        waiting = self._entropy.token_bytes(RANDOM_BYTES).hex()
        await self._set_password(id, password)
        own = {"UserAttributes": attributes(**{UPGRADE: waiting})}
        await self._ask.as_admin("AdminUpdateUserAttributes", id, own)
        said = {
            "Username": waiting,
            "Password": password,
            "UserAttributes": attributes(email=email),
        }
        told: Told = {"UsernameExistsException": None}
        await self._ask.openly("SignUp", said, told, effect="repeatable")

    async def _waiting(self, id: str) -> str:
        """Who holds the address of a guest; "" for all others."""
        return known_of(await self._found(id)).get(UPGRADE, "")

    async def _confirm_upgrade(self, id: str, waiting: str, code: str) -> None:
        said = {"Username": waiting, "ConfirmationCode": code}
        await self._ask.openly("ConfirmSignUp", said, CONFIRMED)
        email = known_of(await self._found(waiting))["email"]
        # The alias is free for a moment. A crash here leaves a guest, who begins anew.
        await self._ask.as_admin("AdminDeleteUser", waiting, told=NOT_THERE)
        known = attributes(email=email, email_verified="true", **{UPGRADE: ""})
        await self._ask.as_admin(
            "AdminUpdateUserAttributes", id, {"UserAttributes": known}, CONFIRMED
        )
        await self._leave(id, GUEST)


def known_of(found: dict[str, Any]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in found.get("UserAttributes", ())}


def attributes(**known: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in known.items()]


def tokens(found: dict[str, Any], refresh: str) -> Tokens:
    """`refresh` is the one that was used, of a pool that gives no other."""
    said = found["AuthenticationResult"]
    access: str = said["AccessToken"]
    own: str = said.get("RefreshToken", refresh)
    # Who is in so many groups that both do not fit is refused when his is used again, no more.
    both = f"{access}:{own}" if len(access) + len(own) < TOKEN_LENGTH_MAX else f":{own}"
    return Tokens(access, both, said["ExpiresIn"], unverified(access)["username"])


def parted(refresh: str) -> tuple[str, str]:
    issued, colon, own = refresh.partition(":")
    if not colon or not own or not refresh.isascii():
        raise Unauthorized(SIGN_IN)
    return issued, own


def is_id(text: str) -> bool:
    """One of ours; Cognito would take an address, or its own id of a user, as well."""
    return text.isascii() and text.isalnum()
