"""The issuer of tokens here. Its private key is a file beside the state that only its owner may
read, made when first needed; a state in memory has one that is gone with the process.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import json

from ..engine.auth import users_path
from ..errors import Unavailable
from ..token import Expected, Key, Verifier, encoded

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

R = TypeVar("R")

KEY_BITS, EXPONENT = 2_048, 65_537
ISSUER = "http://localhost"  # whatever it is called by: tokens outlive a change of port


class Issuer:
    """Signs, with one key. `keys` are what others verify with."""

    def __init__(self, name: str, private: RSAPrivateKey) -> None:
        numbers = private.public_key().public_numbers()
        digest = sha256(numbers.n.to_bytes(KEY_BITS // 8, "big")).digest()
        self._private = private
        self.kid = encoded(digest[:16]).decode()
        self.keys: Mapping[str, Key] = {self.kid: Key(numbers.n, numbers.e)}
        # The audience is this state's own: no other app on the machine has issued for it.
        self.expected = Expected(ISSUER + users_path(name), digest[16:29].hex())
        self.verifier = Verifier(self.keys, self.expected)
        self._head = encoded(json.encode({"alg": "RS256", "kid": self.kid, "typ": "JWT"}))

    def signed(self, claims: Mapping[str, Any]) -> str:
        """The token. It takes a millisecond."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        message = self._head + b"." + encoded(json.encode(claims))
        return (
            message + b"." + encoded(self._private.sign(message, PKCS1v15(), SHA256()))
        ).decode()


class Issuing:
    """The issuer of one declaration, once somebody needs it. `folder` None is a state in memory,
    of a test: it needs no threads, and with them no run of it would be like another.
    """

    def __init__(self, name: str, folder: Path | None) -> None:
        self._name, self._folder = name, folder
        self._making = asyncio.Lock()
        self._issuer: Issuer | None = None

    async def issuer(self) -> Issuer:
        if self._issuer is None:
            async with self._making:
                if self._issuer is None:
                    self._issuer = await self._aside(self._made)
        return self._issuer

    async def signed(self, claims: Mapping[str, Any]) -> str:
        issuer = await self.issuer()
        return await self._aside(lambda: issuer.signed(claims))

    async def _aside(self, call: Callable[[], R]) -> R:
        return call() if self._folder is None else await asyncio.to_thread(call)

    def _made(self) -> Issuer:
        folder = self._folder
        private = _kept(folder / f"users-{self._name}.key") if folder is not None else _fleeting()
        return Issuer(self._name, private)


def _kept(path: Path) -> RSAPrivateKey:
    """The key in a file, which is made when there is none: whole, or not at all."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(_written(_generated()))
            opened.flush()
            os.fsync(opened.fileno())
        fresh.rename(path)
    path.chmod(0o600)
    try:
        found: Any = load_pem_private_key(path.read_bytes(), None)
    except ValueError as error:
        reason = f"{path} is no key. hint: move it away to make another; all sign in again"
        raise Unavailable(reason) from error
    return found


@cache
def _fleeting() -> RSAPrivateKey:
    return _generated()


def _generated() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    return generate_private_key(EXPONENT, KEY_BITS)


def _written(private: RSAPrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
