"""A command of this Python with the app's clock set ahead: `ahead.py SECONDS COMMAND …`. So what
comes by the minute comes while a test runs, and what has expired is swept at once.
"""

from __future__ import annotations

import runpy
import sys
import time
from datetime import UTC, datetime

from skylift import system
from skylift.local import sweep

SWEPT_EVERY_S = 0.2


def set_ahead(by_s: float) -> None:
    class ClockAhead(system.SystemClock):
        def now(self) -> datetime:
            return datetime.fromtimestamp(self.time(), UTC)

        @staticmethod
        def time() -> float:  # type: ignore[override]
            return time.time() + by_s

    system.SystemClock = ClockAhead  # type: ignore[misc]
    sweep.EVERY_S = SWEPT_EVERY_S


if __name__ == "__main__":
    set_ahead(float(sys.argv[1]))
    del sys.argv[:2]
    runpy.run_path(sys.argv[0], run_name="__main__")
