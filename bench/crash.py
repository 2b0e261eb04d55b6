"""The crash test's own engine, with fewer kills: what was acknowledged and is not there."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Measured, Plan, Row
from tests.crash.driver import APPS, Trial, killed_again_and_again
from tests.crash.loads import all_loads


def rows(plan: Plan) -> list[Row]:
    with TemporaryDirectory(prefix="bench-crash-") as folder:
        trial = Trial(APPS / "ledger", plan.kills, all_loads())
        counts = killed_again_and_again(Path(folder), trial)
    lost = float(len(counts.wrong))
    return [Row("lost after kill -9", "", Measured(lost, lost, lost), limit=0.0, note=str(counts))]
