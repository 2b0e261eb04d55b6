"""Trinity's promise: whenever the process dies, no vote is lost or counted twice, and a room has
one match.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import COUNTED
from tests.crash.driver import Trial, killed_again_and_again
from tests.crash.loads.swipes import SwipeLoad

ROOT = Path(__file__).parents[2]
KILLS = 16
LOAD_S_MAX = 2.0  # until a group may have its match


def test_no_vote_is_lost_or_counted_twice_by_kill_9_and_a_room_has_one_match(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    found = [str(ROOT / "apps"), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(found))
    load = SwipeLoad()
    trial = Trial(Path(__file__).parent / "swipes", KILLS, [load], load_s_max=LOAD_S_MAX)
    counts = killed_again_and_again(tmp_path, trial)
    record_property(COUNTED, str(counts))
    assert counts.wrong == []
    assert counts.restarts == counts.kills == KILLS
    assert load.acknowledged > KILLS
    assert load.matched > 0
