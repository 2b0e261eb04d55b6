"""The crash test's own engine of emulated power cuts: what full durability had acknowledged and is
not there.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Measured, Plan, Row
from tests.crash.powerloss import power_cuts


def rows(plan: Plan) -> list[Row]:
    with TemporaryDirectory(prefix="bench-powerloss-") as folder:
        losses = power_cuts(Path(folder), plan.cuts)
    lost = float(len(losses.wrong))
    figure = "lost after a power cut, full durability"
    return [Row(figure, "", Measured(lost, lost, lost), limit=0.0, note=str(losses))]
