"""Two phones and a big screen in one room: what one does the others see, and the match is on all of
them at once, for who swipes, who uses keys alone, and who is spared motion.
"""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from .evening import Evening, evening, nope_until, on_top, press, swipe, until
from .trinity import DESKTOP, Trinity

SEEN_MS_MAX = 500
ROOMS = 5
STILL_S = 0.01
QUIET_MS = 100  # what two files and a picture take where the processor has nothing else to do
IDLING = """() => {
  const began = Date.now();
  window.idled = (async () => {
    for (let no = 0; no < 2; no++) await fetch("/manifest.webmanifest", { cache: "no-store" });
    for (let no = 0; no < 2; no++) await new Promise(requestAnimationFrame);
    return Date.now() - began;
  })();
}"""
OBSERVING = """() => {
  window.clickedAt = window.shownAt = 0;
  addEventListener("click", () => { window.clickedAt ||= Date.now(); }, { capture: true });
  new MutationObserver(() => {
    if (window.shownAt || !document.querySelector(".reveal-name")) return;
    window.shownAt = -1;
    requestAnimationFrame(() => requestAnimationFrame(() => { window.shownAt = Date.now(); }));
  }).observe(document.body, { childList: true, subtree: true });
}"""
FLIGHTS = """() => {
  window.flown = [];
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (frames, how) {
    flown.push(...frames.flatMap(Object.keys));
    return animate.call(this, frames, how);
  };
}"""
REVEALED_S = """() => Math.max(...[...document.querySelectorAll(".reveal *")].map((one) => {
  const { animationDelay, animationDuration } = getComputedStyle(one);
  return parseFloat(animationDelay) + parseFloat(animationDuration);
}))"""


def opened(host: Page, options: list[str]) -> str:
    """By the pages; the code of the room."""
    host.goto("/new")
    host.get_by_role("radio", name=re.compile("list", re.I)).check()
    press(host, "Next")
    host.get_by_label("Options").fill("\n".join(options))
    press(host, "Next")
    press(host, "Next")
    host.get_by_label("Name of the room").fill("Dinner")
    press(host, "Open the room")
    host.wait_for_url(re.compile(r"/rooms/\w+$"))
    copy = host.get_by_role("button", name=re.compile("Copy the code"))
    label = copy.get_attribute("aria-label") or ""
    return label.removeprefix("Copy the code ").replace(" ", "")


def shown_by(host: Page, code: str) -> None:
    """The big screen as the host opens it. A tab before his own: his would not be painted."""
    with host.context.expect_page() as found:
        press(host, "More")
        press(host, "Show on a big screen")
    tab = found.value
    expect(tab.get_by_role("img", name=re.compile(f"QR code .*{code}"))).to_be_visible()
    assert "#" not in tab.url, "the token stays in the address"
    tab.close()


def slowed(pages: tuple[Page, ...]) -> float:
    """How many times as long as on a quiet machine the least that they can do takes just now."""
    for page in pages:
        page.evaluate(IDLING)
    return max(1.0, max(page.evaluate("() => idled") for page in pages) / QUIET_MS)


def until_all_show(name: str, host: Page, guest: Page, screen: Page) -> float:
    """The guest likes it, as the last; milliseconds from his click until the last of the three has
    painted the match. Where other processes have the processor, it is as it would be without them.
    """
    everybody = (host, guest, screen)
    times = slowed(everybody)
    for page in everybody:
        page.evaluate(OBSERVING)
    press(guest, "Like")
    for page in everybody:
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(page.get_by_text(re.compile("^It.s a match$"))).to_be_visible()
        page.wait_for_function("() => shownAt > 0")
        assert page.evaluate("violations") == []
    last = max(page.evaluate("shownAt") for page in everybody)
    return (last - guest.evaluate("clickedAt")) / times


def test_a_match_is_on_two_phones_and_the_big_screen_within_half_a_second(
    pages: Browser, trinity: Trinity
) -> None:
    """In two rooms of five at least: where a page asks instead of listening, or waits for more, all
    are late; where another process has the processor for a while, some are.
    """
    marta = trinity.host()
    host = trinity.browser(pages, marta)
    code = opened(host, ["Pizza", "Sushi", "Tacos", "Ramen", "Curry"])
    shown_by(host, code)
    room = Evening(trinity, host.url.rsplit("/", 1)[-1], marta, [])
    screen = room.screen(pages)
    guest = trinity.browser(pages)
    guest.goto(f"/join/{code}")
    guest.get_by_label("Your name").fill("Jonas")
    press(guest, "Take a seat")
    expect(screen.get_by_role("listitem").filter(has_text="Jonas")).to_be_visible()
    press(host, "Start voting")
    for page in (host, guest):
        page.locator(".swipe-card").first.wait_for()
    expect(screen.get_by_text("Everybody swipes")).to_be_visible()
    nope_until(host, "Ramen")
    swipe(host, 180)
    expect(screen.locator(".vote-count")).not_to_have_text(re.compile("^0"))
    nope_until(guest, "Ramen")
    took = [until_all_show("Ramen", host, guest, screen)]

    for _ in range(ROOMS - 1):
        room = room.again()
        room.start()
        host.goto(f"/rooms/{room.id}")
        guest.goto(f"/rooms/{room.id}")
        screen.wait_for_url(f"**/present/{room.id}")  # it goes along by itself
        expect(screen.get_by_text("Everybody swipes")).to_be_visible()
        nope_until(guest, "Ramen")
        room.vote(room.host, "Ramen", "like")
        expect(guest.locator('.face[title="Marta: 1 of 5"]')).to_be_attached()
        took.append(until_all_show("Ramen", host, guest, screen))
    assert sorted(took)[1] < SEEN_MS_MAX, took


