"""The promise behind everything: what was acknowledged survives `kill -9` at any instant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.driver import KILLS, killed_again_and_again

IN_A_WRITE_MIN = 0.2  # of the kills, or the test has not tried hard enough


def test_no_acknowledged_effect_is_lost_by_kill_9(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = killed_again_and_again(tmp_path)
    with capsys.disabled():
        print(f"\n{counts}")
    assert counts.wrong == []
    assert counts.restarts == counts.kills == KILLS
    assert counts.in_a_write >= IN_A_WRITE_MIN * counts.kills
