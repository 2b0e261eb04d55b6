"""The table contract through a proxy that throttles, fails, ends connections and loses answers."""

from __future__ import annotations

import pytest

from skylift.testing.contracts.table import TableContract
from skylift.testing.contracts.tables.changes import ChangesContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.proxy import FaultProxy
from tests.rehearsal.stand import AwsStand


class TestTableInTrouble(TableContract, ChangesContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack, proxy: FaultProxy) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared, proxy=proxy)

        return opened
