"""What `--durability full` promises: what was acknowledged survives a power cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.conftest import COUNTED
from tests.crash.powerloss import IMAGES, IMAGES_A_RUN, power_cuts


def test_no_acknowledged_effect_is_lost_by_a_power_cut(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    losses = power_cuts(tmp_path)
    record_property(COUNTED, str(losses))
    assert losses.wrong == []
    assert losses.images == IMAGES
    assert losses.mixed > 0, "no cut fell into a checkpoint"
    assert losses.wal_bytes_max > 0, "no cut lost anything: nothing was tried"


def test_a_disk_that_lies_is_found_out(tmp_path: Path) -> None:
    # One image can be of an instant at which nobody had been told anything yet: not all of a run.
    assert power_cuts(tmp_path, images=IMAGES_A_RUN, lies=True).wrong
