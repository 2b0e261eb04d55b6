"""A page of a site in a real browser: it calls its Api, and nothing in it breaks its policy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.served import HTTP, Served

APPS = Path(__file__).parents[1] / "apps"
LOUNGE, HALL = APPS / "lounge", APPS / "hall"
LISTENING = """
async (token) => {
  const { connect } = await import("/_skylift/channel.js");
  window.seen = []; window.states = [];
  const channels = connect({ token: () => token, changed: (state) => states.push(state) });
  channels.subscribe("/news/all", { event: (event) => seen.push(event.text) });
}
"""
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


def test_a_page_hears_the_channels_of_its_app_within_its_policy(
    browser: Browser, tmp_path: Path
) -> None:
    home = tmp_path / "hall"
    shutil.copytree(HALL, home, ignore=shutil.ignore_patterns("__pycache__"))
    (home / "web").mkdir()
    (home / "web" / "index.html").write_text("<!doctype html><title>Hall</title>", "utf-8")
    with (home / "hall.py").open("a", encoding="utf-8") as module:
        module.write('\n\nfrom skylift import Site\n\nweb = Site("web", "web", api=api)\n')
    with Served(home, tmp_path / "state") as served, browser.new_page() as page:
        api = f"http://127.0.0.1:{served.port}/api"
        token = HTTP.post(f"{api}/guests", json={"name": "Ann"}).json()["access"]
        page.add_init_script(WATCHING)
        page.goto(f"http://127.0.0.1:{served.port}/")
        page.evaluate(LISTENING, token)
        page.wait_for_function("states.at(-1) === 'connected'")
        headers = {"authorization": f"Bearer {token}"}
        for _ in range(50):  # until it is subscribed
            assert HTTP.post(f"{api}/news", json={"text": "x"}, headers=headers).is_success
            if page.evaluate("seen.length"):
                break
            page.wait_for_timeout(100)
        assert page.evaluate("seen[0]") == "x"
        assert page.evaluate("violations") == []
