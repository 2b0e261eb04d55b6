"""MiniStack whose time can be moved, and the clock that moves it: what a test advances is what the
adapters and the emulator both see. It only goes forward, for all tests of a session.
"""

from __future__ import annotations

import mmap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.rehearsal import moved_ministack
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.moved_ministack import OFFSET

STARTS = datetime(2061, 7, 28, 12, tzinfo=UTC)  # long after today: a leaked real clock is seen


class MovedClock:
    """Real time and so many seconds more, which whoever maps the same file sees at once."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(OFFSET.size))
        self.path = path
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), OFFSET.size)
        self._ahead(STARTS.timestamp() - time.time())

    @property
    def ahead_s(self) -> float:
        return float(OFFSET.unpack_from(self._shared)[0])

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)

    def time(self) -> float:
        return time.time() + self.ahead_s

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s

    def advance(self, **units: float) -> None:
        """`advance(minutes=5)`."""
        self._ahead(self.ahead_s + timedelta(**units).total_seconds())

    def close(self) -> None:
        self._shared.close()

    def _ahead(self, seconds: float) -> None:
        OFFSET.pack_into(self._shared, 0, seconds)


class ClockedMinistack:
    """`with ClockedMinistack(folder) as stack:`; `stack.clock` moves its time."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.clock = MovedClock(folder / "ahead")
        # Not by its folder: a file of ours there has the emulator's name.
        program = ("-P", moved_ministack.__file__, str(self.clock.path))
        self._stack = Ministack(folder, program=program, **settings)
        self.environment = self._stack.environment

    @property
    def log(self) -> str:
        return self._stack.log

    def __enter__(self) -> ClockedMinistack:
        self._stack.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)
        self.clock.close()
