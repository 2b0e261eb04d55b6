"""A page of a site in a real browser: it calls its Api, and nothing in it breaks its policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.served import Served

LOUNGE = Path(__file__).parents[1] / "apps" / "lounge"
WATCHING = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    with Served(LOUNGE, tmp_path) as served, browser.new_page() as found:
        found.add_init_script(WATCHING)
        found.goto(f"http://127.0.0.1:{served.port}/rooms/7")
        yield found


def test_a_page_that_is_no_file_calls_its_api_and_breaks_no_policy(page: Page) -> None:
    expect(page.locator("#where")).to_have_text("/rooms/7")
    page.fill("#name", "Ann & Bob")
    page.click("button")
    expect(page.locator("#said")).to_have_text("Ann & Bob sits on seat 9.")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == (
        "rgb(122, 59, 29)"
    )
    assert page.evaluate("violations") == []


def test_what_is_not_of_this_origin_or_stands_in_the_page_is_not_run(page: Page) -> None:
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      const image = document.createElement("img");
      image.src = "http://127.0.0.2:9/picture.png";
      document.body.append(image);
      fetch("http://127.0.0.2:9/").catch(() => {});
    }""")
    page.wait_for_function("violations.length >= 3")
    assert page.evaluate("window.ran") is None
    assert {one.split()[0] for one in page.evaluate("violations")} == {
        "script-src-elem",
        "img-src",
        "connect-src",
    }
