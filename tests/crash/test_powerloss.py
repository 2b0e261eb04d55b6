"""What `--durability full` promises: what was acknowledged survives a power cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.conftest import COUNTED
from tests.crash.powerloss import IMAGES, power_cuts


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
    assert power_cuts(tmp_path, images=3, lies=True).wrong
