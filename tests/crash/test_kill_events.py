"""The same for all else that calls a function: what was published, set, started or told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.crash.driver import APPS, Trial, by_the_minute, killed_again_and_again
from tests.crash.loads import event_loads
from tests.crash.test_kill import judge

KILLS = 60
QUIET = 8  # rounds at the end in which nothing fails: the last attempts come in time


def test_what_was_published_set_started_or_told_is_lost_by_no_kill_9(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    loads = event_loads(KILLS - QUIET)
    trial = Trial(APPS / "events", KILLS, loads, by_the_minute())
    judge(killed_again_and_again(tmp_path, trial), KILLS, record_property)
