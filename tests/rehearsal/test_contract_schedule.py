"""The schedule contract, bound to EventBridge Scheduler on MiniStack."""

from __future__ import annotations

import pytest

from skylift.testing.contracts.schedule import ScheduleContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.parity import on_ministack
from tests.rehearsal.stand import AwsStand


@on_ministack
class TestScheduler(ScheduleContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared)

        return opened
