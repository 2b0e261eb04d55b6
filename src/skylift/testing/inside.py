"""The way into a running app for a test, which is no function of it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress

from ..invocation import EVERYTHING, Invocation, current
from ..ports import Ports


@contextmanager
def inside(ports: Ports) -> Generator[None]:
    """The verbs of resources work on these ports, every one of them is granted: in this task and in
    those it starts, until the block ends.
    """
    test = Invocation("test", EVERYTHING, ports, started=ports.clock.time())
    token = current.set(test)
    try:
        yield
    finally:
        test.end()
        with suppress(ValueError):  # a fixture may be left in another context
            current.reset(token)
