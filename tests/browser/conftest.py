"""A real browser, where the machine has one; its tests are skipped, loudly, where it has not.

It ends with its file: while Playwright is there its event loop runs, and no other test has one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from shutil import which

import pytest
from playwright.sync_api import Browser, sync_playwright

from .trinity import Trinity

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(which, NAMES)), None)
    if found is None:
        pytest.skip(f"NO BROWSER: none of {', '.join(NAMES)} is installed, so nothing was proved")
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=options)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def trinity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trinity]:
    """One for all files: it takes seconds to start, and what they do in it is not the same room."""
    found = Trinity(tmp_path_factory.mktemp("trinity"))
    with found.served:
        yield found


@pytest.fixture
def pages(browser: Browser) -> Iterator[Browser]:
    """What a test opens in it is closed with the test."""
    yield browser
    for context in browser.contexts:
        context.close()
