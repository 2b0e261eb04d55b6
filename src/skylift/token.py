"""Tokens: a JWT signed with RS256 by an issuer whose keys are known. Whatever is not exactly what
an issuer of ours writes is refused: no other algorithm, no padding, no member twice.

What verifies holds public keys only and compares with `==`: there is no secret to leak by time.
"""

from __future__ import annotations

from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from msgspec import DecodeError, MsgspecError, Struct, json

from .digest import sha256
from .user import Caller

TOKEN_LENGTH_MAX = 8_192  # the gateway takes 10,240 bytes of headers in all
JWKS_BYTES_MAX = 150_000  # as AWS's gateway takes it
KEYS_MAX = 100
KEY_BITS_MIN, KEY_BITS_MAX = 2_048, 4_096
EXPONENT_MIN, EXPONENT_MAX = 65_537, (1 << 32) - 1
ID_LENGTH_MAX = 128  # of a key, a user, an audience
TIME_MAX = 1 << 40  # seconds since the epoch
LEEWAY_S = 5
KEPT_MAX = 1_024  # tokens that a Verifier has seen

TO_PLAIN, TO_URL = bytes.maketrans(b"-_", b"+/"), bytes.maketrans(b"+/", b"-_")
# What PKCS#1 v1.5 puts before a SHA-256: DER, that a digest of this kind follows.
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

Claims: TypeAlias = dict[str, Any]


class Refused(Exception):
    """A token, or a set of keys, that is not taken; why, for the log and not for the client."""


class UnknownKey(Refused):
    """It names a key that is not known (any more, or yet)."""


class Key(Struct, frozen=True):
    """The public half of an RSA key."""

    n: int
    e: int


class Expected(Struct, frozen=True):
    """What a token must say to be taken: who issued it, and for whom."""

    issuer: str
    audience: str


class Verifier:
    """Verifies the tokens of one issuer. What was verified once is known until it expires."""

    def __init__(self, keys: Mapping[str, Key], expected: Expected) -> None:
        self._keys, self._expected = keys, expected
        self._kept: dict[str, Claims] = {}

    def claims(self, token: str, now: float) -> Claims:
        """What a token says; Refused when it is not to be taken at this time."""
        kept = self._kept.get(token)
        if kept is not None:
            check_times(kept, now)
            return kept
        found = verified(token, self._keys, self._expected, now)
        if len(self._kept) >= KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        self._kept[token] = found
        return found


