"""What holds for every test: the profile of `make check` is known before the first property asks
for it, and a deployed function leaves nothing at the process's logging.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.trials import CHECK

settings.register_profile(CHECK)


@pytest.fixture(autouse=True)
def unfiltered() -> Iterator[None]:
    """A deployed function puts a filter on the handlers it finds, here pytest's, for good."""
    yield
    for handler in logging.getLogger().handlers:
        handler.filters.clear()
