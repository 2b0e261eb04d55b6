"""A room that has stopped while swipes were kept: it is not asked again and again, and takes them
when it goes on, wherever one is by then.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from .evening import INTO, VOTES, Evening, evening, kept, swipe, until
from .trinity import Trinity

NEXT_TOKEN = """async () => {
  const { session } = await import("/store.js");
  session.set({ ...session.get() });
}"""


def heard_by_server(page: Page) -> list[int]:
    """How it answered to each vote; what was lost in the tunnel it has not answered."""
    heard: list[int] = []
    page.on("response", lambda one: heard.append(one.status) if "/votes" in one.url else None)
    return heard


def paused_in_a_tunnel(
    trinity: Trinity, pages: Browser, *, is_heard: bool = True
) -> tuple[Evening, Page, list[str]]:
    """Two swipes on a phone that comes back to a room that has stopped."""
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    room.start()
    phone = room.trinity.browser(pages, room.guest)
    phone.clock.install()
    phone.goto(f"/rooms/{room.id}")
    phone.route(VOTES, lambda route: route.abort())
    swipe(phone, -180)
    swipe(phone, -180)
    room.ask("POST", "/pause")
    expect(phone.get_by_role("heading", name="Paused")).to_be_visible()
    if not is_heard:
        phone.route("**/live", lambda route: route.fulfill(status=500, body=""), times=1)
    heard = heard_by_server(phone)
    phone.unroute(VOTES)

    def is_answered() -> bool:
        phone.clock.run_for(5_000)
        return bool(heard)

    until(is_answered)
    return room, phone, heard


def two_minutes_on(page: Page) -> None:
    for _ in range(24):
        page.clock.run_for(5_000)
        page.evaluate("1")


def test_a_paused_room_is_asked_once_and_again_when_it_goes_on(
    pages: Browser, trinity: Trinity
) -> None:
    room, phone, heard = paused_in_a_tunnel(trinity, pages)
    two_minutes_on(phone)
    expect(phone.get_by_text("2 swipes are kept until the room goes on")).to_be_visible()
    phone.evaluate(NEXT_TOKEN)
    assert heard == [409]
    room.ask("POST", "/resume")
    until(lambda: not kept(phone) and room.voted()["Jonas"] == 2)
    assert heard == [409, 200, 200]
    expect(phone.locator(".queue-pill")).to_be_hidden()
    expect(phone.locator(".toast.bad")).to_have_count(0)


@pytest.mark.parametrize("is_heard", [True, False])
def test_who_is_elsewhere_says_it_when_he_hears_or_sees_the_room_go_on(
    pages: Browser, trinity: Trinity, *, is_heard: bool
) -> None:
    room, phone, heard = paused_in_a_tunnel(trinity, pages, is_heard=is_heard)
    phone.locator(".room-head a").click()
    phone.get_by_role("link", name="Matches", exact=True).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Matches")
    looks: list[str] = []
    phone.on("request", lambda one: looks.append(one.url) if "presence" in one.url else None)
    two_minutes_on(phone)
    assert (heard, looks) == ([409], [])
    room.ask("POST", "/resume")
    if not is_heard:
        two_minutes_on(phone)
        assert heard == [409]
        phone.evaluate(INTO, f"/rooms/{room.id}")
    until(lambda: not kept(phone) and room.voted()["Jonas"] == 2)
    assert heard == [409, 200, 200]


def test_a_room_that_is_closed_in_its_pause_refuses_them_for_good(
    pages: Browser, trinity: Trinity
) -> None:
    room, phone, _ = paused_in_a_tunnel(trinity, pages)
    room.ask("POST", "/cancel")
    told = "2 of your swipes do not count. This room was closed."
    expect(phone.locator(".toast.bad")).to_have_text([told])
    assert kept(phone) == []
