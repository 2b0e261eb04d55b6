"""The contract of settings, bound to the environment of a function."""

from __future__ import annotations

import pytest

from skylift.testing.contracts.setting import SettingContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.parity import on_ministack
from tests.rehearsal.stand import AwsStand


@on_ministack
class TestAwsSetting(SettingContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared)

        return opened
