"""The contract of once records, bound to SQLite on disk and in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from skylift.resources.resource import Resource
from skylift.testing.contracts.ledger import LedgerContract
from skylift.testing.stand import Stand
from skylift.testing.story import OpenWorld


class TestLedgerInMemory(LedgerContract):
    @pytest.fixture
    def open_world(self) -> OpenWorld:
        return Stand


class TestLedgerOnDisk(LedgerContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path) -> OpenWorld:
        def opened(*resources: Resource) -> Stand:
            return Stand(*resources, path=tmp_path / "state.db")

        return opened
