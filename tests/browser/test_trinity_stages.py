"""The room goes on, and what it goes on to does not come: its file or what it shows. It is asked
for until it does, by itself and by who looks, and no longer than the room is there.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, TimeoutError, expect

from .evening import ONLINE_AGAIN, Evening, evening, until
from .trinity import Trinity

FILE, DECK = "**/screens/swipe.js*", "**/deck"
MISSING = "This part did not load"
MINUTE_S = 60
ASKED_MIN, ASKED_MAX = 5, 10  # in a minute: after 1 s, 2 s, 4 s, 8 s, 16 s, 30 s, or half of each


def refused(route: Route) -> None:
    route.fulfill(status=503, body="")


def lost(route: Route) -> None:
    route.abort()


def in_the_lobby(pages: Browser, trinity: Trinity, **look: str) -> tuple[Evening, Page]:
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    phone = trinity.browser(pages, room.guest, **look)
    phone.clock.install()
    phone.goto(f"/rooms/{room.id}")
    phone.locator(".lobby-waits").wait_for()
    return room, phone


def without_waiting(phone: Page) -> None:
    """From here on no timer of the page fires: what comes, comes of something else."""
    phone.clock.pause_at(phone.evaluate("Date.now()") + 1_000)


@pytest.mark.parametrize("what", [FILE, DECK])
@pytest.mark.parametrize("how", [refused, lost])
def test_a_stage_that_does_not_come_is_asked_for_again_by_itself(
    pages: Browser, trinity: Trinity, what: str, how: Callable[[Route], None]
) -> None:
    room, phone = in_the_lobby(pages, trinity)
    phone.route(what, how)
    room.start()
    expect(phone.get_by_role("heading", name=MISSING)).to_be_focused()
    expect(phone.locator("#said")).to_have_text(MISSING)
    phone.unroute(what)
    expect(phone.locator(".swipe-card").first).to_be_visible()
    expect(phone.get_by_role("heading", name="Friday")).to_be_focused()
    expect(phone.locator("#said")).to_have_text("Friday")
    expect(phone.get_by_role("heading", name=MISSING)).to_have_count(0)


def test_it_is_asked_for_less_and_less_often(pages: Browser, trinity: Trinity) -> None:
    room, phone = in_the_lobby(pages, trinity)
    asked: list[Route] = []
    phone.route(FILE, lambda route: (asked.append(route), route.abort()))
    room.start()
    expect(phone.get_by_role("heading", name=MISSING)).to_be_visible()
    without_waiting(phone)
    for _ in range(MINUTE_S):
        phone.clock.run_for(1_000)
        phone.evaluate("1")
    again = asked[1:]
    assert ASKED_MIN <= len(again) <= ASKED_MAX


def test_it_comes_at_once_when_the_network_is_back(pages: Browser, trinity: Trinity) -> None:
    room, phone = in_the_lobby(pages, trinity)
    phone.route(FILE, lost)
    room.start()
    expect(phone.get_by_role("heading", name=MISSING)).to_be_visible()
    without_waiting(phone)
    phone.context.set_offline(True)
    phone.unroute(FILE)
    phone.context.set_offline(False)
    until(lambda: said_again(phone))


def said_again(phone: Page) -> bool:
    """That the network is back: the browser says so a moment before it is."""
    phone.evaluate(ONLINE_AGAIN)
    try:
        phone.locator(".swipe-card").first.wait_for(timeout=2_000)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    ("language", "title", "again"),
    [("en-US", MISSING, "Try again"), ("es-ES", "Esta parte no se ha cargado", "Reintentar")],
)
def test_who_looks_may_ask_for_it_and_is_told_when_that_does_not_help(
    pages: Browser, trinity: Trinity, language: str, title: str, again: str
) -> None:
    room, phone = in_the_lobby(pages, trinity, locale=language)
    phone.route(FILE, lost)
    room.start()
    expect(phone.get_by_role("heading", name=title)).to_be_visible()
    without_waiting(phone)
    button = phone.get_by_role("button", name=again)
    button.click()
    expect(phone.locator(".toast.bad")).to_be_visible()
    expect(button).to_be_focused()
    phone.unroute(FILE)
    button.click()
    expect(phone.locator(".swipe-card").first).to_be_visible()
    expect(phone.get_by_role("heading", name="Friday")).to_be_focused()


def test_it_is_asked_for_no_more_when_the_room_goes_on_to_another(
    pages: Browser, trinity: Trinity
) -> None:
    room, phone = in_the_lobby(pages, trinity)
    phone.route(FILE, lost)
    room.start()
    expect(phone.get_by_role("heading", name=MISSING)).to_be_visible()
    room.ask("POST", "/cancel")
    over = phone.get_by_role("heading", name="This room was closed")
    asked: list[str] = []
    expect(phone.get_by_role("heading", name=MISSING)).to_have_count(0)
    phone.on("request", lambda one: asked.append(one.url))
    phone.unroute(FILE)
    phone.clock.run_for(MINUTE_S * 1_000)
    phone.evaluate(ONLINE_AGAIN)
    expect(over).to_be_visible()
    assert not [url for url in asked if "swipe" in url or "deck" in url]
