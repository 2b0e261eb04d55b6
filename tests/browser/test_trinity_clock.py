"""What a page knows without asking: how long a vote still lasts, what happens in one's rooms while
one is elsewhere, and what is left of a pile of which not all was heard.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .evening import evening, on_top, press
from .trinity import Trinity

LEFT = """async ([titles, queued]) => {
  const { Deck } = await import("/deck.js");
  const deck = new Deck(titles.map((one) => ({ mine: null, is_final: false, ...one })), queued);
  return deck.next(9).map((one) => one.id).join("");
}"""

UNDONE = """async ([id, ...choices]) => {
  const { Deck } = await import("/deck.js");
  const deck = new Deck([{ id, mine: null, is_final: false }]);
  for (const choice of choices) choice === "undo" ? deck.undo() : deck.decide(choice);
  return deck.isDone;
}"""


def voted(id: str, choice: str, *, again: bool = False) -> dict[str, Any]:
    return {"kind": "vote", "title_id": id, "choice": choice, "again": again}


def undone(id: str) -> dict[str, Any]:
    return {"kind": "undo", "title_id": id, "choice": "like"}


A, B = {"id": "a"}, {"id": "b"}
LIKED_A = A | {"mine": "like", "is_final": True}
PUT_OFF_A = A | {"mine": "skip"}


@pytest.mark.parametrize(
    ("titles", "queued", "left"),
    [
        ([A, B], [], "ab"),
        ([LIKED_A, B], [], "b"),
        ([A, B], [voted("a", "like")], "b"),
        ([A, B], [voted("a", "like"), undone("a")], "ab"),
        ([LIKED_A, B], [undone("a")], "ab"),
        ([B, PUT_OFF_A], [], "ba"),
        ([A, B], [voted("a", "skip")], "ba"),
        ([B, PUT_OFF_A], [voted("a", "skip", again=True)], "b"),
        ([A, B], [voted("a", "skip"), voted("b", "nope"), voted("a", "skip", again=True)], ""),
        ([LIKED_A, B], [undone("a"), voted("a", "skip")], "ba"),
    ],
)
def test_what_is_left_to_swipe_is_what_will_be_left_when_all_is_heard(
    page: Page, titles: list[dict[str, Any]], queued: list[dict[str, Any]], left: str
) -> None:
    assert page.evaluate(LEFT, [titles, queued]) == left


@pytest.mark.parametrize(
    ("done", "is_through"),
    [
        (["skip", "skip"], True),
        (["skip", "skip", "undo", "skip"], False),
        (["skip", "skip", "undo", "skip", "skip"], True),
        (["skip", "undo", "skip"], False),
    ],
)
def test_what_is_undone_may_be_put_off_anew_as_the_server_has_it(
    page: Page, done: list[str], is_through: bool
) -> None:
    assert page.evaluate(UNDONE, ["a", *done]) == is_through


@pytest.fixture(scope="module")
def page(browser: Browser, trinity: Trinity) -> Page:
    found = trinity.browser(browser)
    found.goto("/")
    return found


def test_a_vote_runs_down_by_the_servers_clock_whatever_the_phone_says(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"], minutes=5)
    room.start()
    phone = trinity.browser(pages, room.guest)
    phone.clock.install(time=datetime.now() + timedelta(minutes=50))
    phone.goto(f"/rooms/{room.id}")
    for page in (phone, room.screen(pages)):
        expect(page.get_by_role("timer")).to_have_text(re.compile("^(5:00|4:[0-9]{2})$"))


def test_the_last_minute_is_seen_as_such(pages: Browser, trinity: Trinity) -> None:
    for minutes, is_soon in ((1, True), (5, False)):
        room = evening(trinity, ["Here", "There", "Elsewhere"], minutes=minutes)
        room.start()
        clock = room.phone(pages, room.guest).get_by_role("timer")
        expect(clock).to_have_class(re.compile("countdown soon$" if is_soon else "countdown$"))


def test_a_pause_stops_the_clock_and_what_has_no_end_has_none(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"], minutes=5)
    room.start()
    host = room.phone(pages, room.host)
    expect(host.get_by_role("timer")).to_be_visible()
    room.ask("POST", "/pause")
    expect(host.get_by_role("timer")).to_have_count(0)
    room.ask("POST", "/resume")
    expect(host.get_by_role("timer")).to_be_visible()
    endless = evening(trinity, ["Here", "There", "Elsewhere"])
    endless.start()
    phone = endless.phone(pages, endless.host)
    assert on_top(phone) in ("Here", "There", "Elsewhere")
    expect(phone.get_by_role("timer")).to_have_count(0)


@pytest.mark.parametrize("place", ["/", "/rooms/{id}/polls"])
def test_a_match_is_told_where_one_is_and_leads_to_it(
    pages: Browser, trinity: Trinity, place: str
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    room.start()
    host = trinity.browser(pages, room.host)
    with host.expect_websocket() as opened:
        host.goto(place.format(id=room.id))
    opened.value.wait_for_event("framereceived", lambda frame: "subscribe_success" in str(frame))
    room.agree_on("There")
    told = host.locator("#toasts")
    expect(told).to_contain_text(re.compile("Friday: It.s a match: There"))
    told.get_by_role("link").click()
    expect(host.locator(".reveal-name")).to_have_text("There")
    expect(told.get_by_role("link")).to_have_count(0)


def test_a_list_that_found_no_match_is_extended_by_what_its_host_says(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There"])
    room.start()
    for who in (room.host, room.guest):
        room.vote_on_all(who)
    host = room.phone(pages, room.host)
    host.get_by_role("button", name=re.compile("^More titles")).click()
    press(host, "Add and vote on")
    expect(host.get_by_role("alert").filter(has_text="not in the list yet")).to_be_visible()
    host.get_by_label("What else?").fill("Elsewhere\n\nHere\nNowhere")
    press(host, "Add and vote on")
    expect(host.locator(".count")).to_contain_text("3 / 4")
    assert set(room.titles()) == {"Here", "There", "Elsewhere", "Nowhere"}
