"""What pages of Trinity are made of, asked in a browser: codes to look at, and files that no page
names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from .packages import script_of
from .trinity import Trinity

DECODER = "jsqr@1.4.0"
ROOM_FOR = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)  # bytes, by ISO 18004, of level M
DRAWN = """
async (text) => {
  const { modules } = await import("/qr.js");
  const rows = modules(text), quiet = 4, scale = 4;
  const side = (rows.length + 2 * quiet) * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  rows.forEach((row, y) => row.forEach((isDark, x) => {
    if (!isDark) return;
    for (let dy = 0; dy < scale; dy++) for (let dx = 0; dx < scale; dx++) {
      const at = (((y + quiet) * scale + dy) * side + (x + quiet) * scale + dx) * 4;
      pixels.set([0, 0, 0, 255], at);
    }
  }));
  return { size: rows.length, read: jsQR(pixels, side, side)?.data };
}
"""


@pytest.fixture
def page(browser: Browser, trinity: Trinity) -> Iterator[Page]:
    found = trinity.browser(browser)
    found.goto("/")
    yield found
    found.context.close()


def test_a_decoder_of_others_reads_each_size_of_code(
    page: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page.evaluate(script_of(DECODER, "dist/jsQR.js", tmp_path_factory))
    sizes: list[int] = []
    for length in (1, *ROOM_FOR):
        text = ("https://trinity.example/join/" + "7KN" * 70)[:length]
        told: dict[str, Any] = page.evaluate(DRAWN, text)
        assert told["read"] == text, length
        sizes.append(told["size"])
    assert sizes == [21, *range(21, 58, 4)]
    read = page.evaluate(DRAWN, "https://trinity.example/join/Ñ€🍿")["read"]
    assert read == "https://trinity.example/join/Ñ€🍿"
    with pytest.raises(Error, match="214 bytes are too many"):
        page.evaluate(DRAWN, "x" * 214)


def test_the_files_that_only_a_browser_asks_for_are_there(page: Page) -> None:
    manifest = page.request.get("/manifest.webmanifest").json()
    icons = [icon["src"] for icon in manifest["icons"]]
    assert len(icons) > 1
    preloaded: list[str] = page.locator("link[href]").evaluate_all(
        "(links) => links.map((one) => one.getAttribute('href'))"
    )
    for path in {"/sw.js", *icons, *preloaded}:
        assert page.request.get(path).ok, path
