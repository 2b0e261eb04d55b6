"""Trinity's promise: whenever the process dies, no vote is lost or counted twice, a room has one
match, and never more people than seats.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.driver import Trial, killed_again_and_again
from tests.crash.loads.joins import JoinLoad
from tests.crash.loads.swipes import SwipeLoad
from tests.crash.test_kill import all_held

ROOT = Path(__file__).parents[2]
KILLS = 16
LOAD_S_MAX = 2.0  # until a group may have its match
KILLS_JOINING, JOINING_S_MAX = 6, 0.4


@pytest.fixture(autouse=True)
def trinity_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [str(ROOT / "apps"), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(found))


def test_no_vote_is_lost_or_counted_twice_by_kill_9_and_a_room_has_one_match(
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    load = SwipeLoad()
    trial = Trial(Path(__file__).parent / "swipes", KILLS, [load], load_s_max=LOAD_S_MAX)
    all_held(killed_again_and_again(tmp_path, trial), KILLS, record_property)
    assert load.acknowledged > KILLS
    assert load.matched > 0


def test_s6_no_room_has_more_people_than_seats_by_kill_9_and_who_was_let_in_is_there(
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    load = JoinLoad()
    trial = Trial(Path(__file__).parent / "swipes", KILLS_JOINING, [load], load_s_max=JOINING_S_MAX)
    all_held(killed_again_and_again(tmp_path, trial), KILLS_JOINING, record_property)
    assert load.repeated > 0
    assert load.turned_away > 0
    assert load.acknowledged > KILLS_JOINING
