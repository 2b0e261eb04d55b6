"""The contract of once records, bound to SQLite on disk and in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from skylift.testing.contracts.ledger import LedgerContract
from skylift.testing.stand import Stand
from skylift.testing.story import Declared, OpenWorld


class TestLedgerInMemory(LedgerContract):
    @pytest.fixture
    def open_world(self) -> OpenWorld:
        return Stand


class TestLedgerOnDisk(LedgerContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path) -> OpenWorld:
        def opened(*declared: Declared) -> Stand:
            return Stand(*declared, path=tmp_path / "state.db")

        return opened


def test_the_key_of_cursors_outlives_a_restart(tmp_path: Path) -> None:
    async def asked() -> bytes:
        async with Stand(path=tmp_path / "state.db") as stand:
            return await stand.ports.ledger.seal_key()

    assert asyncio.run(asked()) == asyncio.run(asked())
