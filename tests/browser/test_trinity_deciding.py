"""No match, or several: each way on from there, as the host goes it and as all others see it, on
their phones and on the big screen.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from .evening import Evening, evening, on_top, press, swipe, until
from .trinity import Trinity


def stuck(trinity: Trinity, guests: tuple[str, ...] = ("Jonas",)) -> Evening:
    """All are through; There has the most likes, and is not liked by all."""
    room = evening(trinity, ["Here", "There", "Elsewhere"], guests=guests)
    room.start()
    room.vote_on_all(room.host, "There")
    for who in room.guests[:-1]:
        room.vote_on_all(who, "There", "Here")
    room.vote_on_all(room.guests[-1], "Elsewhere")
    return room


def expect_chosen(name: str, *pages: Page, how: str = "It is decided") -> None:
    for page in pages:
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(page.get_by_text(re.compile(f"^{how}$"))).to_be_visible()
        assert page.evaluate("violations") == []


def way(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(f"^{name}")).click()


def sure(page: Page, yes: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=yes, exact=True).click()


def test_a_stalemate_is_seen_by_all_and_leads_by_a_runoff_to_a_title_for_all(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    room.start()
    room.vote_on_all(room.guest, "Elsewhere")
    host, guest = room.phones(pages)
    screen = room.screen(pages)
    for _ in range(3):
        top = on_top(host)
        host.keyboard.press("ArrowRight" if top in ("Here", "There") else "ArrowLeft")
    for page in (host, guest, screen):
        expect(page.get_by_role("heading", name="No match yet")).to_be_visible()
    expect(guest.get_by_text("Marta decides how it goes on")).to_be_visible()
    expect(guest.get_by_role("button", name=re.compile("Runoff"))).to_have_count(0)

    way(host, "Runoff")
    press(host, "Start the runoff")
    for page in (host, guest):
        page.get_by_role("checkbox", name="There", exact=True).check(force=True)
        press(page, "Send my answer")
        if page is host:
            expect(screen.get_by_text("1 of 2 have answered")).to_be_visible()
    expect_chosen("There", host, guest, screen)


def test_a_runoff_is_ranked_and_counted_in_rounds(pages: Browser, trinity: Trinity) -> None:
    room = stuck(trinity)
    host, guest = room.phones(pages)
    way(host, "Runoff")
    host.get_by_role("radio", name=re.compile("weakest drops out")).check(force=True)
    press(host, "Start the runoff")
    for page in (host, guest):
        row = page.locator(".rank", has=page.get_by_text("Here", exact=True))
        row.press("ArrowUp")
        row.press("ArrowUp")
        expect(row).to_be_focused()
        press(page, "Send my answer")
    expect_chosen("Here", host, guest)


def test_more_options_are_voted_on_and_what_was_liked_still_counts(
    pages: Browser, trinity: Trinity
) -> None:
    room = stuck(trinity)
    host, guest = room.phones(pages)
    screen = room.screen(pages)
    way(host, "More titles")
    host.get_by_label("What else?").fill("There\nAnywhere")
    press(host, "Add and vote on")
    for page in (host, guest):
        expect(page.locator(".count")).to_contain_text("4 / 4")
        assert on_top(page) == "Anywhere"
    expect(screen.get_by_text("Everybody swipes")).to_be_visible()
    swipe(guest, 180)
    expect(guest.get_by_role("heading", name="You have seen everything")).to_be_visible()
    swipe(host, 180)
    expect_chosen("Anywhere", host, guest, screen, how="It.s a match")
    assert sorted(room.voted().values()) == [4, 4]


def test_more_films_come_out_of_the_catalogue(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity)
    room.start()
    for who in (room.host, room.guest):
        room.vote_on_all(who)
    host, guest = room.phones(pages)
    way(host, "More titles")
    for page in (host, guest):
        expect(page.locator(".count")).to_contain_text("11 / 30")
        assert on_top(page) not in ("", None)


def test_fewer_likes_make_it_a_match_at_once(pages: Browser, trinity: Trinity) -> None:
    room = stuck(trinity, guests=("Jonas", "Ana"))
    host, guest = room.phones(pages)
    screen = room.screen(pages)
    expect(host.get_by_text("It takes 3 likes of 3")).to_be_visible()
    way(host, "Fewer likes")
    press(host, "Ask for less")
    expect_chosen("There", host, guest, screen, how="It.s a match")
    assert room.seen()["required"] == 2


def test_two_who_agree_on_nothing_cannot_ask_for_less(pages: Browser, trinity: Trinity) -> None:
    room = stuck(trinity)
    host = room.phone(pages, room.host)
    way(host, "Fewer likes")
    expect(host.get_by_text("It cannot be less: two likes are the least.")).to_be_visible()
    expect(host.get_by_role("dialog")).to_have_count(0)


def test_chance_takes_one_of_the_best_and_the_same_for_all(
    pages: Browser, trinity: Trinity
) -> None:
    room = stuck(trinity)
    host, guest = room.phones(pages)
    screen = room.screen(pages)
    way(host, "Let chance decide")
    sure(host, "Draw one")
    until(lambda: room.seen()["status"] == "matched")
    expect_chosen(room.seen()["match"]["name"], host, guest, screen)


def test_the_host_takes_one_when_he_is_sure(pages: Browser, trinity: Trinity) -> None:
    room = stuck(trinity)
    host, guest = room.phones(pages)
    screen = room.screen(pages)
    press(host, "Take Elsewhere")
    sure(host, "Cancel")
    assert room.seen()["status"] == "no_consensus"
    press(host, "Take Elsewhere")
    sure(host, "Take this")
    expect_chosen("Elsewhere", host, guest, screen)


@pytest.mark.parametrize("how", ["host", "chance", "runoff"])
def test_of_a_shortlist_one_is_taken_and_all_see_which(
    pages: Browser, trinity: Trinity, how: str
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"], wanted=2)
    room.start()
    room.vote_on_all(room.host, "Here", "There", "Elsewhere")
    host, guest = room.phones(pages)
    screen = room.screen(pages)
    first = on_top(guest)
    swipe(guest, 180)
    for page in (host, guest):
        expect(page.locator("#toasts").get_by_text(f"Match 1 of 2: {first}")).to_be_visible()
    second = on_top(guest)
    swipe(guest, 180)
    for page in (host, guest, screen):
        expect(page.get_by_role("heading", name="2 matches")).to_be_visible()
    for page in (host, guest):
        expect(page.locator("ol.near h3")).to_have_count(2)
        assert {*page.locator("ol.near h3").all_inner_texts()} == {first, second}
    expect(guest.get_by_role("button", name=re.compile("^Take"))).to_have_count(0)

    if how == "host":
        press(host, f"Take {second}")
        sure(host, "Take this")
    elif how == "chance":
        way(host, "Let chance decide")
        sure(host, "Draw one")
    else:
        way(host, "Runoff")
        press(host, "Start the runoff")
        for page in (host, guest):
            page.get_by_role("checkbox", name=second, exact=True).check(force=True)
            press(page, "Send my answer")
    until(lambda: room.seen()["status"] == "completed")
    taken = room.seen()["match"]["name"]
    assert how == "chance" or taken == second
    expect_chosen(taken, host, guest, screen, how="It.s a match")
