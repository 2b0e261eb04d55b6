"""The files of a site on this machine, as they are now. Small ones stay in memory for as long as
they do not change, bounded; large ones are read by threads, a piece at a time.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import stat
from collections import OrderedDict
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..graph.folder import is_within
from ..graph.media import is_compressed, type_of

HELD_BYTES_MAX = 524_288  # of one file
ALL_HELD_BYTES_MAX = 67_108_864
KNOWN_MAX = 20_000  # files whose tag is remembered
PIECE_BYTES = 262_144
LEVEL = 6  # of gzip
FLAGS = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0)  # no pipe holds a thread

Signature = tuple[int, int, int, int]


class Changed(OSError):
    """It became another while it was being read."""


@dataclass(frozen=True)
class File:
    """`tag` is a strong one, of what is in it. `body` and `packed` are None where not held."""

    path: str
    type: str
    signature: Signature
    size: int
    modified: int
    tag: str
    body: bytes | None
    packed: bytes | None

    @property
    def packed_tag(self) -> str:
        """Another body of bytes has another tag."""
        return f'{self.tag[:-1]}-gz"'

    @property
    def held(self) -> int:
        return len(self.body or b"") + len(self.packed or b"")


class Folder:
    """Reads what names, already found sound, stand for."""

    def __init__(self, path: Path) -> None:
        self._path, self._home = str(path), os.path.realpath(path)
        self._known: OrderedDict[str, File] = OrderedDict()
        self._held = 0

    async def file(self, name: str) -> File | None:
        """None when there is no such file, or it is none of the site."""
        path = os.path.join(self._path, name)
        try:
            signature = signed(os.stat(path))
            known = self._known.get(name)
            if known is not None and known.signature == signature:
                self._known.move_to_end(name)
                return known
            if signature is None:
                return None
            found = await asyncio.to_thread(read, path, self._home)
        except (OSError, ValueError):  # gone, forbidden, too long
            return None
        if found is not None:
            self._keep(name, found)
        return found

    def _keep(self, name: str, file: File) -> None:
        old = self._known.pop(name, None)
        self._held += file.held - (old.held if old else 0)
        self._known[name] = file
        while self._held > ALL_HELD_BYTES_MAX or len(self._known) > KNOWN_MAX:
            self._held -= self._known.popitem(last=False)[1].held


def signed(found: os.stat_result) -> Signature | None:
    """By which a change is seen; None of what is no plain file."""
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def read(path: str, home: str) -> File | None:
    """The file as it is; None when a link leads to it from inside the folder to outside."""
    with open(os.open(path, FLAGS), "rb") as opened:
        found = os.fstat(opened.fileno())
        signature = signed(found)
        # It is open before it is looked at: a link that is changed meanwhile is noticed.
        real = os.path.realpath(path)
        if signature is None or not is_within(path, home) or signed(os.stat(real)) != signature:
            return None
        type, digest = type_of(path), sha256()
        body = opened.read(HELD_BYTES_MAX + 1) if found.st_size <= HELD_BYTES_MAX else None
        if body is not None:
            digest.update(body)
        while body is None and (piece := opened.read(PIECE_BYTES)):
            digest.update(piece)
        if signed(os.fstat(opened.fileno())) != signature:
            raise Changed(path)
    packed = None
    if body is not None and is_compressed(type, len(body)):
        packed = gzip.compress(body, LEVEL, mtime=0)
        packed = packed if len(packed) < len(body) else None
    tag = f'"{digest.hexdigest()[:32]}"'
    modified = int(found.st_mtime)
    return File(path, type, signature, found.st_size, modified, tag, body, packed)


async def pieces(file: File, start: int, end: int) -> AsyncGenerator[bytes]:
    """From the disk; Changed when it is not the same file any more."""
    opened = await asyncio.to_thread(os.open, file.path, FLAGS)
    try:
        if signed(os.fstat(opened)) != file.signature:
            raise Changed(file.path)
        while start < end:
            piece = await asyncio.to_thread(os.pread, opened, min(PIECE_BYTES, end - start), start)
            if not piece:
                raise Changed(file.path)
            start += len(piece)
            yield piece
    finally:
        os.close(opened)
