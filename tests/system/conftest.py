"""Every test of the HTTP server runs on both event loops it may meet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import pytest
import uvloop

from tests.system.serving import Serving

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=LOOPS)
def serve(request: pytest.FixtureRequest) -> Callable[..., Serving]:
    return partial(Serving, loop=LOOPS[request.param])
