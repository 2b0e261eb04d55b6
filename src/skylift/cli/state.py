"""Is an app's state fit to run on: its folder, who owns it, its file, the disk below it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Set
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..errors import StateError
from ..local.forgotten import REMEDY, StoredQueue
from ..local.outside import StateFile, owner_of, read_state
from ..system import SystemClock
from .finding import Finding, in_bytes, of_error

DISK_LEAST, DISK_LITTLE = 100 * 2**20, 2**30  # bytes free
WAL_LARGE = 256 * 2**20  # bytes; four times what makes it start over
DRIFT = timedelta(minutes=5)
NONE: Mapping[str, bool] = {}
OTHERS = 0o077  # permission bits of everybody but the owner


def state(
    folder: Path, declared: Set[str] | None = None, secrets: Mapping[str, bool] = NONE
) -> Iterator[Finding]:
    """`declared` are the names of the app's queues and timers, where the app is known, `secrets`
    those of its secrets, and whether it can do without.
    """
    part = f"state {folder}"
    try:
        yield from _folder(part, folder)
        found = read_state(folder)
        if found is not None:
            yield from _file(part, folder, found)
            if declared is not None:
                yield from _held(part, found, declared)
        if found is None or found.is_checked:
            yield from _unset(part, folder, secrets, found.secrets if found else {})
    except StateError as error:
        yield of_error(part, "file", error)
    except OSError as error:
        remedy = "check the owner of the folder and of those above it, or say --state DIR"
        yield Finding(part, "folder", "wrong", f"{error.strerror}: {error.filename}", remedy)


def _folder(part: str, folder: Path) -> Iterator[Finding]:
    place = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    there = place == folder
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK, effective_ids=True):
        remedy = "check its owner and mount, or say --state DIR"
        what = "cannot be written" if place.is_dir() else "is no folder"
        yield Finding(part, "folder", "wrong", f"{place} {what}", remedy)
    elif there and place.stat().st_mode & OTHERS:
        remedy = f"chmod 700 {folder}"
        yield Finding(part, "folder", "hint", "others on this machine may look inside", remedy)
    else:
        yield Finding(part, "folder", "ok", "writable" if there else "made at the first start")
    free = shutil.disk_usage(place).free
    remedy = "free some space: a full disk refuses every write"
    verdict = "wrong" if free < DISK_LEAST else "hint" if free < DISK_LITTLE else "ok"
    said = f"{in_bytes(free)} free"
    yield Finding(part, "disk", verdict, said, "" if verdict == "ok" else remedy)


def _file(part: str, folder: Path, found: StateFile) -> Iterator[Finding]:
    owner = owner_of(folder)
    yield Finding(
        part, "owner", "ok", f"{owner}, running" if owner else "nobody: it is not running"
    )
    yield Finding(part, "version", "ok", str(found.version))
    yield _size(part, found)
    yield _integrity(part, folder, found)
    written = datetime.fromtimestamp(found.written_at, UTC)
    if written > SystemClock().now() + DRIFT:
        said = f"written at {written:%Y-%m-%d %H:%M:%S} UTC, which is yet to come"
        yield Finding(part, "clock", "wrong", said, "the clock went back: set it")
    for name, done in found.done.items():
        at = datetime.fromtimestamp(done, UTC)
        if at > SystemClock().now() + DRIFT:
            said = f"{name!r} has run for {at:%Y-%m-%d %H:%M} UTC, and waits until that is over"
            remedy = "the clock was ahead once: give the schedule another name, or let it wait"
            yield Finding(part, "schedule", "wrong", said, remedy)


def _held(part: str, found: StateFile, declared: Set[str]) -> Iterator[Finding]:
    for one in found.stored:
        kind = "queue" if isinstance(one, StoredQueue) else "timer"
        if one.name not in declared:
            yield Finding(part, kind, "hint", one.told, REMEDY)
        elif not isinstance(one, StoredQueue):
            yield Finding(part, kind, "ok", one.waiting)


def _unset(
    part: str, folder: Path, secrets: Mapping[str, bool], known: Collection[str]
) -> Iterator[Finding]:
    for name, is_optional in secrets.items():
        if name in known:
            yield Finding(part, "secret", "ok", f"{name!r} is set")
        elif is_optional:
            yield Finding(part, "secret", "ok", f"{name!r} has no value, and is optional")
        else:
            remedy = f"skylift secret set {folder.name} {name}"
            yield Finding(part, "secret", "wrong", f"{name!r} has no value", remedy)


def _size(part: str, found: StateFile) -> Finding:
    said = f"{in_bytes(found.file_bytes)}, and {in_bytes(found.wal_bytes)} of write-ahead log"
    if found.wal_bytes <= WAL_LARGE:
        return Finding(part, "size", "ok", said)
    remedy = "something reads for very long, or the disk is slow; a restart folds the log in"
    return Finding(part, "size", "hint", said, remedy)


def _integrity(part: str, folder: Path, found: StateFile) -> Finding:
    if not found.is_checked:
        said = "not looked at: a log without its index is read at the next start"
        return Finding(part, "integrity", "hint", said, "start the app, then look again")
    if not found.faults:
        return Finding(part, "integrity", "ok", "every page is sound")
    remedy = "stop the app and restore a copy of the folder, or move it away to start empty"
    return Finding(part, "integrity", "wrong", "; ".join(found.faults), remedy)
