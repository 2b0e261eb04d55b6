"""How passwords are kept: as argon2's own tests have it, and so that others can read it."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from skylift.local.password import CHEAP, SALT_BYTES, Cost, Passwords, hash_of

PUBLISHED = (  # by argon2's authors, of "password"
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
)
ODD = ("", "a" * 4_096, "with\0nothing in it", "straße 🚲", "half of one \ud83d")


def is_right(password: str, stored: str | None) -> bool:
    return asyncio.run(Passwords(Cost()).is_right(password, stored))


@pytest.mark.parametrize("stored", PUBLISHED)
def test_what_others_have_hashed_is_known_again(stored: str) -> None:
    assert is_right("password", stored)
    assert not is_right("Password", stored)


@pytest.mark.parametrize("password", ODD)
@pytest.mark.parametrize("cost", [Cost(), CHEAP])
def test_what_is_hashed_here_others_know(password: str, cost: Cost) -> None:
    stored = hash_of(password, b"0123456789abcdef", cost)
    secret = password.encode("utf-8", "surrogatepass")
    Argon2id.verify_phc_encoded(secret, stored)
    with pytest.raises(InvalidKey):
        Argon2id.verify_phc_encoded(secret + b"a", stored)
    assert is_right(password, stored)
    assert not is_right(password + "a", stored)


@pytest.mark.parametrize("stored", [None, "", "plain", PUBLISHED[0][:-9], Cost().nobody])
def test_nobody_gets_in_by_what_is_no_hash(stored: str | None) -> None:
    assert not is_right("password", stored)
    assert not is_right("", stored)


def test_each_has_a_hash_of_his_own() -> None:
    one, other = (hash_of("password", bytes([n]) * SALT_BYTES, Cost()) for n in range(2))
    assert one != other
