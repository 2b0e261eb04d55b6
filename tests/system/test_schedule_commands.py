"""What commands say of schedules: when they run next, and why one does not; a run by hand."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import apsw

from tests.served import SKYLIFT, Served

NIGHT = Path(__file__).parents[1] / "apps" / "night"
YEAR_S = 366 * 86_400


def said(state: Path, command: str, *more: str, given: str = "") -> Any:
    done = subprocess.run(
        [SKYLIFT, command, str(NIGHT), *more, "--state", str(state), "--json"],
        input=given,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return json.loads(done.stdout)


def schedules(state: Path) -> list[dict[str, str]]:
    found = said(state, "doctor")["findings"]
    return [one for one in found if one["subject"] == "schedule"]


def test_doctor_says_when_a_schedule_runs_next(tmp_path: Path) -> None:
    nightly, beat, doors = [one["found"] for one in schedules(tmp_path)]
    pattern = r"'nightly' runs next at 20..-..-.. 03:30 Europe/Madrid, at 0[12]:30 UTC"
    assert re.fullmatch(pattern, nightly)
    assert beat == "'beat' runs every 20 minutes"
    assert re.fullmatch(r"'doors' runs next at 20..-..-.. (00|06|12|18):00 UTC", doors)


def test_doctor_finds_a_schedule_that_a_wrong_clock_has_put_off(tmp_path: Path) -> None:
    with Served(NIGHT, tmp_path) as served:
        assert served.terminate() == 0
    assert {one["verdict"] for one in schedules(tmp_path)} == {"ok"}
    state = apsw.Connection(str(tmp_path / "night" / "state.db"))
    ahead = int(time.time()) + YEAR_S
    state.execute("UPDATE schedules SET done = ? WHERE name = 'doors'", (ahead,))
    state.close()
    (wrong,) = [one for one in schedules(tmp_path) if one["verdict"] != "ok"]
    assert "'doors' has run for 20" in wrong["found"]
    assert "another name" in wrong["remedy"]


def test_a_run_by_hand_is_for_the_time_it_is_given(tmp_path: Path) -> None:
    given = '{"time": "2026-11-30T02:30:00Z"}'
    found = said(tmp_path, "invoke", "watch.look_around", "--event=-", given=given)
    assert found["failure"] is None, found


def test_a_rate_runs_at_once_and_not_again_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        with Served(NIGHT, tmp_path) as served:
            time.sleep(0.3)
            assert served.terminate() == 0
    state = apsw.Connection(str(tmp_path / "night" / "state.db"))
    runs = state.execute("""SELECT count(*) FROM "table:rounds" WHERE schedule = 'beat'""").get
    state.close()
    assert runs == 1
