"""Attacks on an app that is served: forged tokens over a real socket, and what is in its folder."""

from __future__ import annotations

import http.client
import json
import stat
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from hmac import digest as hmac
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import KeySet

from skylift.token import decoded, encoded
from tests.served import SKYLIFT, Served
from tests.system.commands import ROOT

CLUB = ROOT / "tests" / "apps" / "club"
ANN, PASSWORD = "ann@example.com", "correct horse"
HOME = "/_skylift/users/members/.well-known"


class Club:
    """The app on a state, and what a client has of it."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.served = Served(CLUB, state)

    def ask(self, method: str, path: str, body: Any = None, *more: tuple[str, str]) -> Any:
        """Status and JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=30)
        try:
            text = json.dumps(body).encode() if body is not None else b""
            connection.putrequest(method, path)
            for name, value in (("content-type", "application/json"), *more):
                connection.putheader(name, value)
            connection.putheader("content-length", str(len(text)))
            connection.endheaders(text)
            answer = connection.getresponse()
            told = answer.read()
            return answer.status, json.loads(told) if told else None
        finally:
            connection.close()

    def me(self, *authorizations: str) -> int:
        given = [("authorization", one) for one in authorizations]
        return self.ask("GET", "/me", None, *given)[0]

    def mails(self) -> list[dict[str, Any]]:
        command = [SKYLIFT, "mail", str(CLUB), f"--state={self.state}", "--json"]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    def joined(self) -> Any:
        who = {"email": ANN, "password": PASSWORD}
        id = self.ask("POST", "/register", who)[1]["id"]
        code = self.mails()[-1]["body"][:6]
        assert self.ask("POST", "/confirm", {"id": id, "code": code})[0] == 204
        return self.ask("POST", "/login", who)[1]


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    club = Club(tmp_path_factory.mktemp("club"))
    yield club
    assert club.served.terminate() == 0
    assert "Traceback" not in club.served.told()


@pytest.fixture(scope="module")
def tokens(club: Club) -> Any:
    return club.joined()


def test_another_library_verifies_what_is_issued_by_what_is_told(club: Club, tokens: Any) -> None:
    _, said = club.ask("GET", f"{HOME}/openid-configuration")
    _, keys = club.ask("GET", f"{HOME}/jwks.json")
    found = jwt.decode(tokens["access"], KeySet.import_key_set(keys), algorithms=["RS256"])
    assert found.claims["iss"] == said["issuer"]
    assert found.claims["username"] == tokens["id"]
    assert said["jwks_uri"] == f"http://127.0.0.1:{club.served.port}{HOME}/jwks.json"


def forged(club: Club, token: str) -> dict[str, str]:
    """What somebody makes of a token of his own and of what everybody may know."""
    head, body, signature = token.split(".")
    (key,) = club.ask("GET", f"{HOME}/jwks.json")[1]["keys"]
    n, e = (int.from_bytes(decoded(key[name].encode()), "big") for name in ("n", "e"))
    public = RSAPublicNumbers(e, n).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = json.loads(decoded(body.encode())) | {"cognito:groups": ["staff"]}
    staff = part(claims)
    none, hs256 = part({"alg": "none"}), part({"alg": "HS256", "kid": key["kid"]})
    message = f"{hs256}.{staff}".encode()
    return {
        "unsigned": f"{none}.{staff}.",
        "unsigned, with its old signature": f"{none}.{staff}.{signature}",
        "signed by nobody": f"{head}.{staff}.",
        "with another's signature": f"{head}.{staff}.{signature}",
        "HS256 by the public key": f"{hs256}.{staff}.{text(hmac(pem, message, sha256))}",
        "HS256 by nothing": f"{hs256}.{staff}.{text(hmac(b'', message, sha256))}",
        "cut": token[:-2],
        "of two halves": f"{head}.{body}.{signature[9:]}{signature[:9]}",
    }


def part(value: object) -> str:
    return text(json.dumps(value).encode())


def text(value: bytes) -> str:
    return encoded(value).decode()


def test_forged_tokens_are_refused(club: Club, tokens: Any) -> None:
    assert club.me(f"Bearer {tokens['access']}") == 200
    for told, token in forged(club, tokens["access"]).items():
        assert club.me(f"Bearer {token}") == 401, told
        given = ("authorization", f"Bearer {token}")
        assert club.ask("GET", "/staff", None, given)[0] == 401, told
        assert club.ask("GET", "/hello", None, given)[0] == 401, told


def test_two_tokens_are_none(club: Club, tokens: Any) -> None:
    good = f"Bearer {tokens['access']}"
    assert club.me(good, good) == 401
    assert club.me("Bearer x", good) == 401


def test_a_token_in_the_address_or_in_a_cookie_is_none(club: Club, tokens: Any) -> None:
    """So nothing that a browser sends by itself is ever taken: CSRF has nothing to use."""
    access = tokens["access"]
    assert club.ask("GET", f"/me?access_token={access}&authorization=Bearer%20{access}")[0] == 401
    for cookie in (f"authorization=Bearer {access}", f"access={access}"):
        assert club.ask("GET", "/me", None, ("cookie", cookie))[0] == 401
    assert club.ask("POST", "/login", {"email": ANN, "password": PASSWORD})[0] == 200


def test_a_huge_token_is_refused_before_it_is_looked_at(club: Club) -> None:
    assert club.me("Bearer " + "x" * 9_000) == 401
    assert club.me("Bearer " + "x" * 11_000) == 431


def test_no_answer_sets_a_cookie(club: Club) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", club.served.port, timeout=30)
    body = json.dumps({"email": ANN, "password": PASSWORD})
    connection.request("POST", "/login", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.headers.get_all("set-cookie") is None


def test_the_key_is_its_owners_alone(club: Club, tokens: Any) -> None:
    assert tokens
    (key,) = club.state.rglob("users-members.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert [one for one in key.parent.iterdir() if one.name.endswith(".new")] == []


def test_no_secret_lies_in_the_folder(club: Club, tokens: Any) -> None:
    session, secret = (
        decoded(tokens["refresh"].encode())[:16],
        decoded(tokens["refresh"].encode())[16:],
    )
    assert session
    for file in club.state.rglob("*"):
        held = file.read_bytes() if file.is_file() else b""
        for wrong in (
            PASSWORD.encode(),
            tokens["access"].encode(),
            tokens["refresh"].encode(),
            secret,
        ):
            assert wrong not in held, file
            assert wrong.hex().encode() not in held, file


def test_users_sessions_and_tokens_outlive_a_kill(tmp_path: Path) -> None:
    club = Club(tmp_path)
    tokens = club.joined()
    club.served.kill()
    club.served = Served(CLUB, tmp_path)
    assert club.me(f"Bearer {tokens['access']}") == 200
    status, again = club.ask("POST", "/refresh", {"refresh": tokens["refresh"]})
    assert status == 200
    club.served.kill()
    club.served = Served(CLUB, tmp_path)
    repeated = club.ask("POST", "/refresh", {"refresh": tokens["refresh"]})
    assert (repeated[0], repeated[1]["refresh"]) == (200, again["refresh"])  # as if it was lost
    status, last = club.ask("POST", "/refresh", {"refresh": again["refresh"]})
    assert status == 200
    assert club.ask("POST", "/refresh", {"refresh": tokens["refresh"]})[0] == 401
    assert club.ask("POST", "/refresh", {"refresh": last["refresh"]})[0] == 401
    assert club.served.terminate() == 0
    told = club.mails()
    assert [(one["sender"], one["address"]) for one in told] == [("members", ANN)]
