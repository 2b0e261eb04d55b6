"""Runs MiniStack on a time that is moved from outside: `python moved_ministack.py OFFSET_FILE`. The
file holds how many seconds its clock is ahead, as one double that whoever moves it shares. Its
Scheduler looks at the clock often, since a test moves it by minutes at a time; and it fills in for
when a run is, which MiniStack's leaves as it was written; `confirming.py` fills in for Cognito.
"""

from __future__ import annotations

import mmap
import runpy
import struct
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

OFFSET = struct.Struct("d")
TICK_S = 0.05
FILLED_IN = "<aws.scheduler.scheduled-time>"


def move_time(path: str) -> None:
    """Before anything of MiniStack is imported: some of it keeps the function for itself."""
    with open(path, "rb") as file:
        shared = mmap.mmap(file.fileno(), OFFSET.size, access=mmap.ACCESS_READ)
    real = time.time

    def moved() -> float:
        return real() + OFFSET.unpack_from(shared)[0]

    time.time = moved


def filled_in(invoke: Callable[..., None]) -> Callable[..., None]:
    """Whole minutes, as schedules are."""

    def invoke_filled(target: dict[str, Any], event: dict[str, Any], *more: Any) -> None:
        if event.get("Source") == "aws.scheduler" and FILLED_IN in target.get("Input", ""):
            minute = datetime.fromtimestamp(event["Time"], UTC).replace(second=0)
            said = f"{minute:%Y-%m-%dT%H:%M:%SZ}"
            target = {**target, "Input": target["Input"].replace(FILLED_IN, said)}
        invoke(target, event, *more)

    return invoke_filled


if __name__ == "__main__":
    move_time(sys.argv.pop())
    from ministack.app import main
    from ministack.services import eventbridge, scheduler

    eventbridge._invoke_target = filled_in(eventbridge._invoke_target)  # pyright: ignore[reportPrivateUsage]
    scheduler._SCHEDULE_TICK_INTERVAL = TICK_S  # pyright: ignore[reportPrivateUsage]
    runpy.run_path(str(Path(__file__).with_name("confirming.py")))["fill_in"]()
    main()
