"""SHA-256 and HMAC from the smallest module that has them: a signature needs nothing else.

An import adds, in millions of instructions to the 38 of a bare interpreter (3.11): `_sha256` 0.4,
`_hashlib` 10, hashlib 11, hmac 13. OpenSSL's hash is faster per byte, but only makes up for its
import after some megabytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hashlib import sha256
else:

    def _smallest() -> Callable[[bytes], Any]:
        for module in ("_sha2", "_sha256"):  # since 3.12; 3.11
            try:
                return __import__(module).sha256
            except ImportError:
                continue
        return __import__("hashlib").sha256  # an interpreter built without its own

    sha256 = _smallest()

__all__ = ["hmac_sha256", "sha256"]

BLOCK_BYTES = 64
INNER, OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """RFC 2104 over SHA-256."""
    if len(key) > BLOCK_BYTES:
        key = sha256(key).digest()
    key = key.ljust(BLOCK_BYTES, b"\0")
    inner = sha256(key.translate(INNER) + message).digest()
    return sha256(key.translate(OUTER) + inner).digest()
