"""The bus contract through a proxy that throttles, fails, ends connections and loses answers: who
asks again as he may sees nothing of it. What cannot be known is said, and told here by itself.
"""

from __future__ import annotations

import pytest

from skylift.testing.contracts.bus import BusContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.parity import on_ministack
from tests.rehearsal.proxy import FaultProxy
from tests.rehearsal.stand import AwsStand


@on_ministack
class TestEventBridgeBusInTrouble(BusContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack, proxy: FaultProxy) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared, proxy=proxy)

        return opened
