"""Without a network: the pages are there after one visit, and what was swiped is said later, from
whichever screen, and in nobody else's name.
"""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .evening import VOTES, Person, evening, kept, press, swipe, until
from .trinity import Trinity

KEPT = "async (path) => Boolean(await caches.match(path))"
BECOMES = "(text) => localStorage.setItem('trinity.session', text)"
HASTY = """(() => {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => timeout(ms / 15);
})()"""
LATER_MS = 1_500  # in which what waits would have been said


def test_the_shell_is_there_after_one_visit(pages: Browser, trinity: Trinity) -> None:
    page = trinity.browser(pages, trinity.member("Off"), service_workers="allow")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello, Off")
    for path in ("/screens/home.js", "/posters/poster.js", "/texts/es.voting.js"):
        until(lambda path=path: page.evaluate(KEPT, path))
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    assert page.evaluate("async () => (await caches.match('/api/rooms?limit=50')) ?? null") is None
    page.context.set_offline(False)
    press(page, "Try again")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello, Off")


def test_swipes_are_said_from_any_screen_and_after_a_reload_by_who_swiped(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, [f"Place {no}" for no in range(8)])
    room.start()
    phone = room.phone(pages, room.guest)

    def swiped_in_a_tunnel() -> None:
        phone.route(VOTES, lambda route: route.abort())
        swipe(phone, -180)
        swipe(phone, -180)
        phone.get_by_role("link", name="Back", exact=True).click()
        expect(phone.get_by_role("heading", level=1)).to_contain_text("Hello, Jonas")
        assert len(kept(phone)) == 2

    swiped_in_a_tunnel()
    phone.unroute(VOTES)
    until(lambda: not kept(phone) and room.voted()["Jonas"] == 2)

    phone.goto(f"/rooms/{room.id}")
    swiped_in_a_tunnel()
    jonas = become(phone, room.host)
    phone.reload()
    phone.unroute(VOTES)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Hello, Marta")
    phone.wait_for_timeout(LATER_MS)
    assert len(kept(phone)) == 2
    assert room.voted() == {"Marta": 0, "Jonas": 2}
    phone.evaluate(BECOMES, jonas)
    phone.reload()
    until(lambda: not kept(phone) and room.voted()["Jonas"] == 4)
    assert room.voted()["Marta"] == 0


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_swipe_on_a_network_that_is_gone_is_said_again_and_counts_once(
    pages: Browser, trinity: Trinity, *, is_heard: bool
) -> None:
    """Neither an answer nor an error comes, as on a phone that has left its network."""
    room = evening(trinity, [f"Place {no}" for no in range(4)])
    room.start()
    phone = trinity.browser(pages, room.guest)
    phone.add_init_script(HASTY)
    phone.goto(f"/rooms/{room.id}")
    keys: list[str] = []

    def silent(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if is_heard:
            route.fetch()

    phone.route(VOTES, silent, times=1)
    swipe(phone, -180)
    with phone.expect_request(VOTES) as again:
        until(lambda: not kept(phone))
    assert keys == [again.value.headers["idempotency-key"]]
    assert room.voted()["Jonas"] == 1


def become(page: Page, who: Person) -> str:
    """Somebody else signs in here. The session of who was it before."""
    before: str = page.evaluate("localStorage.getItem('trinity.session')")
    session = json.loads(before) | who
    page.evaluate(BECOMES, json.dumps(session))
    return before
