"""What SQLite says when the disk or the file is not well, in words that say what next."""

from __future__ import annotations

from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

import apsw

from ..errors import Unavailable


def described(error: apsw.Error, path: Path | None) -> str:
    """A state that cannot be opened."""
    for kinds, said, hint in OPENING:
        if isinstance(error, kinds):
            return f"{path} {said}: {error}\n    hint: {hint}"
    return f"{path}: {error}"


def translated(error: apsw.Error) -> Unavailable:
    """A failure at run time, as every backend says it. The tick was rolled back."""
    if isinstance(error, apsw.FullError):
        return Unavailable("the disk is full: nothing of this was written")
    if isinstance(error, DAMAGED):
        return Unavailable("the state is damaged: stop and run `skylift doctor`")
    if isinstance(error, apsw.IOError):
        return Unavailable(f"the disk failed: {error}", unknown=True)
    return Unavailable(f"the state cannot be written: {error}")


def lacks_room(error: apsw.Error, errno: int) -> bool:
    """Whether a write failed for want of room, which a shorter WAL may give. `errno` is the last
    the system told SQLite: of a quota and of a limit it makes no disk that is full.
    """
    is_limited = isinstance(error, apsw.IOError) and errno in (ENOSPC, EDQUOT, EFBIG)
    return is_limited or isinstance(error, apsw.FullError)


DAMAGED = (apsw.NotADBError, apsw.CorruptError)
OPENING = (
    (
        DAMAGED,
        "is damaged",
        "run `skylift doctor`, restore a copy of the folder, or move it away to start empty",
    ),
    (
        (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError),
        "cannot be written",
        "check the folder's owner and mount, or say --state DIR",
    ),
    (
        (apsw.FullError,),
        "has no room: the disk is full",
        "free some space and start again; nothing accepted was lost",
    ),
    (
        (apsw.BusyError,),
        "is locked by another program",
        "close the SQLite shell or the backup that writes to it",
    ),
)
