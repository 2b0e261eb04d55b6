"""Who leaves a room while it is still on its way has left it: nothing of it tells or votes."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, Route, expect

from .evening import INTO, evening, kept
from .trinity import Trinity

SETTLED_MS = 400  # after the answer: a pile is made within some of these
SEEN_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


def left_while(page: Page, path: str, waited_for: str) -> None:
    """Into the room and back again before this came."""
    held: list[Route] = []
    page.route(waited_for, lambda route: held.append(route))
    with page.expect_request(waited_for):
        page.evaluate(INTO, path)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
    held[0].fulfill(response=held[0].fetch())  # the page may have called its question off
    page.unroute(waited_for)
    page.wait_for_timeout(SETTLED_MS)


def test_who_left_a_room_before_it_was_there_is_not_in_it_and_does_not_vote(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There"])
    room.start()
    page = trinity.browser(pages, room.guest)
    page.goto("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path, waited_for in (("/polls", "**/live"), ("", "**/live"), ("", "**/deck")):
        left_while(page, f"/rooms/{room.id}{path}", waited_for)
        asked.clear()
        page.evaluate(SEEN_AGAIN)
        page.keyboard.press("ArrowRight")
        assert kept(page) == [], (path, waited_for)
        assert room.voted()["Jonas"] == 0, (path, waited_for)
        assert not [url for url in asked if url.endswith("/presence")], (path, waited_for)
