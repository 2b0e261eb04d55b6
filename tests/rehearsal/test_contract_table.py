"""The table contract, bound to DynamoDB as MiniStack plays it."""

from __future__ import annotations

import pytest

from skylift.testing.contracts.table import TableContract
from skylift.testing.contracts.tables.changes import ChangesContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.stand import AwsStand


class TestTableOnAws(TableContract, ChangesContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared)

        return opened
