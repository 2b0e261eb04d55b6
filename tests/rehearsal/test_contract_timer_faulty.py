"""The timer contract through a proxy that throttles, fails, ends connections and loses answers: an
order that was carried out unheard is found to have been.
"""

from __future__ import annotations

import pytest

from skylift.testing.contracts.timer import TimerContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.parity import on_ministack
from tests.rehearsal.proxy import FaultProxy
from tests.rehearsal.stand import AwsStand


@on_ministack
class TestSchedulerTimerInTrouble(TimerContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack, proxy: FaultProxy) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared, proxy=proxy)

        return opened
