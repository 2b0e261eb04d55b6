"""Cursors: a position in a listing, sealed so that a client can carry it but neither read meaning
into it nor forge it.
"""

from __future__ import annotations

from _blake2 import blake2b  # hashlib would load OpenSSL
from binascii import Error, a2b_base64, b2a_base64

from ..errors import BadRequest

SEAL_BYTES = 16
_URL = bytes.maketrans(b"+/", b"-_")
_PLAIN = bytes.maketrans(b"-_", b"+/")


def sealed(position: bytes, bound: str, key: bytes) -> str:
    """The cursor of a position; it opens only under the same `bound`, which names the listing it
    belongs to.
    """
    text = b2a_base64(_seal(position, bound, key) + position, newline=False)
    return text.translate(_URL).rstrip(b"=").decode()


def opened(cursor: str, bound: str, key: bytes) -> bytes:
    """The position inside; BadRequest for a cursor that was not made for this listing."""
    try:
        text = cursor.encode("ascii")
        raw = a2b_base64(text.translate(_PLAIN) + b"=" * (-len(text) % 4))
    except (UnicodeEncodeError, Error):
        text = raw = b""
    position = raw[SEAL_BYTES:]
    # The text itself is compared: base64 has several for the same bytes.
    if not _same(text, sealed(position, bound, key).encode()):
        raise BadRequest("the cursor does not belong to this listing: start again without one")
    return position


def _seal(position: bytes, bound: str, key: bytes) -> bytes:
    return blake2b(bound.encode() + b"\0" + position, key=key, digest_size=SEAL_BYTES).digest()


def _same(left: bytes, right: bytes) -> bool:
    from _operator import _compare_digest  # pyright: ignore  # hmac's own, without hashlib

    return _compare_digest(left, right)
