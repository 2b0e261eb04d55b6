"""What Cognito refuses, as an app is told of it: the emulator knows few of its refusals. At the
edge stands a client that answers as Cognito does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from skylift.aws.runtime.answer import Answer
from skylift.aws.runtime.failure import Failure
from skylift.aws.runtime.keys_cognito import AGAIN_S, Pool
from skylift.aws.runtime.lambda_caller import caller_of
from skylift.aws.runtime.users_cognito import CognitoUsers
from skylift.errors import (
    Conflict,
    Invalid,
    SkyliftError,
    Unauthorized,
    Unavailable,
)
from skylift.local.signing import EXPONENT, KEY_BITS, Issuer
from skylift.token import stated
from skylift.user import Caller

NOW = 2_000_000_000
POOL = Pool("eu-west-1_Ab1Cd2Ef3", "1h57kf5cpq17m0eml12EXAMPLE")
ID = "01a22aa29cd66cd33979fd3e6efc9a42"
ANN = "ann@example.com"


def own_issuer() -> Issuer:
    return Issuer("members", rsa.generate_private_key(EXPONENT, KEY_BITS))


class StoppedClock:
    def __init__(self) -> None:
        self.at = float(NOW)

    def now(self) -> Any:
        raise NotImplementedError

    def time(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


class Cognito:
    """Refuses each operation that it is told to, and keeps what it was asked."""

    path = "/"

    def __init__(self, signing: Issuer) -> None:
        self.headers = {"host": "cognito-idp.eu-west-1.amazonaws.com"}
        self.refusals: dict[str, tuple[str, str]] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, Any, bool]] = []
        self.fetched = 0
        self.signing = signing

    async def call(self, operation: str, asked: Any, _: Any, **how: Any) -> Any:
        self.asked.append((operation, asked, how.get("is_signed", True)))
        if operation in self.refusals:
            code, message = self.refusals[operation]
            raise Failure(code, message, status=400)
        return self.answers.get(operation, {})

    async def ask(self, _: str, call: Any, read: Callable[[Answer], Any], **how: Any) -> Any:
        assert call.path == f"/{POOL.id}/.well-known/jwks.json"
        assert not how["is_signed"]
        self.fetched += 1
        return read(Answer(200, {}, stated(self.signing.keys), False))

    @property
    def operations(self) -> list[str]:
        return [one for one, _, _ in self.asked]


class Counting:
    def token_bytes(self, count: int) -> bytes:
        return bytes(count)


@pytest.fixture
def signing() -> Issuer:
    return own_issuer()


@pytest.fixture
def cognito(signing: Issuer) -> Cognito:
    return Cognito(signing)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def users(cognito: Cognito, clock: StoppedClock) -> CognitoUsers:
    client: Any = cognito
    return CognitoUsers(client, POOL, clock, Counting())


def run(asking: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asking)


def access(signing: Issuer, **more: Any) -> str:
    said = {
        "iss": POOL.expected.issuer,
        "client_id": POOL.client,
        "token_use": "access",
        "sub": "6f1c5e9c-0000-4000-8000-1234567890ab",
        "username": ID,
        "iat": NOW,
        "exp": NOW + 900,
    }
    return signing.signed(said | more)


def issued(signing: Issuer, refresh: str, **more: Any) -> dict[str, Any]:
    said = {"AccessToken": access(signing, **more), "ExpiresIn": 900}
    return {"AuthenticationResult": said | {"RefreshToken": refresh}}


def test_a_refresh_token_that_comes_again_signs_its_user_out(
    cognito: Cognito, users: CognitoUsers, signing: Issuer, clock: StoppedClock
) -> None:
    cognito.answers["AdminInitiateAuth"] = issued(signing, "first")
    tokens = run(users.login(ANN, "correct horse"))
    cognito.answers["GetTokensFromRefreshToken"] = issued(signing, "second")
    assert run(users.refresh(tokens.refresh)).id == ID
    name, asked, is_signed = cognito.asked[-1]
    assert (name, asked["RefreshToken"], is_signed) == ("GetTokensFromRefreshToken", "first", False)
    cognito.refusals["GetTokensFromRefreshToken"] = ("RefreshTokenReuseException", "reused")
    clock.at += 20 * 86_400  # the access token beside it has long ended
    with pytest.raises(Unauthorized):
        run(users.refresh(tokens.refresh))
    name, asked, is_signed = cognito.asked[-1]
    assert (name, asked["Username"], is_signed) == ("AdminUserGlobalSignOut", ID, True)


def test_nobody_signs_another_out_with_a_token_that_the_pool_has_not_signed(
    cognito: Cognito, users: CognitoUsers
) -> None:
    cognito.refusals["GetTokensFromRefreshToken"] = ("RefreshTokenReuseException", "reused")
    for forged in (access(own_issuer()), "", "x.y.z", "nonsense"):
        with pytest.raises(Unauthorized):
            run(users.refresh(f"{forged}:own"))
    assert "AdminUserGlobalSignOut" not in cognito.operations


REFUSED: list[tuple[str, str, type[SkyliftError] | None]] = [
    ("AdminInitiateAuth", "NotAuthorizedException", Unauthorized),
    ("AdminInitiateAuth", "UserNotFoundException", Unauthorized),
    ("AdminInitiateAuth", "UserNotConfirmedException", Unauthorized),
    ("AdminInitiateAuth", "PasswordResetRequiredException", Unauthorized),
    ("AdminInitiateAuth", "InvalidParameterException", Unauthorized),
    ("AdminInitiateAuth", "InternalErrorException", Unavailable),
    ("ForgotPassword", "UserNotFoundException", None),
    ("ForgotPassword", "LimitExceededException", None),
    ("ForgotPassword", "InvalidParameterException", None),
    ("ForgotPassword", "NotAuthorizedException", None),
    ("ConfirmForgotPassword", "CodeMismatchException", Invalid),
    ("ConfirmForgotPassword", "ExpiredCodeException", Invalid),
    ("ConfirmForgotPassword", "UserNotFoundException", Invalid),
    ("ConfirmForgotPassword", "LimitExceededException", Invalid),
    ("ConfirmForgotPassword", "TooManyFailedAttemptsException", Invalid),
    ("ConfirmSignUp", "AliasExistsException", Conflict),
    ("ConfirmSignUp", "CodeMismatchException", Invalid),
    ("ConfirmSignUp", "UserNotFoundException", Invalid),
    ("SignUp", "UsernameExistsException", None),
]


@pytest.mark.parametrize(("operation", "code", "error"), REFUSED)
def test_what_cognito_says_of_somebody_is_told_to_nobody(
    cognito: Cognito,
    users: CognitoUsers,
    operation: str,
    code: str,
    error: type[SkyliftError] | None,
) -> None:
    verbs: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
        "AdminInitiateAuth": lambda: users.login(ANN, "correct horse"),
        "ForgotPassword": lambda: users.forgot(ANN),
        "ConfirmForgotPassword": lambda: users.reset(ANN, "123456", "correct horse"),
        "ConfirmSignUp": lambda: users.confirm(ID, "123456"),
        "SignUp": lambda: users.register(ID, ANN, "correct horse"),
    }
    cognito.refusals[operation] = (code, "Ann is known here")
    if error is None:
        assert run(verbs[operation]()) is None
        return
    with pytest.raises(error) as told:
        run(verbs[operation]())
    assert "Ann" not in str(told.value)


def test_all_refusals_of_a_sign_in_are_one(cognito: Cognito, users: CognitoUsers) -> None:
    told = set[str]()
    for code in ("NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException"):
        for words in ("Incorrect username or password.", "Password attempts exceeded", "disabled"):
            cognito.refusals["AdminInitiateAuth"] = (code, words)
            with pytest.raises(Unauthorized) as error:
                run(users.login(ANN, "correct horse"))
            told.add(str(error.value))
    assert len(told) == 1


@pytest.mark.parametrize("id", [ANN, "6f1c5e9c-0000-4000-8000-1234567890ab", "", "../x"])
def test_what_is_no_id_of_ours_is_nobody_though_cognito_would_take_it(
    cognito: Cognito, users: CognitoUsers, id: str
) -> None:
    assert run(users.get(id)) is None
    run(users.delete(id))
    with pytest.raises(Unauthorized):
        run(users.change_password(id, "correct horse", "another horse"))
    assert cognito.asked == []


def test_who_is_deleted_leaves_an_id_that_nobody_can_take(
    cognito: Cognito, users: CognitoUsers
) -> None:
    cognito.answers["AdminGetUser"] = {"Username": ID, "UserStatus": "CONFIRMED"}
    run(users.delete(ID))
    assert "AdminDeleteUser" not in cognito.operations
    assert "AdminDisableUser" in cognito.operations
    asked = next(said for one, said, _ in cognito.asked if one == "AdminUpdateUserAttributes")
    assert {"Name": "email", "Value": ""} in asked["UserAttributes"]


def test_keys_are_fetched_once_and_again_for_a_new_one_but_not_all_the_time(
    cognito: Cognito, users: CognitoUsers, signing: Issuer, clock: StoppedClock
) -> None:
    token = access(signing, name=ANN)
    for _ in range(3):
        assert run(users.verify(token)) == Caller(ID, ANN)
    assert cognito.fetched == 1
    cognito.signing = own_issuer()
    fresh = access(cognito.signing, iat=NOW + 1)
    for _ in range(3):
        with pytest.raises(Unauthorized):
            run(users.verify(fresh))
    assert cognito.fetched == 1
    clock.at += AGAIN_S
    assert run(users.verify(fresh)).id == ID
    assert cognito.fetched == 2


def test_a_caller_is_read_of_what_the_gateway_says() -> None:
    said = {"token_use": "access", "username": ID, "name": "Bob", "cognito:groups": "[guest a.b]"}
    assert caller_of(said) == Caller(ID, "Bob", ("guest", "a.b"))
    assert caller_of({"token_use": "access", "username": ID}) == Caller(ID, ID, ())
    assert caller_of(said | {"token_use": "id"}) is None
    assert caller_of({}) is None
