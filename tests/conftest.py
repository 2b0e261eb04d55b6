"""What holds for every test: the profile of `make check` is known before the first property asks
for it, a deployed function leaves nothing at the process's logging, and what a test has counted
stands below all of them, in whichever process it ran.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.trials import CHECK

settings.register_profile(CHECK)
COUNTED = "counted"


def pytest_collection_finish() -> None:
    settle()


@pytest.fixture(autouse=True, scope="module")
def settled() -> Iterator[None]:
    yield
    settle()


def settle() -> None:
    """What is there now stays: looked through for garbage again and again, it would take a fifth of
    the time of every test. And what was left open is found where it was, not in some later test.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def unfiltered() -> Iterator[None]:
    """A deployed function puts a filter on the handlers it finds, here pytest's, for good."""
    yield
    for handler in logging.getLogger().handlers:
        handler.filters.clear()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, told in report.user_properties:
                if name == COUNTED:
                    terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {told}")
