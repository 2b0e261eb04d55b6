"""The queue contract, bound to SQS (and the ledger's outbox) on MiniStack."""

from __future__ import annotations

import pytest

from skylift.resources.resource import Resource
from skylift.testing.contracts.queue import QueueContract
from skylift.testing.story import OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.parity import on_ministack
from tests.rehearsal.stand import AwsStand


@on_ministack
class TestSqsQueue(QueueContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack) -> OpenWorld:
        def opened(*resources: Resource) -> AwsStand:
            return AwsStand(clocked, *resources)

        return opened
