from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.ministack import Ministack, is_installed
from tests.rehearsal.proxy import FaultProxy

# Without this folder on the path, whose `ministack.py` is ours.
EMULATOR = ("-P", str(Path(__file__).with_name("emulator.py")))


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    """One for all tests: they make resources of their own names."""
    if not is_installed():
        pytest.skip("MiniStack is not installed, so nothing was rehearsed: install the extra `dev`")
    with Ministack(tmp_path_factory.mktemp("ministack"), program=EMULATOR) as stack:
        yield stack


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    """One that checks signatures and permissions."""
    if not is_installed():
        pytest.skip("MiniStack is not installed, so nothing was rehearsed: install the extra `dev`")
    folder = tmp_path_factory.mktemp("guarded")
    with Ministack(folder, program=EMULATOR, AUTH="true") as stack:
        yield stack


@pytest.fixture(scope="session")
def clocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClockedMinistack]:
    """One whose time is moved by the tests."""
    if not is_installed():
        pytest.skip("MiniStack is not installed, so nothing was rehearsed: install the extra `dev`")
    with ClockedMinistack(tmp_path_factory.mktemp("clocked")) as stack:
        yield stack


@pytest.fixture(scope="module")
def proxy(clocked: ClockedMinistack, request: pytest.FixtureRequest) -> Iterator[FaultProxy]:
    """Trouble on the way to the clocked one, for one module: the seed is its name."""
    with FaultProxy(clocked.environment["AWS_ENDPOINT_URL"], request.node.name) as proxy:
        yield proxy
    print(f"seed {proxy.seed!r}: {sum(proxy.told.values()):,} faults {dict(proxy.told)}")


@pytest.fixture
def quiet(clocked: ClockedMinistack) -> Iterator[FaultProxy]:
    """A proxy that does only what a test asks of it."""
    with FaultProxy(clocked.environment["AWS_ENDPOINT_URL"], "quiet", rate=0) as proxy:
        yield proxy