def test_a_room_is_swiped_and_decided_with_keys_alone(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere", "Nowhere"], supers=1)
    room.start()
    page = room.phone(pages, room.guest, viewport=DESKTOP)
    first = on_top(page)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#said")).to_contain_text(f"Nope to {first}")
    until(lambda: on_top(page) != first)
    page.keyboard.press("Backspace")
    until(lambda: on_top(page) == first)
    page.keyboard.press("ArrowDown")  # later: it comes back when all else was seen
    until(lambda: on_top(page) != first)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Super-like")).to_be_disabled()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    until(lambda: on_top(page) == first)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="You have seen everything")).to_be_visible()
    until(lambda: room.voted()["Jonas"] == 4)
    expect(page.get_by_text("Still swiping: Marta")).to_be_visible()
    room.vote(room.host, first, "like")
    expect(page.get_by_role("heading", name=first, level=1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="See the results")).to_be_focused()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_cards_fly_and_rings_meet_unless_one_is_spared_motion(
    pages: Browser, trinity: Trinity, motion: Literal["reduce", "no-preference"]
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    room.start()
    page = room.phone(pages, room.guest, reduced_motion=motion)
    page.evaluate(FLIGHTS)
    page.keyboard.press("ArrowLeft")
    until(lambda: "opacity" in page.evaluate("flown") or "transform" in page.evaluate("flown"))
    assert ("transform" in page.evaluate("flown")) is (motion == "no-preference")
    liked = on_top(page)
    room.vote(room.host, liked, "like")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name=liked, level=1)).to_be_visible()
    assert (page.evaluate(REVEALED_S) > STILL_S) is (motion == "no-preference")


def test_the_big_screen_can_do_nothing_and_another_tab_has_no_token(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There"])
    screen = room.screen(pages)
    expect(screen.get_by_text("2 of 10 seats are taken")).to_be_visible()
    expect(screen.get_by_role("button")).to_have_count(0)
    screen.reload()
    expect(screen.get_by_text("2 of 10 seats are taken")).to_be_visible()
    other = screen.context.new_page()
    other.goto(f"/present/{room.id}")
    expect(other.get_by_role("heading", name="This screen has no room").first).to_be_attached()


def test_once_more_all_who_still_look_are_led_to_the_next_round(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There"])
    room.start()
    screen = room.screen(pages)
    room.vote_on_all(room.host, "There")
    host, guest = room.phones(pages)
    nope_until(guest, "There")
    swipe(guest, 180)
    expect(host.get_by_role("heading", name="There", level=1)).to_be_visible()
    press(host, "Once more")
    press(host, "Open it")
    expect(host.get_by_role("button", name="Start voting")).to_be_enabled()
    guest.get_by_role("link", name="To the next round").click()
    expect(guest.get_by_text("Waiting for Marta to start.")).to_be_visible()
    expect(screen.get_by_text("2 of 10 seats are taken")).to_be_visible()
    assert host.url == guest.url != f"{trinity.url}/rooms/{room.id}"


def test_a_match_is_what_one_hears_first_and_has_the_menu_of_every_stage(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There"])
    room.start()
    room.agree_on("There")
    for who, offered in (
        (room.host, ["Polls", "People", "Leave the room"]),
        (room.guest, ["Polls", "Leave the room"]),
    ):
        page = room.phone(pages, who)
        expect(page.get_by_role("heading", level=1)).to_have_text("There")
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        press(page, "More")
        expect(page.locator(".menu-entry")).to_have_text(offered)
        press(page, "Close")
        expect(page.get_by_role("button", name="More", exact=True)).to_be_focused()
        press(page, "More")
        press(page, "Leave the room")
        expect(page.get_by_text("What was found stays with your matches.")).to_be_visible()
        press(page, "Leave")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
        page.goto("/matches")
        expect(page.get_by_role("link", name=re.compile("^There Friday")).first).to_be_visible()
    assert trinity.ask("GET", "/rooms", room.guest)["items"] == []
