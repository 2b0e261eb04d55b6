"""Phones and a big screen in one room: what one does the others see, a tunnel costs nobody a vote,
where there is no match it goes on, and keys alone are enough.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .trinity import DESKTOP, Trinity

SEEN_MS_MAX = 500
SCREEN = {"width": 1600, "height": 900}
OBSERVING = """() => {
  window.shownAt = 0;
  addEventListener("keydown", () => { window.swipedAt ??= Date.now(); }, { capture: true });
  new MutationObserver(() => {
    if (!window.shownAt && document.querySelector(".reveal-name")) window.shownAt = Date.now();
  }).observe(document.body, { childList: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def trinity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trinity]:
    found = Trinity(tmp_path_factory.mktemp("trinity"))
    with found.served:
        yield found


@pytest.fixture
def pages(browser: Browser) -> Iterator[Browser]:
    yield browser
    for context in browser.contexts:
        context.close()


class Evening:
    """A room of a list, with its host and one guest."""

    def __init__(self, trinity: Trinity, options: list[str], **rules: Any) -> None:
        self.trinity = trinity
        self.host = trinity.member("Marta")
        room = {"name": "Friday", "kind": "list", "options": options, "rules": rules}
        made = trinity.ask("POST", "/rooms", self.host, **room)
        self.id, self.code = made["id"], made["code"]
        self.guest = trinity.guest(self.code, "Jonas")

    def start(self) -> None:
        self.trinity.ask("POST", f"/rooms/{self.id}/start", self.host)

    def titles(self) -> list[dict[str, Any]]:
        deck = self.trinity.ask("GET", f"/rooms/{self.id}/deck", self.host)
        return deck["titles"] if isinstance(deck, dict) else deck

    def vote(self, who: dict[str, Any], title_id: str, choice: str) -> None:
        body = {"title_id": title_id, "choice": choice}
        self.trinity.ask("POST", f"/rooms/{self.id}/votes", who, **body)

    def seen(self, who: dict[str, Any]) -> dict[str, Any]:
        return self.trinity.ask("GET", f"/rooms/{self.id}", who)

    def voted(self) -> dict[str, int]:
        return {one["name"]: one["voted"] for one in self.seen(self.host)["members"]}


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def on_top(page: Page) -> str:
    card = page.locator('.swipe-card[data-depth="0"]:not(.leaving) h2')
    return card.text_content() or ""


def swipe(page: Page, dx: int, dy: int = 0) -> None:
    """As a finger does: down, along, up."""
    before = on_top(page)
    box = page.locator(".pile").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=6)
    page.mouse.up()
    page.wait_for_function(
        "(name) => document.querySelector('.swipe-card[data-depth=\"0\"]:not(.leaving) h2')"
        "?.textContent !== name",
        arg=before,
    )


def until_match(page: Page, wanted: str) -> None:
    """Swipes left until the wanted one is on top, and then right."""
    for _ in range(20):
        if on_top(page) == wanted:
            return swipe(page, 180)
        swipe(page, -180)
    raise AssertionError(f"{wanted} never came")


def presented(pages: Browser, evening: Evening) -> Page:
    made = evening.trinity.ask("POST", f"/rooms/{evening.id}/presenter", evening.host)
    screen = evening.trinity.browser(pages, viewport=SCREEN)
    screen.goto(f"/present/{evening.id}#{made['session']['refresh']}")
    return screen


def test_a_match_is_on_two_phones_and_the_big_screen_within_half_a_second(
    pages: Browser, trinity: Trinity
) -> None:
    host = trinity.browser(pages, trinity.member("Marta"))
    host.goto("/new")
    host.get_by_role("radio", name=re.compile("list", re.I)).check()
    press(host, "Next")
    host.get_by_label("Options").fill("Pizza\nSushi\nTacos\nRamen\nCurry")
    press(host, "Next")
    press(host, "Next")
    host.get_by_label("Name of the room").fill("Dinner")
    press(host, "Open the room")
    host.wait_for_url(re.compile(r"/rooms/\w+$"))
    copy = host.get_by_role("button", name=re.compile("Copy the code"))
    label = copy.get_attribute("aria-label") or ""
    code = label.removeprefix("Copy the code ").replace(" ", "")

    with host.context.expect_page() as opened:
        press(host, "More")
        press(host, "Show on a big screen")
    screen = opened.value
    screen.set_viewport_size(SCREEN)
    expect(screen.get_by_role("img", name=re.compile(f"QR code .*{code}"))).to_be_visible()
    assert "#" not in screen.url, "the token stays in the address"

    guest = trinity.browser(pages)
    guest.goto(f"/join/{code}")
    guest.get_by_label("Your name").fill("Jonas")
    press(guest, "Take a seat")
    expect(screen.get_by_role("listitem").filter(has_text="Jonas")).to_be_visible()
    press(host, "Start voting")

    for page in (host, guest):
        page.locator(".swipe-card").first.wait_for()
    expect(screen.get_by_text("Everybody swipes")).to_be_visible()
    until_match(host, "Ramen")
    expect(screen.locator(".vote-count")).not_to_have_text(re.compile("^0"))
    while on_top(guest) != "Ramen":
        swipe(guest, -180)
    for page in (host, guest, screen):
        page.evaluate(OBSERVING)
    guest.keyboard.press("ArrowRight")
    for page in (host, guest, screen):
        expect(page.get_by_role("heading", name="Ramen", level=1)).to_be_visible()
        expect(page.get_by_text(re.compile("^It.s a match$"))).to_be_visible()
        assert page.evaluate("violations") == []
    swiped = guest.evaluate("swipedAt")
    took = [page.evaluate("shownAt") - swiped for page in (host, guest, screen)]
    assert max(took) < SEEN_MS_MAX, took


def test_votes_of_a_tunnel_are_said_after_it_in_order_and_once(
    pages: Browser, trinity: Trinity
) -> None:
    evening = Evening(trinity, [f"Place {no}" for no in range(8)])
    evening.start()
    phone = trinity.browser(pages, evening.guest)
    phone.goto(f"/rooms/{evening.id}")
    swipe(phone, -180)
    until(lambda: evening.voted()["Jonas"] == 1)
    phone.context.set_offline(True)
    swipe(phone, 180)
    swipe(phone, -180)
    swipe(phone, 180)
    phone.keyboard.press("Backspace")  # the last one was never said, and never will be
    expect(phone.get_by_text("2 swipes are kept until you are online")).to_be_visible()
    expect(phone.locator(".count")).to_contain_text("4 / 8")
    assert evening.voted()["Jonas"] == 1
    evening.vote(evening.host, evening.titles()[0]["id"], "nope")

    phone.context.set_offline(False)
    until(lambda: evening.voted()["Jonas"] == 3)
    expect(phone.locator(".queue-pill")).to_be_hidden()
    expect(phone.locator('.face[title="Marta: 1 of 8"]')).to_be_attached()
    phone.reload()
    expect(phone.locator(".count")).to_contain_text("4 / 8")
    assert kept(phone) == []


def test_what_was_swiped_before_a_reload_without_a_network_is_not_lost(
    pages: Browser, trinity: Trinity
) -> None:
    evening = Evening(trinity, [f"Place {no}" for no in range(6)])
    evening.start()
    phone = trinity.browser(pages, evening.guest)
    phone.route("**/votes", lambda route: route.abort())
    phone.goto(f"/rooms/{evening.id}")
    swipe(phone, -180)
    swipe(phone, 180)
    assert len(kept(phone)) == 2
    phone.unroute("**/votes")
    phone.reload()
    until(lambda: evening.voted()["Jonas"] == 2)
    expect(phone.locator(".count")).to_contain_text("3 / 6")


def test_what_the_server_refuses_for_good_is_told_and_dropped(
    pages: Browser, trinity: Trinity
) -> None:
    evening = Evening(trinity, ["Here", "There", "Elsewhere"], supers=1)
    evening.start()
    phone = trinity.browser(pages, evening.guest)
    phone.goto(f"/rooms/{evening.id}")
    phone.locator(".swipe-card").first.wait_for()
    top = on_top(phone)
    other = next(one for one in evening.titles() if one["name"] != top)
    evening.vote(evening.guest, other["id"], "super")  # on another device of his
    phone.keyboard.press("ArrowUp")
    expect(phone.locator(".toast.bad")).to_be_visible()
    assert kept(phone) == []
    expect(phone.locator('.swipe-card[data-depth="0"] h2')).to_have_text(top)
    assert evening.voted()["Jonas"] == 1


def test_a_stalemate_leads_by_a_runoff_to_a_title_for_all(pages: Browser, trinity: Trinity) -> None:
    evening = Evening(trinity, ["Here", "There", "Elsewhere"])
    evening.start()
    host, guest = (trinity.browser(pages, who) for who in (evening.host, evening.guest))
    screen = presented(pages, evening)
    for page in (host, guest):
        page.goto(f"/rooms/{evening.id}")
        page.locator(".swipe-card").first.wait_for()
    likes = {"host": ("Here", "There"), "guest": ("Elsewhere",)}
    for page, liked in ((host, likes["host"]), (guest, likes["guest"])):
        for _ in range(3):
            page.keyboard.press("ArrowRight" if on_top(page) in liked else "ArrowLeft")
            page.wait_for_timeout(250)
    for page in (host, guest, screen):
        expect(page.get_by_role("heading", name="No match yet")).to_be_visible()
    expect(guest.get_by_text("Marta decides how it goes on")).to_be_visible()
    expect(guest.get_by_role("button", name=re.compile("Runoff"))).to_have_count(0)

    host.get_by_role("button", name=re.compile("^Runoff")).click()
    press(host, "Start the runoff")
    for page in (host, guest):
        page.get_by_role("checkbox", name="There").check(force=True)
        press(page, "Send my answer")
        if page is host:
            expect(screen.get_by_text("1 of 2 have answered")).to_be_visible()
    for page in (host, guest, screen):
        expect(page.get_by_role("heading", name="There", level=1)).to_be_visible()
        expect(page.get_by_text("It is decided")).to_be_visible()


def test_a_room_is_swiped_and_decided_with_keys_alone(pages: Browser, trinity: Trinity) -> None:
    evening = Evening(trinity, ["Here", "There", "Elsewhere", "Nowhere"], supers=1)
    evening.start()
    page = trinity.browser(pages, evening.guest, viewport=DESKTOP)
    page.goto(f"/rooms/{evening.id}")
    page.locator(".swipe-card").first.wait_for()
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
        page.wait_for_timeout(250)
        page.keyboard.press("ArrowLeft")
    until(lambda: on_top(page) == first)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="You have seen everything")).to_be_visible()
    until(lambda: evening.voted()["Jonas"] == 4)
    expect(page.get_by_text("Still swiping: Marta")).to_be_visible()
    liked = next(one for one in evening.titles() if one["name"] == first)
    evening.vote(evening.host, liked["id"], "like")
    expect(page.get_by_role("heading", name=first, level=1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="See the results")).to_be_focused()


