"""One owner for a state folder: a lock the kernel releases when the process dies, and a line that
says who holds it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

from ..errors import StateError

COMMAND = "`skylift "  # how one begins that owns a state for a moment
UNSAID = "another process"  # it has just begun or is about to end
LOOK_S, PATIENCE_S = 0.05, 5.0


class Owned(StateError):
    """Another process has it."""

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(
            f"{folder} belongs to {holder}, which is running\n"
            "    hint: stop it, or give this one a state of its own with --state DIR"
        )
        self.is_brief = holder.startswith((COMMAND, UNSAID))


class Owner:
    def __init__(self, folder: Path, who: str = "") -> None:
        self.folder, self._path = folder, folder / "owner"
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unusable(folder, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self._path.read_text(errors="replace").strip() or UNSAID
            os.close(self._file)
            raise Owned(folder, holder) from None
        except OSError as error:  # a file system without locks
            os.close(self._file)
            raise unusable(folder, error) from error
        self.say(f"{who} (process {os.getpid()})" if who else f"process {os.getpid()}")

    def say(self, who: str) -> None:
        """What a second process is told."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, who.encode(), 0)

    def release(self) -> None:
        os.ftruncate(self._file, 0)
        os.close(self._file)


async def owned(folder: Path) -> Owner:
    """The state's owner; a command that has it for a moment is waited for. StateError otherwise."""
    for _ in range(round(PATIENCE_S / LOOK_S)):
        try:
            return Owner(folder)
        except Owned as error:
            if not error.is_brief:
                raise
        await asyncio.sleep(LOOK_S)
    return Owner(folder)


def unusable(folder: Path, error: OSError) -> StateError:
    return StateError(
        f"the state folder {folder} cannot be used: {error.strerror or error}\n"
        "    hint: check its owner and mount, or say --state DIR"
    )
