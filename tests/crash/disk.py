"""Which bytes of a state would survive a power cut: what an fdatasync has covered, nothing else.

It watches the app's own syncer and checkpointer from inside its process. An image of the state has
the WAL cut at its last synced frame with a torn tail behind it, and of a database file that a
checkpoint has written to since it was last synced, any mixture of old and new pages.
"""

from __future__ import annotations

import os
import random
import shutil
import threading
from asyncio import AbstractEventLoop
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from skylift.errors import Unavailable
from skylift.local import checkpoint, database
from skylift.local.checkpoint import Checkpointer
from skylift.local.syncer import Syncer

PAGE, SECTOR = 4096, 512
HEADER, FRAME = 32, 24 + PAGE  # of a WAL
SALT_AT, SALT_BYTES = 16, 8
TAIL_MAX = 9_000
CHECKPOINT_PAGES, RESTART_PAGES = 1_000, 2_000  # small: checkpoints come all the time
FLIGHT, TELEMETRY = "in_flight", "telemetry"


class Position(NamedTuple):
    """The end of the WAL: its generation, which changes when it starts over, and its frames."""

    salt: bytes
    frames: int

    @property
    def bytes(self) -> int:
        return HEADER + self.frames * FRAME


class Cut(NamedTuple):
    """What an image lost."""

    wal_bytes: int
    is_mixed: bool  # its database file holds a part of a checkpoint


class Disk:
    """Of the next Database that is opened in this process. A lying one says that it has synced, and
    has not.
    """

    def __init__(self, folder: Path, chance: random.Random, *, lies: bool = False) -> None:
        self._folder, self._chance, self._lies = folder, chance, lies
        self._folding = threading.Lock()  # while a checkpoint runs
        self.is_folded = False  # a checkpoint began since the database file was last synced
        self._database = b""  # as it was synced
        self._flight = b""  # as it was some time ago
        self.written = self.synced = Position(b"", 0)
        database.Syncer, database.Checkpointer = self._syncer, self._checkpointer  # type: ignore
        checkpoint.CHECKPOINT_PAGES, checkpoint.RESTART_PAGES = CHECKPOINT_PAGES, RESTART_PAGES

    # -- watching

    def _syncer(self, path: Path, loop: AbstractEventLoop) -> Syncer:
        disk = self

        class WatchedSyncer(Syncer):
            def _synced(self) -> Unavailable | None:
                covered = disk.written  # what is committed from here on may be covered or not
                failure = super()._synced()
                if failure is None and not disk._lies:
                    disk.synced = covered
                return failure

        return WatchedSyncer(path, loop)

    def _checkpointer(self, path: Path, connection: Any) -> Checkpointer:
        disk = self
        disk._database = path.read_bytes()

        class WatchedCheckpointer(Checkpointer):
            def _committed(self, connection: apsw.Connection, name: str, pages: int) -> int:
                disk._wrote(path, pages)
                return super()._committed(connection, name, pages)

            def _fold(self, connection: Any) -> None:
                with disk._folding:
                    disk.is_folded = True
                    super()._fold(connection)

        return WatchedCheckpointer(path, connection)

    def _wrote(self, path: Path, frames: int) -> None:
        with open(f"{path}-wal", "rb") as wal:
            salt = os.pread(wal.fileno(), SALT_BYTES, SALT_AT)
        if salt != self.written.salt and self.written.salt:
            with self._folding:  # the WAL starts over only when all of it is in the synced file
                self._database, self.is_folded = path.read_bytes(), False
        self.written = Position(salt, frames)

    # -- the cut

    def cut(self, image: Path) -> Cut:
        """Write to `image` what a power cut at this instant might leave. On the loop's thread."""
        image.mkdir(parents=True)
        for path in self._folder.iterdir():
            if path.is_file() and not path.name.startswith("state.db"):
                with suppress(FileNotFoundError):  # telemetry's thread has just ended its journal
                    shutil.copyfile(path, image / path.name)
        # A mixed file comes with its whole WAL: on a disk that lies, nothing would be missing.
        is_mixed = self.is_folded and not self._lies and self._chance.random() < 0.5
        # No page is written to the database file before its frame is synced.
        synced = self.written if is_mixed else self.synced
        if synced.salt != self.written.salt:
            synced = Position(self.written.salt, 0)  # SQLite syncs the header by itself
        wal = (self._folder / "state.db-wal").read_bytes()
        (image / "state.db").write_bytes(self._mixed() if is_mixed else self._database)
        (image / "state.db-wal").write_bytes(wal[: synced.bytes] + self._tail(wal[synced.bytes :]))
        self._age_flight(image / FLIGHT)
        self._tear_telemetry(image)
        return Cut(self.written.bytes - synced.bytes, is_mixed)

    def _mixed(self) -> bytes:
        old, new = self._database, (self._folder / "state.db").read_bytes()
        pages = [
            (old if self._chance.random() < 0.5 and at < len(old) else new)[at : at + PAGE]
            for at in range(0, len(new), PAGE)
        ]
        return b"".join(pages)

    def _tail(self, unsynced: bytes) -> bytes:
        """Nothing, garbage, or what was written with holes in it."""
        kind = self._chance.randrange(3)
        if kind == 0:
            return b""
        if kind == 1:
            return self._chance.randbytes(self._chance.randrange(TAIL_MAX))
        hole = bytes(SECTOR)
        return b"".join(
            unsynced[at : at + SECTOR] if self._chance.random() < 0.7 else hole
            for at in range(0, len(unsynced), SECTOR)
        )

    def _age_flight(self, path: Path) -> None:
        """The kernel writes a mapped file when it likes: it is as new, as old, or never written."""
        now = path.read_bytes()
        path.write_bytes(self._chance.choice([now, self._flight or now, bytes(len(now))]))
        self._flight = now

    def _tear_telemetry(self, image: Path) -> None:
        """A second of it may be lost."""
        for wal in image.glob(f"{TELEMETRY}*-wal"):
            os.truncate(wal, self._chance.randrange(wal.stat().st_size + 1))
        for shared in image.glob(f"{TELEMETRY}*-shm"):
            shared.unlink()
