"""The contract of secrets, bound to SQLite on disk and in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from skylift.testing.contracts.secret import SecretContract
from skylift.testing.stand import Stand
from skylift.testing.story import Declared, OpenWorld


class TestSecretInMemory(SecretContract):
    @pytest.fixture
    def open_world(self) -> OpenWorld:
        return Stand


class TestSecretOnDisk(SecretContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path) -> OpenWorld:
        def opened(*declared: Declared) -> Stand:
            return Stand(*declared, path=tmp_path / "state.db")

        return opened
