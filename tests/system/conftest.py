"""Every test of the HTTP server runs on both event loops it may meet; commands have a state of the
test's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import uvloop

from tests.system.commands import Shell
from tests.system.serving import Serving

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "state")


@pytest.fixture(params=LOOPS)
def serve(request: pytest.FixtureRequest) -> Callable[..., Serving]:
    return partial(Serving, loop=LOOPS[request.param])
