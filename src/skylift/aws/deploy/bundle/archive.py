"""Zips whose bytes depend on nothing but their content: entries by name, one date, two modes, one
level of compression. Each content is compressed once, however many zips it is in.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from hashlib import sha256
from struct import Struct as Layout

from msgspec import Struct

LEVEL = 9
DATE = 33  # 1980-01-01, the first day a zip knows
TEXT, PROGRAM = 0o100644, 0o100755
VERSION, UNIX, UTF8, STORED, DEFLATED = 20, 3, 0x800, 0, 8
ENTRIES_MAX = 65_535

LOCAL = Layout("<4s5H3I2H")
CENTRAL = Layout("<4s6H3I5H2I")
END = Layout("<4s4H2IH")


class Pressed(Struct, frozen=True, array_like=True):
    """A content as a zip holds it."""

    crc: int
    size: int
    stored: bytes
    method: int


def pressed(content: bytes) -> Pressed:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    short = packer.compress(content) + packer.flush()
    crc = zlib.crc32(content)
    if len(short) < len(content):
        return Pressed(crc, len(content), short, DEFLATED)
    return Pressed(crc, len(content), content, STORED)


def zipped(entries: Iterable[tuple[str, Pressed, int]]) -> bytes:
    """A zip of these: name, content and mode."""
    parts: list[bytes] = []
    index: list[bytes] = []
    at = 0
    for name, one, mode in sorted(entries, key=lambda entry: entry[0]):
        raw = name.encode()
        flags = 0 if name.isascii() else UTF8
        sizes = (one.crc, len(one.stored), one.size)
        how = (flags, one.method, 0, DATE)
        parts += [LOCAL.pack(b"PK\3\4", VERSION, *how, *sizes, len(raw), 0), raw, one.stored]
        made_by = UNIX << 8 | VERSION
        rest = (len(raw), 0, 0, 0, 0, mode << 16, at)
        index += [CENTRAL.pack(b"PK\1\2", made_by, VERSION, *how, *sizes, *rest), raw]
        at += LOCAL.size + len(raw) + len(one.stored)
    count, length = len(index) // 2, sum(map(len, index))
    assert count <= ENTRIES_MAX
    end = END.pack(b"PK\5\6", 0, 0, count, count, length, at, 0)
    return b"".join([*parts, *index, end])


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()
