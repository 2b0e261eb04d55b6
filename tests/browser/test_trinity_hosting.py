"""Who leads a room, and what becomes of it when he is gone: nobody waits for him, at any stage."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from .evening import evening, on_top, press, until
from .trinity import Trinity


def from_menu(page: Page, *names: str) -> None:
    press(page, "More")
    for name in names:
        page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def test_who_waits_for_a_host_who_is_gone_leads_the_room_on(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There"], guests=("Jonas", "Ana"))
    room.start()
    for who, liked in ((room.host, "Here"), (room.guests[0], "There"), (room.guests[1], "Here")):
        room.vote_on_all(who, liked)
    screen = room.screen(pages)
    room.host_is_gone()
    jonas, ana = (room.phone(pages, who) for who in room.guests)
    expect(jonas.get_by_text("Marta leads this room and is away.")).to_be_visible()
    press(jonas, "Lead it from here")
    expect(jonas.get_by_role("heading", name="How to go on")).to_be_visible()
    expect(ana.get_by_role("heading", name="Jonas decides how it goes on")).to_be_visible()
    expect(ana.get_by_role("button", name="Lead it from here")).to_have_count(0)

    from_menu(jonas, "People", "Marta", "Remove", "Remove")
    until(lambda: "Marta" not in {one["name"] for one in room.seen(room.guest)["members"]})
    room.ask("POST", "/complete", room.guest)
    for page in (jonas, ana):
        expect(page.get_by_role("heading", name="This room was closed")).to_be_visible()
    expect(screen.get_by_role("heading", name="This room is over")).to_be_visible()
    press(jonas, "Again with the same people")
    ana.get_by_role("link", name="To the next round").click()
    expect(ana.get_by_text("Waiting for Jonas to start.")).to_be_visible()
    for page in (jonas, ana, screen):
        assert page.evaluate("violations") == []


def test_of_a_shortlist_too_another_takes_one_when_the_host_is_gone(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"], wanted=2)
    room.start()
    for who in (room.host, room.guest):
        room.vote_on_all(who, "Here", "There")
    room.host_is_gone()
    page = room.phone(pages, room.guest)
    expect(page.get_by_role("heading", name="2 matches")).to_be_visible()
    from_menu(page, "Lead it from here")
    expect(page.get_by_role("button", name="Take Here")).to_be_visible()


def test_the_first_vote_of_anybody_begins_it(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["Here", "There"], guests=(), starts="first_vote")
    host = room.phone(pages, room.host)
    expect(host.get_by_role("button", name="Start swiping")).to_be_disabled()
    guest = room.phone(pages, trinity.guest(room.code, "Jonas"))
    press(guest, "Start swiping")
    first = on_top(guest)
    assert room.seen()["status"] == "waiting"
    guest.keyboard.press("ArrowRight")
    until(lambda: room.voted()["Jonas"] == 1)
    host.locator(".swipe-card").first.wait_for()
    room.vote(room.host, first, "like")
    for page in (host, guest):
        expect(page.get_by_role("heading", name=first, level=1)).to_be_visible()


def test_a_big_screen_that_is_refused_leaves_no_empty_tab(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["Here", "There"])
    host = room.phone(pages, room.host)
    host.route("**/presenter", lambda route: route.abort())
    with host.context.expect_page():
        from_menu(host, "Show on a big screen")
    expect(host.get_by_text("No connection.")).to_be_visible()
    until(
        lambda: (
            host.evaluate("document.visibilityState") == "visible" and host.context.pages == [host]
        )
    )
