"""The contract of once records, bound to DynamoDB as MiniStack plays it."""

from __future__ import annotations

import asyncio

import pytest

from skylift.aws.runtime.wait import drive
from skylift.testing.contracts.ledger import LedgerContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.stand import AwsStand


class TestLedgerOnAws(LedgerContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared)

        return opened


def test_two_processes_seal_with_one_key(clocked: ClockedMinistack) -> None:
    """Whoever asks first makes it, and the others are given that one."""

    async def asked() -> None:
        async with AwsStand(clocked) as stand:
            keys = {drive(stand.open_ledger().seal_key()) for _ in range(3)}
            assert len(keys) == 1

    asyncio.run(asked())
