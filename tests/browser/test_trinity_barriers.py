"""No screen of Trinity keeps out who does not see it, hears it or uses no mouse: a judge of others
looks at each of them as it is while an evening goes on, on a phone and on a desk, by night and on
paper. And in Spanish none of them says a word of English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from .evening import Evening, evening
from .packages import script_of
from .trinity import DESKTOP, PHONE, Trinity

SERIOUS = {"serious", "critical"}
Seen = Iterator[tuple[str, Page]]
ALL: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = ALL | {"runOnly": ["color-contrast"]}  # another theme is nothing but other colours
LOOKS: list[tuple[ViewportSize, Literal["dark", "light"], dict[str, Any]]] = [
    (PHONE, "dark", ALL),
    (PHONE, "light", COLOURS),
    (DESKTOP, "light", ALL),
    (DESKTOP, "dark", COLOURS),
]

STILL = """() => {  // a colour on its way to another is neither
  const still = new CSSStyleSheet();
  still.replaceSync(
    "*, ::before, ::after { transition: none !important; animation: none !important }");
  document.adoptedStyleSheets = [still];
}"""


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checks, as a script."""
    return script_of("axe-core@4.10.3", "axe.min.js", tmp_path_factory)


# -- the screens, each when it is there


def opened(page: Page, path: str) -> Page:
    page.goto(path)
    page.locator("main:not([aria-busy]) h1").wait_for(state="attached")
    return page


def voting(room: Evening, host: Page, guest: Page, screen: Page) -> Seen:
    yield from (("lobby", host), ("lobby of a guest", guest), ("lobby, big", screen))
    room.start()
    for page in (host, guest):
        page.locator(".swipe-card").first.wait_for()
    screen.locator(".vote-count").wait_for()
    yield from (("swipe", host), ("voting, big", screen))
    host.locator(".room-head > button").click()
    yield "menu", host
    host.keyboard.press("Escape")
    room.ask("POST", "/pause")
    guest.locator(".paused-card").wait_for()
    yield "paused", guest
    room.ask("POST", "/resume")
    room.vote_on_all(room.guest, "Elsewhere")
    guest.reload()
    guest.locator(".rest").wait_for()
    yield "through", guest


def deciding(room: Evening, host: Page, guest: Page, screen: Page) -> Seen:
    room.vote_on_all(room.host, "Here", "There")
    host.locator(".ways").wait_for()
    guest.locator("ol.near").wait_for()
    screen.locator(".present-near li").first.wait_for()
    yield from (("stalemate", host), ("stalemate of a guest", guest), ("stalemate, big", screen))
    host.locator(".way").first.click()
    yield "runoff dialog", host
    host.locator(".dialog-actions button").last.click()
    for page in (host, guest):
        page.locator(".runoff-place .option").first.wait_for()
    screen.locator("[data-scene=runoff] li").first.wait_for()
    yield from (("runoff", host), ("runoff, big", screen))
    for page in (host, guest):
        page.get_by_role("checkbox", name="There", exact=True).check(force=True)
        page.locator(".runoff-place .button.main").click()
        if page is host:
            host.locator(".runoff-place .rest").wait_for()
            yield "runoff, answered", host
    for page in (host, guest, screen):
        page.locator(".reveal-name").wait_for()
    yield from (("match", host), ("match of a guest", guest), ("match, big", screen))
    yield "results", opened(host, f"/rooms/{room.id}/results")


def shortlist(trinity: Trinity, pages: Browser, **look: Any) -> Seen:
    room = evening(trinity, ["Here", "There"], wanted=2)
    room.start()
    screen = room.screen(pages, **look)
    for who in (room.host, room.guest):
        room.vote_on_all(who, "Here", "There")
    screen.locator("[data-scene=shortlist] li").first.wait_for()
    yield "shortlist, big", screen
    room.host_is_gone()
    guest = room.phone(pages, room.guest, **look)
    guest.locator(".host-away").wait_for()
    yield "shortlist of a guest whose host is gone", guest
    yield "shortlist", room.phone(pages, room.host, **look)


