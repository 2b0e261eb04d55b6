"""What one build leaves to the next: bytecode, compressed contents and what sources import, each
under the hash of all it was made from. Nothing in it can be stale, and what a build did not use is
gone after it.
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from pathlib import Path

from msgspec import DecodeError, Struct, field, msgpack

from . import imported
from .archive import Pressed, digest, pressed
from .imported import Reading, read_imports

WORTH = 4_096  # bytes: what is smaller is compressed anew as fast as it is found
FORM = "1"  # of the file; another one knows nothing of what was kept


class Kept(Struct):
    """What the file holds."""

    form: str = FORM
    contents: dict[str, Pressed] = field(default_factory=dict[str, Pressed])
    readings: dict[str, Reading] = field(default_factory=dict[str, Reading])


class Cache:
    """Kept in a file, or in memory alone."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._before = _read(file) if file is not None else Kept()
        self._used = Kept()
        self._rules = Path(imported.__file__).read_bytes()  # another reader reads anew

    def pressed(self, content: bytes, digest: str) -> Pressed:
        found = self.get(digest)
        if found is None:
            found = pressed(content)
            if len(content) >= WORTH:
                self.put(digest, found)
        return found

    def get(self, key: str) -> Pressed | None:
        found = self._used.contents.get(key) or self._before.contents.get(key)
        if found is not None:
            self._used.contents[key] = found
        return found

    def put(self, key: str, value: Pressed) -> None:
        self._used.contents[key] = value

    def reading(self, source: bytes, version: tuple[int, int]) -> Reading:
        """What a source imports on a target of this version; SyntaxError when it is no Python."""
        key = key_of(sys.version, self._rules, digest(source), "{}.{}".format(*version))
        found = self._used.readings.get(key) or self._before.readings.get(key)
        if found is None:
            found = read_imports(source, version)
        self._used.readings[key] = found
        return found

    def close(self) -> None:
        if self._file is None or self._is_unchanged():
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._file, msgpack.encode(self._used))

    def _is_unchanged(self) -> bool:
        used, before = self._used, self._before
        is_same = used.contents.keys() == before.contents.keys()
        return is_same and used.readings.keys() == before.readings.keys()


def write_whole(file: Path, content: bytes) -> None:
    """Under another name first: a build that dies leaves what was there."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(file)


def key_of(*parts: str | bytes) -> str:
    """A key for what was made from these."""
    seen = sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        seen.update(len(raw).to_bytes(8, "little") + raw)
    return seen.hexdigest()


def _read(file: Path) -> Kept:
    try:
        kept = msgpack.decode(file.read_bytes(), type=Kept)
    except (OSError, DecodeError):  # none yet, or one that somebody else wrote
        return Kept()
    return kept if kept.form == FORM else Kept()
