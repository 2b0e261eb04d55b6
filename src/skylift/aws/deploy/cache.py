"""What one build leaves to the next: bytecode and compressed contents, each under the hash of all
it was made from. Nothing in it can be stale, and what a build did not use is gone after it.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from msgspec import DecodeError, msgpack

from .archive import Pressed, pressed

WORTH = 4_096  # bytes: what is smaller is compressed anew as fast as it is found
FORMAT = "1"


class Cache:
    """Kept in a file, or in memory alone."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._before = _read(file) if file is not None else {}
        self._used: dict[str, Pressed] = {}

    def pressed(self, content: bytes, digest: str) -> Pressed:
        found = self.get(digest)
        if found is None:
            found = pressed(content)
            if len(content) >= WORTH:
                self.put(digest, found)
        return found

    def get(self, key: str) -> Pressed | None:
        found = self._used.get(key) or self._before.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def put(self, key: str, value: Pressed) -> None:
        self._used[key] = value

    def close(self) -> None:
        """Written whole, under another name first: a build that dies leaves the old one."""
        if self._file is None or self._used.keys() == self._before.keys():
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        beside.write_bytes(msgpack.encode((FORMAT, self._used)))
        beside.replace(self._file)


def key_of(*parts: str | bytes) -> str:
    """A key for what was made from these."""
    seen = sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        seen.update(len(raw).to_bytes(8, "little") + raw)
    return seen.hexdigest()


def _read(file: Path) -> dict[str, Pressed]:
    try:
        kept, found = msgpack.decode(file.read_bytes(), type=tuple[str, dict[str, Pressed]])
    except (OSError, DecodeError):  # none yet, or one that somebody else wrote
        return {}
    return found if kept == FORMAT else {}
