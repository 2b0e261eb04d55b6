"""Where the owner of a state is asked: a Unix socket in the state folder, for its user alone, never
an address of the network. A path that no socket can have is replaced by one in a private temporary
folder, which a file in the state folder names.
"""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

NAME, ELSEWHERE = "control", "control.path"
PATH_BYTES_MAX = 100  # the kernel takes 108 on Linux, 104 elsewhere
TEMPORARY = "skylift-"
BACKLOG = 32
CONNECT_S_MAX = 5.0


class NotListening(Exception):
    """Nobody is asked there: no owner, or one that is starting or stopping."""


class Listening:
    """The owner's end. Whoever makes it holds the lock of the state: what an owner that was killed
    has left behind is removed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        _remove_stale(self._folder)
        try:
            self.path = _fitting(self._folder / NAME)
            self.socket = _bound(self.path)
        except OSError:  # too long a path, or a file system without sockets
            self._listen_elsewhere()

    def close(self) -> None:
        self.socket.close()
        with suppress(OSError):
            self.path.unlink()
            if self.path.parent != self._folder:
                self.path.parent.rmdir()
                (self._folder / ELSEWHERE).unlink()

    def _listen_elsewhere(self) -> None:
        private = Path(mkdtemp(prefix=TEMPORARY))
        self.path = private / NAME
        try:
            self.socket = _bound(_fitting(self.path))
            (self._folder / ELSEWHERE).write_text(str(self.path), "utf-8")
        except OSError:
            rmtree(private, ignore_errors=True)
            raise


def connected(folder: Path) -> socket.socket:
    """The other end, blocking; NotListening when nobody listens."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.settimeout(CONNECT_S_MAX)
    try:
        found.connect(os.fsencode(_fitting(_place(folder.absolute()))))
    except OSError as error:
        found.close()
        raise NotListening(str(error)) from error
    found.settimeout(None)
    return found


def _place(folder: Path) -> Path:
    try:
        return Path((folder / ELSEWHERE).read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return folder / NAME


def _fitting(path: Path) -> Path:
    if len(os.fsencode(path)) > PATH_BYTES_MAX or "\0" in str(path):
        raise OSError(f"{path} is too long for a socket")
    return path


def _bound(path: Path) -> socket.socket:
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(found.fileno(), 0o600)  # Linux: there is no moment in which others may connect
        found.bind(os.fsencode(path))
        path.chmod(0o600)
        found.listen(BACKLOG)
        found.setblocking(False)
    except OSError:
        found.close()
        raise
    return found


def _remove_stale(folder: Path) -> None:
    """Of this state alone: the folder may be a copy of one whose owner lives."""
    elsewhere = _place(folder)
    with suppress(OSError):
        if elsewhere.parent != folder and _is_ours(elsewhere) and not _is_alive(elsewhere):
            elsewhere.unlink()
            elsewhere.parent.rmdir()
    for name in (NAME, ELSEWHERE):
        with suppress(OSError):
            (folder / name).unlink()


def _is_ours(path: Path) -> bool:
    status = path.lstat()
    is_private = stat.S_ISSOCK(status.st_mode) and status.st_uid == os.geteuid()
    return is_private and path.name == NAME and path.parent.name.startswith(TEMPORARY)


def _is_alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as found:
        found.settimeout(CONNECT_S_MAX)
        return found.connect_ex(os.fsencode(path)) == 0
