"""Runs MiniStack on a time that is moved from outside: `python moved_ministack.py OFFSET_FILE`. The
file holds how many seconds its clock is ahead, as one double that whoever moves it shares. Its
Scheduler looks at the clock often, since a test moves it by minutes at a time.
"""

from __future__ import annotations

import mmap
import struct
import sys
import time

OFFSET = struct.Struct("d")
TICK_S = 0.05


def move_time(path: str) -> None:
    """Before anything of MiniStack is imported: some of it keeps the function for itself."""
    with open(path, "rb") as file:
        shared = mmap.mmap(file.fileno(), OFFSET.size, access=mmap.ACCESS_READ)
    real = time.time

    def moved() -> float:
        return real() + OFFSET.unpack_from(shared)[0]

    time.time = moved


if __name__ == "__main__":
    move_time(sys.argv.pop())
    from ministack.app import main
    from ministack.services import scheduler

    scheduler._SCHEDULE_TICK_INTERVAL = TICK_S  # pyright: ignore[reportPrivateUsage]
    main()