def test_a_pause_stops_every_pile_and_keeps_its_place(pages: Browser, trinity: Trinity) -> None:
    evening = Evening(trinity, ["Here", "There", "Elsewhere"])
    evening.start()
    host, guest = (trinity.browser(pages, who) for who in (evening.host, evening.guest))
    for page in (host, guest):
        page.goto(f"/rooms/{evening.id}")
        page.locator(".swipe-card").first.wait_for()
    swipe(guest, -180)
    top = on_top(guest)
    press(host, "More")
    press(host, "Pause the voting")
    expect(guest.get_by_role("heading", name="Paused")).to_be_visible()
    guest.keyboard.press("ArrowRight")
    press(host, "Go on")
    expect(guest.get_by_role("heading", name="Paused")).to_have_count(0)
    assert on_top(guest) == top
    assert evening.voted()["Jonas"] == 1


def test_a_question_is_asked_ranked_by_keys_and_counted(pages: Browser, trinity: Trinity) -> None:
    evening = Evening(trinity, ["a", "b"])
    host, guest = (trinity.browser(pages, who) for who in (evening.host, evening.guest))
    for page in (host, guest):
        page.goto(f"/rooms/{evening.id}/polls")
    press(host, "Ask something")
    host.get_by_label("Question").fill("What do we eat?")
    host.get_by_role("radio", name="Put in order").check(force=True)
    for no, text in enumerate(("Pizza", "Sushi", "Tacos"), 1):
        host.get_by_label(f"Option {no}").fill(text)
    press(host, "Ask everybody")
    for page in (host, guest):
        row = page.get_by_role("listitem").filter(has_text="Tacos")
        row.focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("listitem").first).to_contain_text("Tacos")
        expect(row).to_be_focused()
        press(page, "Answer")
    for page in (host, guest):
        expect(page.locator(".result.first")).to_contain_text("Tacos")
        expect(page.locator(".result.first")).to_contain_text("2 votes · 100 %")


