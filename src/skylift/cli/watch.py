"""Changes in an app's folder, as the kernel tells them; nothing is polled where a wake-up can be
had.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

QUIET_MS = 60  # an editor writes a file in several steps


async def changes(folder: Path) -> AsyncIterator[set[str]]:
    """The names of the Python files that changed, once they are quiet."""
    from watchfiles import PythonFilter, awatch  # 20 ms nobody needs before the first request

    async for batch in awatch(folder, watch_filter=PythonFilter(), step=20, debounce=QUIET_MS * 10):
        yield {str(Path(path).relative_to(folder)) for _, path in batch}
