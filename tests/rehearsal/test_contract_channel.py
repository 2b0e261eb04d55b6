"""The channel contract, bound to AppSync Events on MiniStack."""

from __future__ import annotations

import pytest

from skylift.testing.contracts.channel import ChannelContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.parity import on_ministack
from tests.rehearsal.stand import AwsStand


@on_ministack
class TestAppSyncChannel(ChannelContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared)

        return opened