def verified(token: str, keys: Mapping[str, Key], expected: Expected, now: float) -> Claims:
    """What an access token says, once its signature and all that `expected` asks for are right."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise Refused(f"it has {len(token):,} letters, limit {TOKEN_LENGTH_MAX:,}")
    if not token.isascii():
        raise Refused("it has letters beyond ASCII")
    parts = token.encode().split(b".")
    if len(parts) != 3:
        raise Refused(f"it has {len(parts)} parts, and not three")
    head, body, signature = parts
    key = _key_of(members(decoded(head)), keys)
    if not is_signed(head + b"." + body, decoded(signature), key):
        raise Refused("its signature is wrong")
    claims = members(decoded(body))
    check_claims(claims, expected)
    check_times(claims, now)
    return claims


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """Who a verified token speaks of."""
    id = claims["username"]
    return Caller(id, claims.get("name", id), tuple(claims.get("cognito:groups", ())))


def _key_of(head: Mapping[str, Any], keys: Mapping[str, Key]) -> Key:
    if head.get("alg") != "RS256":
        raise Refused("its algorithm is not RS256")
    if "crit" in head:
        raise Refused("it demands an extension that nobody knows here")
    kid = head.get("kid")
    if not _is_id(kid):
        raise Refused("it names no key")
    key = keys.get(cast(str, kid))
    if key is None:
        raise UnknownKey("it names a key that is not known")
    return key


def is_signed(message: bytes, signature: bytes, key: Key) -> bool:
    """RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2): the one block that a signer can have signed is made, and
    compared as a whole. Nothing of what comes out of the signature is ever read.
    """
    length = (key.n.bit_length() + 7) // 8
    if len(signature) != length:
        return False
    number = int.from_bytes(signature, "big")
    if number >= key.n:
        return False
    expected = DIGEST_INFO + sha256(message).digest()
    expected = b"\0\1" + b"\xff" * (length - len(expected) - 3) + b"\0" + expected
    return pow(number, key.e, key.n).to_bytes(length, "big") == expected


def check_claims(claims: Mapping[str, Any], expected: Expected) -> None:
    """That it is an access token of this issuer, for this audience, and of a user."""
    if claims.get("iss") != expected.issuer:
        raise Refused("another has issued it")
    if claims.get("token_use") != "access":
        raise Refused("it is no access token")
    if claims.get("aud", claims.get("client_id")) != expected.audience:
        raise Refused("it is for another audience")
    for name in ("sub", "username"):
        if not _is_id(claims.get(name)):
            raise Refused(f"its {name} is missing or wrong")
    if not isinstance(claims.get("name", ""), str):
        raise Refused("its name is wrong")
    groups = claims.get("cognito:groups", [])
    if not isinstance(groups, list) or not all(map(_is_id, cast("list[object]", groups))):
        raise Refused("its groups are wrong")


def check_times(claims: Mapping[str, Any], now: float) -> None:
    """That it is valid now, with some seconds for clocks that differ."""
    if _time(claims, "exp") <= now - LEEWAY_S:
        raise Refused("it has expired")
    if _time(claims, "iat") > now + LEEWAY_S:
        raise Refused("it was issued in the future")
    if "nbf" in claims and _time(claims, "nbf") > now + LEEWAY_S:
        raise Refused("it is not valid yet")


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or not 0 <= value <= TIME_MAX:
        raise Refused(f"its {name} is no time")
    return value


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= ID_LENGTH_MAX


def members(text: bytes) -> dict[str, Any]:
    """A JSON object in which no object has a member twice."""
    try:
        found = json.decode(text, type=dict[str, Any])
        count = _count(found)
    except (MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Refused(f"it is no JSON object: {error}") from None
    # A colon outside a text follows the name of a member: one that counts twice is in there once.
    plain = text.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    if sum(part.count(b":") for part in plain) != count:
        raise Refused("a member stands in it twice")
    return found


def _count(value: object) -> int:
    """The members of all objects in a value."""
    if isinstance(value, dict):
        inner = cast("dict[str, object]", value)
        return len(inner) + sum(map(_count, inner.values()))
    return sum(map(_count, cast("list[object]", value))) if isinstance(value, list) else 0


def decoded(part: bytes) -> bytes:
    """base64url without padding, in the only way each value is written."""
    try:
        value = a2b_base64(part.translate(TO_PLAIN) + b"=" * (-len(part) % 4))
    except (NotBase64, ValueError):
        raise Refused("a part of it is not base64url") from None
    if encoded(value) != part:
        raise Refused("a part of it is not base64url as it is written")
    return value


def encoded(value: bytes) -> bytes:
    return b2a_base64(value, newline=False).rstrip(b"=").translate(TO_URL)


# -- keys


class _Stated(Struct):
    """A key as a JWKS states it; members that are not here say nothing to us."""

    kty: str
    kid: str = ""
    use: str = "sig"
    alg: str = "RS256"
    n: str = ""
    e: str = ""


class _Set(Struct):
    keys: list[_Stated]


def keys_of(jwks: bytes) -> dict[str, Key]:
    """The keys of a JWKS that sign with RS256, by their ids. Refused when it is none, or when a key
    in it is too weak, or too large to work with.
    """
    if len(jwks) > JWKS_BYTES_MAX:
        raise Refused(f"the keys have {len(jwks):,} bytes, limit {JWKS_BYTES_MAX:,}")
    try:
        stated = json.decode(jwks, type=_Set).keys
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"these are no keys: {error}") from None
    fit = [one for one in stated if (one.kty, one.use, one.alg) == ("RSA", "sig", "RS256")]
    if len(fit) > KEYS_MAX or len({one.kid for one in fit}) < len(fit):
        raise Refused("there are too many keys, or two of the same id")
    return {one.kid: _key(one) for one in fit}


def _key(stated: _Stated) -> Key:
    n, e = (int.from_bytes(decoded(text.encode()), "big") for text in (stated.n, stated.e))
    if not _is_id(stated.kid):
        raise Refused("a key has no id")
    if not KEY_BITS_MIN <= n.bit_length() <= KEY_BITS_MAX or n % 2 == 0:
        raise Refused(f"key {stated.kid}: {n.bit_length()} bits are too few or too many")
    if not EXPONENT_MIN <= e <= EXPONENT_MAX or e % 2 == 0:
        raise Refused(f"key {stated.kid}: its exponent is none")
    return Key(n, e)


def stated(keys: Mapping[str, Key]) -> bytes:
    """The JWKS that `keys_of` reads."""
    return json.encode({"keys": [_statement(kid, key) for kid, key in keys.items()]})


def _statement(kid: str, key: Key) -> dict[str, str]:
    n, e = (
        encoded(value.to_bytes((value.bit_length() + 7) // 8, "big")) for value in (key.n, key.e)
    )
    said = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid}
    return said | {"n": n.decode(), "e": e.decode()}
