"""The promise behind everything: what was acknowledged survives `kill -9` at any instant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.conftest import COUNTED
from tests.crash.driver import APPS, Counts, Trial, killed_again_and_again
from tests.crash.loads import all_loads

KILLS = 140  # and 60 in test_kill_events.py
IN_A_WRITE_MIN = 0.2  # of the kills, or the test has not tried hard enough


def test_no_acknowledged_effect_is_lost_by_kill_9(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    trial = Trial(APPS / "ledger", KILLS, all_loads())
    judge(killed_again_and_again(tmp_path, trial), KILLS, record_property)


def judge(counts: Counts, kills: int, record_property: Callable[[str, object], None]) -> None:
    all_held(counts, kills, record_property)
    assert counts.in_a_write >= IN_A_WRITE_MIN * counts.kills


def all_held(counts: Counts, kills: int, record_property: Callable[[str, object], None]) -> None:
    record_property(COUNTED, str(counts))
    assert counts.wrong == []
    assert counts.restarts == counts.kills == kills
