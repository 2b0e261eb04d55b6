"""The promise behind everything: what was acknowledged survives `kill -9` at any instant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.driver import APPS, Counts, Trial, by_the_minute, killed_again_and_again
from tests.crash.loads import all_loads, event_loads

KILLS, EVENT_KILLS = 140, 60
QUIET = 8  # rounds at the end in which nothing fails: the last attempts come in time
IN_A_WRITE_MIN = 0.2  # of the kills, or the test has not tried hard enough


def test_no_acknowledged_effect_is_lost_by_kill_9(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = Trial(APPS / "ledger", KILLS, all_loads())
    judge(killed_again_and_again(tmp_path, trial), KILLS, capsys)


def test_what_was_published_set_started_or_told_is_lost_by_no_kill_9(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loads = event_loads(EVENT_KILLS - QUIET)
    trial = Trial(APPS / "events", EVENT_KILLS, loads, by_the_minute())
    judge(killed_again_and_again(tmp_path, trial), EVENT_KILLS, capsys)


def judge(counts: Counts, kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{counts}")
    assert counts.wrong == []
    assert counts.restarts == counts.kills == kills
    assert counts.in_a_write >= IN_A_WRITE_MIN * counts.kills
