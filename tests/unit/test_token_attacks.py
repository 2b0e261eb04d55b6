"""Tokens that are forged, borrowed, worn out or written in a second way: none of them is taken."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256, sha512
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import assume, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from skylift.token import (
    DIGEST_INFO,
    KEPT_MAX,
    LEEWAY_S,
    TOKEN_LENGTH_MAX,
    Expected,
    Key,
    Refused,
    UnknownKey,
    Verifier,
    caller_of,
    is_signed,
    keys_of,
    stated,
    verified,
)
from skylift.user import Caller
from tests.trials import trials

NOW = 2_000_000_000
OURS = Expected("http://localhost/_skylift/users/members", "a1b2")
SIGNER = rsa.generate_private_key(65_537, 2_048)
STRANGER = rsa.generate_private_key(65_537, 2_048)
CUBE = rsa.generate_private_key(3, 2_048)  # Bleichenbacher's forgeries need a cube root
CLAIMS = {
    "iss": OURS.issuer,
    "client_id": OURS.audience,
    "token_use": "access",
    "sub": "01",
    "username": "01",
    "name": "ann@example.com",
    "cognito:groups": ["staff"],
    "iat": NOW,
    "exp": NOW + 900,
}
HEAD = {"alg": "RS256", "kid": "first"}


def public(key: rsa.RSAPrivateKey) -> Key:
    numbers = key.public_key().public_numbers()
    return Key(numbers.n, numbers.e)


KEYS = {"first": public(SIGNER), "": public(STRANGER)}


def b64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def said(value: object) -> str:
    return b64(value if isinstance(value, bytes) else json.dumps(value).encode())


def signed(
    claims: object = CLAIMS,
    head: object = HEAD,
    *,
    key: rsa.RSAPrivateKey = SIGNER,
    algorithm: Any = None,
) -> str:
    message = f"{said(head)}.{said(claims)}"
    algorithm = algorithm or hashes.SHA256()
    return f"{message}.{b64(key.sign(message.encode(), padding.PKCS1v15(), algorithm))}"


def taken(token: str, now: float = NOW) -> dict[str, Any]:
    return verified(token, KEYS, OURS, now)


def with_signature(make: Callable[[bytes], bytes]) -> str:
    message = f"{said(HEAD)}.{said(CLAIMS)}"
    return f"{message}.{b64(make(message.encode()))}"


def own_signature(message: bytes) -> bytes:
    return SIGNER.sign(message, padding.PKCS1v15(), hashes.SHA256())


def test_a_token_of_ours_is_taken() -> None:
    assert taken(signed()) == CLAIMS
    assert caller_of(CLAIMS) == Caller("01", "ann@example.com", ("staff",))
    assert caller_of({"username": "01"}) == Caller("01", "01", ())


PEM = SIGNER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
N = public(SIGNER).n
FORGED = {
    "signed by another": signed(key=STRANGER),
    "no signature": with_signature(lambda _: b""),
    "a signature of zero": with_signature(lambda _: bytes(256)),
    "a signature of one": with_signature(lambda _: (1).to_bytes(256, "big")),
    "the modulus as signature": with_signature(lambda _: N.to_bytes(256, "big")),
    "one more byte": with_signature(lambda m: b"\0" + own_signature(m)),
    "one byte less": with_signature(lambda m: own_signature(m)[1:]),
    "the signature and the modulus": with_signature(
        lambda m: (int.from_bytes(own_signature(m), "big") + N).to_bytes(257, "big")
    ),
    "RS512": signed(head=HEAD | {"alg": "RS512"}, algorithm=hashes.SHA512()),
    "RS512 that says RS256": signed(algorithm=hashes.SHA512()),
    "HS256 with the public key": with_signature(lambda m: hmac.digest(PEM, m, sha256)),
    "a PSS signature": with_signature(
        lambda m: SIGNER.sign(m, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_the_issuer_has_not_signed_is_refused(what: str) -> None:
    with pytest.raises(Refused):
        taken(FORGED[what])


HEADS: dict[str, Any] = {
    "none": {"alg": "none", "kid": "first"},
    "None": {"alg": "None", "kid": "first"},
    "no algorithm": {"kid": "first"},
    "HS256": {"alg": "HS256", "kid": "first"},
    "rs256": {"alg": "rs256", "kid": "first"},
    "a list of algorithms": {"alg": ["RS256"], "kid": "first"},
    "no key": {"alg": "RS256"},
    "a key that is unknown": {"alg": "RS256", "kid": "second"},
    "a key of no name": {"alg": "RS256", "kid": ""},
    "a key that is a list": {"alg": "RS256", "kid": ["first"]},
    "a key that is null": {"alg": "RS256", "kid": None},
    "a key that is a path": {"alg": "RS256", "kid": "../../../dev/null"},
    "a key that is SQL": {"alg": "RS256", "kid": "first' OR '1'='1"},
    "an extension": {**HEAD, "crit": ["b64"], "b64": False},
    "an empty extension": {**HEAD, "crit": []},
    "an algorithm twice": b'{"alg":"none","alg":"RS256","kid":"first"}',
    "a key twice": b'{"alg":"RS256","kid":"second","kid":"first"}',
    "a key twice, one in disguise": b'{"alg":"RS256","k\\u0069d":"second","kid":"first"}',
    "a list": [HEAD],
    "no JSON": b"{alg:RS256}",
    "what is no UTF-8": b'{"alg":"RS256","kid":"\xff"}',
    "nothing": b"",
    "a deep one": b'{"alg":"RS256","kid":"first","x":' + b"[" * 2_000 + b"]" * 2_000 + b"}",
}


@pytest.mark.parametrize("what", HEADS)
def test_a_head_that_is_not_ours_is_refused_even_when_signed(what: str) -> None:
    with pytest.raises(Refused):
        taken(signed(head=HEADS[what]))


@pytest.mark.parametrize("depth", [*range(100, 1_300, 50), 2_500])
def test_no_depth_does_more_than_be_refused(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    with pytest.raises(Refused):
        taken(signed(head=b'{"alg":"none","kid":"first","x":' + deep + b"}"))
    with pytest.raises(Refused):
        taken(
            signed(
                head=b'{"alg":"none","kid":"first","x":'
                + b'{"":' * depth
                + b"0"
                + b"}" * depth
                + b"}"
            )
        )


def test_a_key_that_is_unknown_is_told_apart_so_that_keys_are_fetched_again() -> None:
    with pytest.raises(UnknownKey):
        taken(signed(head={"alg": "RS256", "kid": "second"}))


@pytest.mark.parametrize("more", [{"typ": "JWT"}, {"typ": "at+jwt"}, {"jku": "https://evil.test"}])
def test_what_else_a_head_says_means_nothing(more: dict[str, str]) -> None:
    assert taken(signed(head=HEAD | more)) == CLAIMS


def test_a_key_that_the_token_brings_is_not_used() -> None:
    own = public(STRANGER)
    head = HEAD | {"jwk": json.loads(stated({"first": own}))["keys"][0]}
    with pytest.raises(Refused):
        taken(signed(head=head, key=STRANGER))


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


BODIES: dict[str, Any] = {
    "of another issuer": CLAIMS | {"iss": "http://localhost/_skylift/users/guests"},
    "of an issuer with a slash": CLAIMS | {"iss": OURS.issuer + "/"},
    "of issuers": CLAIMS | {"iss": [OURS.issuer]},
    "of no issuer": without("iss"),
    "for another client": CLAIMS | {"client_id": "other"},
    "for another audience": CLAIMS | {"aud": "other"},
    "for audiences": CLAIMS | {"aud": [OURS.audience, "other"]},
    "for nobody": without("client_id"),
    "an id token": CLAIMS | {"token_use": "id", "aud": OURS.audience},
    "of no use": without("token_use"),
    "of no end": without("exp"),
    "expired": CLAIMS | {"exp": NOW - LEEWAY_S},
    "that never ends": CLAIMS | {"exp": 1e400},
    "that ends late": CLAIMS | {"exp": 1 << 41},
    "that ends in a text": CLAIMS | {"exp": str(NOW + 900)},
    "that ends in a half": CLAIMS | {"exp": NOW + 900.5},
    "that ends truly": CLAIMS | {"exp": True},
    "that ends before all time": CLAIMS | {"exp": -1},
    "without its time of issue": without("iat"),
    "issued in the future": CLAIMS | {"iat": NOW + LEEWAY_S + 1},
    "not yet valid": CLAIMS | {"nbf": NOW + LEEWAY_S + 1},
    "not yet valid, for no number": CLAIMS | {"nbf": None},
    "of nobody": without("sub"),
    "of no user": without("username"),
    "of an empty user": CLAIMS | {"username": ""},
    "of a long user": CLAIMS | {"username": "x" * 129},
    "of a user that is a list": CLAIMS | {"username": ["01"]},
    "of no name": CLAIMS | {"name": 5},
    "of a group": CLAIMS | {"cognito:groups": "staff"},
    "of strange groups": CLAIMS | {"cognito:groups": ["staff", 5]},
    "of two users": json.dumps(CLAIMS)[:-1].encode() + b',"username":"02"}',
    "of a member twice, deep inside": json.dumps(CLAIMS)[:-1].encode() + b',"x":[{"a":1,"a":2}]}',
    "a list": [CLAIMS],
    "null": None,
    "no JSON": b"exp",
    "two objects": json.dumps(CLAIMS).encode() * 2,
}


@pytest.mark.parametrize("what", BODIES)
def test_claims_that_are_not_ours_are_refused_even_when_signed(what: str) -> None:
    with pytest.raises(Refused):
        taken(signed(BODIES[what]))


def test_clocks_may_differ_by_some_seconds() -> None:
    assert taken(signed(CLAIMS | {"exp": NOW - LEEWAY_S + 1, "iat": NOW + LEEWAY_S}))
    assert taken(signed(CLAIMS | {"nbf": NOW + LEEWAY_S}))


def test_colons_and_quotes_in_texts_are_no_members() -> None:
    claims = CLAIMS | {"name": 'a:"b\\":c\\', "x": {"y": [{"z": ":"}, {}], "\\": '"'}}
    assert taken(signed(claims)) == claims


def test_a_token_is_written_in_one_way() -> None:
    good = signed()
    head, body, signature = good.split(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = last[last.index(signature[-1]) ^ 1]  # bits that base64 leaves over
    for other in (
        *(f"{good}.", f".{good}", f"{head}.{body}", f"{head}.{body}.{signature}.{signature}"),
        *(f"{head}..{signature}", f"{head}.{body}.{signature}==", f" {good}", f"{good}\n"),
        f"{head}.{body}.{signature[:-1]}{twin}",
        f"{head}.{body[:40]}\n{body[40:]}.{signature}",
        f"{head}.{body}.{signature.translate(str.maketrans('-_', '+/'))}"
        if {"-", "_"} & set(signature)
        else f"{head}=.{body}.{signature}",
        *("", ".", "..", "...", "é" * 3, "\ud800", good.replace(".", "\u2024")),
    ):
        with pytest.raises(Refused):
            taken(other)


def test_a_huge_token_is_not_even_looked_at() -> None:
    with pytest.raises(Refused, match="limit"):
        taken(signed(CLAIMS | {"x": "x" * TOKEN_LENGTH_MAX}))
    with pytest.raises(Refused, match="limit"):
        taken("." * 10_000_000)


@given(st.integers(0, len(signed()) - 1), st.integers(0, 6))
@trials(400)
def test_a_flipped_bit_is_seen(at: int, bit: int) -> None:
    good = signed()
    bad = good[:at] + chr(ord(good[at]) ^ (1 << bit)) + good[at + 1 :]
    with pytest.raises(Refused):
        taken(bad)


def cube_root(number: int) -> int:
    """The smallest whole number whose cube is not below it."""
    low, high = 0, 1 << (number.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        if middle**3 < number:
            low = middle + 1
        else:
            high = middle
    return low


def test_blocks_of_little_padding_and_much_garbage_are_no_signatures() -> None:
    """Bleichenbacher 2006: with e=3 anyone makes a number whose cube begins as a block does."""
    key, message = public(CUBE), b"head.body"
    good = CUBE.sign(message, padding.PKCS1v15(), hashes.SHA256())
    assert is_signed(message, good, key)
    digest = DIGEST_INFO + sha256(message).digest()
    for filled in (8, 1, 0):
        start = b"\0\1" + b"\xff" * filled + b"\0" + digest
        block = int.from_bytes(start.ljust(256, b"\0"), "big")
        forged = cube_root(block)
        cubed = pow(forged, 3, key.n).to_bytes(256, "big")
        assert cubed.startswith(start)  # a reader that stops after the digest would take it
        assert not is_signed(message, forged.to_bytes(256, "big"), key)


BARE = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20"  # without its NULL
BLOCKS: dict[str, Callable[[bytes], bytes]] = {
    "type 2": lambda digest: b"\0\2" + b"\xff" * 202 + b"\0" + DIGEST_INFO + digest,
    "no first zero": lambda digest: b"\1" + b"\xff" * 203 + b"\0" + DIGEST_INFO + digest,
    "a hole": lambda digest: b"\0\1" + b"\xff" * 100 + b"\0" * 103 + DIGEST_INFO + digest,
    "no end": lambda digest: b"\0\1" + b"\xff" * 203 + DIGEST_INFO + digest,
    "other bytes": lambda digest: b"\0\1" + b"\xfe" * 202 + b"\0" + DIGEST_INFO + digest,
    "no digest info": lambda digest: b"\0\1" + b"\xff" * 221 + b"\0" + digest,
    "parameters left out": lambda digest: b"\0\1" + b"\xff" * 204 + b"\0" + BARE + digest,
    "a long length": lambda digest: (
        b"\0\1" + b"\xff" * 201 + b"\0\x30\x81" + DIGEST_INFO[1:] + digest
    ),
    "garbage behind": lambda digest: (
        b"\0\1" + b"\xff" * 196 + b"\0" + DIGEST_INFO + digest + b"x" * 6
    ),
}


@pytest.mark.parametrize("what", BLOCKS)
def test_a_block_that_is_padded_otherwise_is_no_signature(what: str) -> None:
    """Made with the private key: even the issuer cannot sign in a second way."""
    numbers, message = SIGNER.private_numbers(), b"head.body"
    block = BLOCKS[what](sha256(message).digest())
    assert len(block) == 256
    made = pow(int.from_bytes(block, "big"), numbers.d, N).to_bytes(256, "big")
    assert not is_signed(message, made, public(SIGNER))


def test_a_block_with_another_digest_is_no_signature() -> None:
    info = bytes.fromhex("3051300d060960864801650304020305000440")
    block = b"\0\1" + b"\xff" * 170 + b"\0" + info + sha512(b"head.body").digest()
    made = pow(int.from_bytes(block, "big"), SIGNER.private_numbers().d, N)
    assert not is_signed(b"head.body", made.to_bytes(256, "big"), public(SIGNER))


# -- keys


def test_keys_are_read_as_they_are_stated() -> None:
    keys = {"first": public(SIGNER), "second": public(STRANGER)}
    assert keys_of(stated(keys)) == keys


def jwk(**more: Any) -> dict[str, Any]:
    return json.loads(stated({"first": public(SIGNER)}))["keys"][0] | more


def test_keys_for_other_ends_are_passed_over() -> None:
    others = [{"kty": "EC", "kid": "ec", "crv": "P-256"}, jwk(use="enc"), jwk(alg="RS512")]
    assert keys_of(json.dumps({"keys": [*others, jwk()]}).encode()) == {"first": public(SIGNER)}


WRONG_KEYS: dict[str, Any] = {
    "no set": [],
    "two of the same id": {"keys": [jwk(), jwk()]},
    "no id": {"keys": [jwk(kid="")]},
    "an even modulus": {"keys": [jwk(n=b64((N - 1).to_bytes(256, "big")))]},
    "a short modulus": {"keys": [jwk(n=b64(b"\xff" * 128))]},
    "a long modulus": {"keys": [jwk(n=b64(b"\xff" * 1024))]},
    "an exponent of one": {"keys": [jwk(e="AQ")]},
    "an exponent of three": {"keys": [jwk(e="Aw")]},
    "an even exponent": {"keys": [jwk(e=b64((65_538).to_bytes(3, "big")))]},
    "a huge exponent": {"keys": [jwk(e=b64(b"\xff" * 32))]},
    "padded numbers": {"keys": [jwk(e="AQAB====")]},
    "too many": {"keys": [jwk(kid=f"{number}") for number in range(101)]},
}


@pytest.mark.parametrize("what", WRONG_KEYS)
def test_keys_that_are_weak_or_costly_are_refused(what: str) -> None:
    with pytest.raises(Refused):
        keys_of(json.dumps(WRONG_KEYS[what]).encode())


def test_a_huge_set_of_keys_is_not_read() -> None:
    with pytest.raises(Refused, match="limit"):
        keys_of(b" " * 150_001)


# -- what was seen before


def test_a_token_that_is_known_expires_all_the_same() -> None:
    verifier, token = Verifier(KEYS, OURS), signed()
    assert verifier.claims(token, NOW) is verifier.claims(token, NOW + 899)
    with pytest.raises(Refused, match="expired"):
        verifier.claims(token, NOW + 900 + LEEWAY_S)


def test_a_refused_token_is_refused_again_and_never_kept() -> None:
    verifier = Verifier(KEYS, OURS)
    for _ in range(2):
        with pytest.raises(Refused):
            verifier.claims(signed(key=STRANGER), NOW)
    assert verifier.claims(signed(), NOW) == CLAIMS


def test_what_is_kept_has_a_bound() -> None:
    verifier = Verifier(KEYS, OURS)
    for number in range(KEPT_MAX + 5):
        verifier.claims(signed(CLAIMS | {"jti": f"{number}"}), NOW)
    assert len(verifier._kept) == KEPT_MAX  # pyright: ignore[reportPrivateUsage]


# -- another's opinion

ORACLE = RSAKey.import_key(json.loads(stated({"first": public(SIGNER)}))["keys"][0])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT.filter(lambda name: name not in {*CLAIMS, "nbf", "aud"}), VALUES))
@trials(200)
def test_what_we_take_another_library_reads_alike(more: dict[str, Any]) -> None:
    token = signed(CLAIMS | more)
    assume(len(token) <= TOKEN_LENGTH_MAX)
    assert taken(token) == jwt.decode(token, ORACLE, algorithms=["RS256"]).claims


@given(st.binary(min_size=0, max_size=300))
@trials(200)
def test_signatures_of_chance_are_refused_as_another_library_refuses_them(made: bytes) -> None:
    token = with_signature(lambda _: made)
    with pytest.raises(Refused):
        taken(token)
    with pytest.raises(Exception, match=r".*"):
        jwt.decode(token, ORACLE, algorithms=["RS256"])


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
@trials(500)
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(Refused):
        taken(text)