def test_an_order_is_made_by_dragging_too(pages: Browser, trinity: Trinity) -> None:
    evening = Evening(trinity, ["a", "b"])
    asked = {"question": "Order?", "kind": "ranked", "options": ["One", "Two", "Three"]}
    trinity.ask("POST", f"/rooms/{evening.id}/polls", evening.host, **asked, visible="live")
    page = trinity.browser(pages, evening.guest)
    page.goto(f"/rooms/{evening.id}/polls")
    rows = page.locator(".rank")
    last, first = rows.nth(2).bounding_box(), rows.nth(0).bounding_box()
    assert last is not None
    assert first is not None
    page.mouse.move(last["x"] + 60, last["y"] + 20)
    page.mouse.down()
    page.mouse.move(first["x"] + 60, first["y"] - 4, steps=20)
    page.mouse.up()
    expect(rows.nth(0)).to_contain_text("Three")
    expect(rows.nth(1)).to_contain_text("One")


def test_the_big_screen_can_do_nothing_and_another_tab_has_no_token(
    pages: Browser, trinity: Trinity
) -> None:
    evening = Evening(trinity, ["Here", "There"])
    screen = presented(pages, evening)
    expect(screen.get_by_text("2 of 10 seats are taken")).to_be_visible()
    expect(screen.get_by_role("button")).to_have_count(0)
    screen.reload()
    expect(screen.get_by_text("2 of 10 seats are taken")).to_be_visible()
    other = screen.context.new_page()
    other.goto(f"/present/{evening.id}")
    expect(other.get_by_role("heading", name="This screen has no room").first).to_be_attached()


def until(is_so: Any, patience_s: float = 15) -> None:
    ends = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < ends, "it never came to it"
        time.sleep(0.05)


def kept(page: Page) -> list[dict[str, Any]]:
    """Swipes that this device has still to say."""
    texts: list[str] = page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('trinity.queue.'))"
        ".map((key) => localStorage.getItem(key))"
    )
    return [one for text in texts for one in json.loads(text)]
