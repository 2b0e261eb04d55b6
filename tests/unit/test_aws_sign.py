"""The signer against botocore's, on calls drawn from a seed, and its primitives against hashlib."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest import mock

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from msgspec.structs import replace

from skylift.aws.runtime.environment import Credentials
from skylift.aws.runtime.presign import presigned
from skylift.aws.runtime.sign import UNSIGNED, Call, Signer, encoded
from skylift.digest import hmac_sha256, sha256
from skylift.errors import Invalid

ROUNDS = 25
CASES = 100  # a round
SEGMENTS = (
    *("a", "b-c_d.e~f", ".", "..", "", "%20", "%2F", "a%2Bb", "a+b", "é", "日本", "a=b", "a;b"),
    *("a&b", "a:b@c", "$!'()*,", "table%2Fname", "..."),
)
VALUES = ("", "1", "x%20y", "%C3%BC%26%3D", "a-b", "a.b", "~", "A", "%2F", "é", "a+b")
TEXTS = (
    *("", "a", " a ", "a  b", "\t a \t\t b ", "a, b", "é  ü", "日本\u3000語", 'x="1;  2"'),
    *("0", "a" * 300, "\u00a0a\u00a0", "a\u2003b"),
)
NAMES = (
    *("content-type", "x-amz-target", "x-amz-meta-a", "x-amz-meta-b-c", "range", "content-md5"),
    *("user-agent", "expect", "x-amzn-trace-id", "if-match", "accept", "connection", "te"),
    "cache-control",
)
SERVICES = ("dynamodb", "sqs", "events", "execute-api", "s3", "s3")
METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH")


def drawn(dice: Random, service: str) -> Call:
    path = "/" + "/".join(dice.choices(SEGMENTS, k=dice.randrange(6)))
    pairs = [
        dice.choice(("a", "A", "b", "a-b", "a%20b", "list-type", "é"))
        + dice.choice(("", "=", "=" + dice.choice(VALUES)))
        for _ in range(dice.randrange(5))
    ]
    host = dice.choice((f"{service}.eu-west-1.amazonaws.com", "127.0.0.1:4566", "localhost"))
    headers = {"host": host}
    headers |= {name: dice.choice(TEXTS) for name in dice.sample(NAMES, dice.randrange(6))}
    size = dice.choice((0, 0, 1, 55, 56, 63, 64, 65, 300, 70_000))
    return Call(dice.choice(METHODS), path, "&".join(pairs), headers, dice.randbytes(size))


def moment(dice: Random) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.randrange(10**8))


def pair(dice: Random) -> tuple[Credentials, TheirCredentials]:
    secret = "".join(dice.choices("abc/+=é", k=dice.choice((1, 40, 59, 60, 61, 100))))
    token = dice.choice(("", "", "T" * 50, "FwoGZXIvYXdzEK//+=="))
    return Credentials("AKIDEXAMPLE", secret, token), TheirCredentials(
        "AKIDEXAMPLE", secret, token or None
    )


def asked_of_botocore(call: Call, scheme: str, *, unsigned: bool) -> AWSRequest:
    url = f"{scheme}://{call.headers['host']}{call.path}" + (f"?{call.query}" if call.query else "")
    request: Any = AWSRequest(call.method, url, headers=dict(call.headers), data=call.body)
    if unsigned:
        request.context["payload_signing_enabled"] = False
        request.context["has_streaming_input"] = True
    return request


def as_botocore(auth: Any, request: Any, at: datetime) -> Any:
    with mock.patch.object(
        botocore.auth, "get_current_datetime", return_value=at.replace(tzinfo=None)
    ):
        auth.add_auth(request)
    return request


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_signature_is_botocores(seed: int) -> None:
    dice = Random(seed)
    for _ in range(CASES):
        service, at = dice.choice(SERVICES), moment(dice)
        call, (ours, theirs) = drawn(dice, service), pair(dice)
        is_unsigned = dice.random() < 0.2
        if is_unsigned:
            call = replace(
                call, headers={**call.headers, "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}
            )
        kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
        request = asked_of_botocore(call, "https", unsigned=is_unsigned)
        signed = as_botocore(kind(theirs, service, "eu-west-1"), request, at)
        payload = UNSIGNED if is_unsigned else ""
        headers = Signer(ours, "eu-west-1", service).signed(call, at, payload=payload)
        assert headers == {name.lower(): value for name, value in signed.headers.items()}, call


@pytest.mark.parametrize("seed", range(5))
def test_a_presigned_url_is_botocores(seed: int) -> None:
    dice = Random(seed)
    for _ in range(CASES):
        at, (ours, theirs) = moment(dice), pair(dice)
        key = "/".join(encoded(part) for part in dice.choices(("a", "b c", "é", "..", "~"), k=3))
        headers = {"host": "bucket.s3.eu-west-1.amazonaws.com"}
        if dice.random() < 0.5:
            headers["content-type"] = "image/jpeg"
        query = dice.choice(("", "versionId=3", "response-content-type=text%2Fplain"))
        call = Call(dice.choice(("GET", "PUT")), f"/{key}", query, headers, b"")
        expires_s = dice.randrange(1, 604_801)
        auth = botocore.auth.S3SigV4QueryAuth(theirs, "s3", "eu-west-1", expires=expires_s)
        request = as_botocore(auth, asked_of_botocore(call, "https", unsigned=False), at)
        signer = Signer(ours, "eu-west-1", "s3")
        assert presigned(signer, call, at, expires_s=expires_s) == request.url, call


@pytest.mark.parametrize("expires_s", [0, -1, 604_801])
def test_a_presigned_url_lives_a_week_at_most(expires_s: int) -> None:
    call = Call("GET", "/key", "", {"host": "bucket.s3.amazonaws.com"}, b"")
    with pytest.raises(Invalid, match="604800 s"):
        presigned(
            Signer(Credentials("A", "s"), "eu-west-1", "s3"),
            call,
            datetime.now(UTC),
            expires_s=expires_s,
        )


def test_the_key_of_a_day_is_made_once_and_anew_the_next() -> None:
    signer = Signer(Credentials("A", "secret"), "eu-west-1", "dynamodb")
    call = Call("POST", "/", "", {"host": "h"}, b"{}")
    at = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)
    made: list[bytes] = []

    def counted(key: bytes, message: bytes) -> bytes:
        made.append(message)
        return hmac_sha256(key, message)

    with mock.patch("skylift.aws.runtime.sign.hmac_sha256", counted):
        first = signer.signed(call, at)
        assert len(made) == 5  # day, region, service, the constant; and the signature
        assert signer.signed(call, at) == first
        assert len(made) == 6
        signer.signed(call, at + timedelta(seconds=1))
        assert len(made) == 11


def test_hmac_is_the_standard_librarys() -> None:
    dice = Random(4231)
    for size in (0, 1, 63, 64, 65, 131, 1000):
        for length in (0, 1, 55, 64, 119, 5000):
            key, message = dice.randbytes(size), dice.randbytes(length)
            assert hmac_sha256(key, message) == hmac.digest(key, message, "sha256")


def test_the_digest_is_hashlibs_and_costs_no_import_of_it() -> None:
    assert sha256(b"abc").digest() == hashlib.sha256(b"abc").digest()
    assert sha256.__module__ != "_hashlib"


def test_an_interpreter_without_a_digest_of_its_own_uses_hashlib() -> None:
    program = (
        "import sys; sys.modules['_sha2'] = sys.modules['_sha256'] = None\n"
        "from skylift.digest import sha256\n"
        "print(sha256.__module__, sha256(b'abc').hexdigest()[:8])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.split() == ["_hashlib", "ba7816bf"], run.stderr
