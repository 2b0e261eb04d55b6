"""The contract of users, bound to Cognito on MiniStack, which looks at codes only when it checks
who asks.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from skylift.testing.contracts.users import UsersContract
from skylift.testing.story import Declared, OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.ministack import is_installed
from tests.rehearsal.parity import on_ministack
from tests.rehearsal.stand import AwsStand


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClockedMinistack]:
    if not is_installed():
        pytest.skip("MiniStack is not installed, so nothing was rehearsed: install the extra `dev`")
    with ClockedMinistack(tmp_path_factory.mktemp("strict"), AUTH="true") as stack:
        yield stack


@on_ministack
class TestAwsUsers(UsersContract):
    @pytest.fixture
    def open_world(self, strict: ClockedMinistack) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(strict, *declared)

        return opened
