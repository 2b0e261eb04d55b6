"""The secret contract through a proxy that throttles, fails, ends connections and loses answers."""

from __future__ import annotations

import pytest

from skylift.testing.contracts.secret import SecretContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.proxy import FaultProxy
from tests.rehearsal.stand import AwsStand


class TestSecretInTrouble(SecretContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack, proxy: FaultProxy) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared, proxy=proxy)

        return opened
