"""The table contract, bound to DynamoDB as MiniStack plays it."""

from __future__ import annotations

import pytest

from skylift.resources.resource import Resource
from skylift.testing.contracts.table import TableContract
from skylift.testing.story import OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.stand import AwsStand


class TestTableOnAws(TableContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack) -> OpenWorld:
        def opened(*resources: Resource) -> AwsStand:
            return AwsStand(clocked, *resources)

        return opened
