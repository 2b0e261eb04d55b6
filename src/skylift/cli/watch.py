"""Changes in an app's folder, as the kernel tells them: nothing is polled, and nothing is missed
between the import of the code and the first moment of watching."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeAlias

STEP_MS = 20  # between two looks into what the kernel has told
QUIET_MS = 600  # an editor may go on writing for so long

Snapshot: TypeAlias = dict[str, tuple[int, int]]


# No author edits what is in these, and a venv alone holds thousands of files.
FOREIGN = frozenset(["__pycache__", "node_modules", "site-packages", "dist-packages"])


def snapshot(folder: Path) -> Snapshot:
    """Time and size of each Python file of the author's."""
    found: Snapshot = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if is_own(name)]
        for name in files:
            file = Path(place, name)
            if file.suffix != ".py":
                continue
            try:
                status = file.stat()
            except OSError:  # gone since it was listed
                continue
            found[str(file.relative_to(folder))] = (status.st_mtime_ns, status.st_size)
    return found


def is_own(folder: str) -> bool:
    return not folder.startswith(".") and folder not in FOREIGN


async def changes(folder: Path, seen: Snapshot) -> AsyncIterator[set[str]]:
    """The names of the Python files that changed since `seen`, once they are quiet."""
    import watchfiles  # 20 ms nobody needs before the first request

    logging.getLogger("watchfiles").setLevel(logging.WARNING)  # not the app's own news
    kernel: Any = watchfiles  # its stubs are half unknown to a strict checker

    def is_code(_change: object, path: str) -> bool:
        return path.endswith(".py") and all(map(is_own, Path(path).relative_to(folder).parts[:-1]))

    watching = kernel.awatch(folder, watch_filter=is_code, step=STEP_MS, debounce=QUIET_MS)
    upcoming = asyncio.ensure_future(anext(watching))
    try:
        await asyncio.sleep(0)  # from here on the kernel tells
        missed = dict(snapshot(folder).items() ^ seen.items()).keys()
        if missed:
            yield set(missed)
        while True:
            batch = await upcoming
            upcoming = asyncio.ensure_future(anext(watching))
            yield {str(Path(path).relative_to(folder)) for _, path in batch}
    finally:
        upcoming.cancel()