def polls(room: Evening, page: Page) -> Seen:
    for kind in ("single", "multiple", "ranked", "rating"):
        asked: dict[str, Any] = {
            "question": "When?",
            "options": ["Friday", "Saturday"],
            "visible": "live",
        }
        room.ask("POST", "/polls", kind=kind, **asked)
    opened(page, f"/rooms/{room.id}/polls")
    page.locator("article.poll .rank").first.wait_for()
    yield "polls", page
    for card in page.locator("article.poll").all():
        for given in card.locator("input").all()[:5:4]:
            given.check(force=True)
        card.locator(".button.main").click()
        card.locator(".result").first.wait_for()
    yield "polls, answered", page
    page.locator(".room-head .button.main").click()
    yield "poll form", page


def at_home(room: Evening, host: Page, stranger: Page) -> Seen:
    for path in ("/", "/me", "/notifications", "/history", "/matches", "/new"):
        yield path, opened(host, path)
    for path in ("/", "/login", "/register", "/reset", "/join", f"/join/{room.code}"):
        yield f"{path} of a stranger", opened(stranger, path)


def screens(trinity: Trinity, pages: Browser, **look: Any) -> Seen:
    """All of them, in the order of an evening."""
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    host, guest = (room.phone(pages, who, **look) for who in (room.host, room.guest))
    screen = room.screen(pages, **look)
    stranger = trinity.browser(pages, **look)
    yield from voting(room, host, guest, screen)
    yield from deciding(room, host, guest, screen)
    yield from polls(room, guest)
    yield from shortlist(trinity, pages, **look)
    room = room.again()
    yield from at_home(room, host, stranger)
    opened(guest, f"/rooms/{room.id}")
    room.ask("POST", f"/members/{room.guest['id']}/kick")
    guest.locator(".empty").wait_for()
    yield "out", guest
    room.ask("POST", "/cancel")
    yield "cancelled", opened(host, f"/rooms/{room.id}")


# -- what is looked for


ENGLISH = """async () => {
  const [{ default: english }, { default: spanish }] =
    await Promise.all([import("/texts/en.js"), import("/texts/es.js")]);
  const said = (texts) => Object.values(texts)
    .flatMap((one) => typeof one === "string" ? one : Object.values(one));
  const known = new Set(said(spanish));
  return said(english).filter((one) => !known.has(one) && !one.includes("{"));
}"""
SAID = """() => {
  const found = [], nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) found.push(nodes.currentNode.data.trim());
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"]) found.push(one.getAttribute(name));
  return found;
}"""


def test_no_screen_has_a_serious_barrier_or_in_spanish_a_word_of_english(
    pages: Browser, trinity: Trinity, axe: str
) -> None:
    wrong: list[str] = []
    english: set[str] = set()
    for name, page in screens(trinity, pages, locale="es-ES"):
        english = english or {*page.evaluate(ENGLISH)}
        wrong += [f"{name}: {one}" for one in foreign(page, english)]
        page.evaluate(STILL)
        page.evaluate(axe)
        for size, theme, asked in LOOKS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme)
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            told = page.evaluate("(asked) => axe.run(asked)", asked)
            wrong += [f"{name}, {size['width']}, {theme}: {one}" for one in barriers(told)]
    assert len(english) > 300
    assert not wrong, "\n".join(wrong)


def foreign(page: Page, english: set[str]) -> list[str]:
    """Words of English, and names of texts that have none."""
    expect(page.locator("html")).to_have_attribute("lang", "es")
    said = page.evaluate(SAID)
    return [one for one in said if one in english or re.fullmatch(r"[a-z]+\.[a-z_.]+", one or "")]


def barriers(told: dict[str, Any]) -> list[str]:
    return [
        f"{one['id']}: {json.dumps([node['html'][:120] for node in one['nodes']])}"
        for one in told["violations"]
        if one["impact"] in SERIOUS
    ]
