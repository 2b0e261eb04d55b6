"""One owner for a state folder: a lock the kernel releases when the process dies, and a line that
says who holds it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ..errors import StateError


class Owner:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "owner"
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unusable(folder, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self._path.read_text(errors="replace").strip() or "another process"
            os.close(self._file)
            raise StateError(
                f"{folder} belongs to {holder}, which is running\n"
                "    hint: stop it, or give this one a state of its own with --state DIR"
            ) from None
        except OSError as error:  # a file system without locks
            os.close(self._file)
            raise unusable(folder, error) from error
        self.say(f"process {os.getpid()}")

    def say(self, who: str) -> None:
        """What a second process is told."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, who.encode(), 0)

    def release(self) -> None:
        os.ftruncate(self._file, 0)
        os.close(self._file)


def unusable(folder: Path, error: OSError) -> StateError:
    return StateError(
        f"the state folder {folder} cannot be used: {error.strerror or error}\n"
        "    hint: check its owner and mount, or say --state DIR"
    )
