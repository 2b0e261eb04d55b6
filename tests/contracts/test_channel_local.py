"""The channel contract, bound to memory: nothing of a channel is ever on the disk."""

from __future__ import annotations

import pytest

from skylift.testing.contracts.channel import ChannelContract
from skylift.testing.stand import Stand
from skylift.testing.story import OpenWorld


class TestChannelInMemory(ChannelContract):
    @pytest.fixture
    def open_world(self) -> OpenWorld:
        return Stand
