"""A pile and what may happen to it: a tunnel, a lost answer, a reload, a broken connection, a
pause, another device, an account, the door. No vote is lost or counts twice, and all goes on where
it was.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Page, Route, WebSocketRoute, expect

from .evening import VOTES, Evening, evening, kept, on_top, press, session_of, swipe, until
from .trinity import PASSWORD, Trinity


def test_votes_of_a_tunnel_are_said_after_it_in_order_and_once(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, [f"Place {no}" for no in range(8)])
    room.start()
    phone = room.phone(pages, room.guest)
    swipe(phone, -180)
    until(lambda: room.voted()["Jonas"] == 1)
    phone.context.set_offline(True)
    liked = on_top(phone)
    swipe(phone, 180)
    swipe(phone, -180)
    swipe(phone, 180)
    phone.keyboard.press("Backspace")  # the last one was never said, and never will be
    expect(phone.get_by_text("2 swipes are kept until you are online")).to_be_visible()
    expect(phone.locator(".count")).to_contain_text("4 / 8")
    assert room.voted()["Jonas"] == 1
    other = next(name for name in room.titles() if name != liked)
    room.vote(room.host, other, "nope")

    said: list[str] = []
    phone.on("request", lambda one: said.append(one.url) if one.url.endswith("/votes") else None)
    phone.context.set_offline(False)
    until(lambda: room.voted()["Jonas"] == 3)
    expect(phone.locator(".queue-pill")).to_be_hidden()
    expect(phone.locator('.face[title="Marta: 1 of 8"]')).to_be_attached()
    assert len(said) == 2
    phone.reload()
    expect(phone.locator(".count")).to_contain_text("4 / 8")
    assert kept(phone) == []
    room.vote(room.host, liked, "like")
    expect(phone.get_by_role("heading", name=liked, level=1)).to_be_visible()


def test_a_vote_whose_answer_is_lost_is_said_again_and_counts_once(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, [f"Place {no}" for no in range(4)])
    room.start()
    phone = room.phone(pages, room.guest)
    keys: list[str] = []

    def lost(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            assert route.fetch().ok
            route.abort()
        else:
            route.continue_()

    phone.route(VOTES, lost)
    swipe(phone, -180)
    until(lambda: not kept(phone) and len(keys) == 2)
    assert keys[0] == keys[1]
    assert room.voted()["Jonas"] == 1
    expect(phone.locator(".toast")).to_have_count(0)


def test_what_was_swiped_before_a_reload_without_a_network_is_not_lost(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, [f"Place {no}" for no in range(6)])
    room.start()
    phone = room.phone(pages, room.guest)
    phone.route(VOTES, lambda route: route.abort())
    swipe(phone, -180)
    swipe(phone, 180)
    assert len(kept(phone)) == 2
    phone.unroute(VOTES)

    def overtaken(route: Route) -> None:
        """A deck that was read before they are heard, and comes after."""
        deck = route.fetch()
        until(lambda: room.voted()["Jonas"] == 2)
        route.fulfill(response=deck)

    phone.route("**/deck", overtaken)
    phone.reload()
    expect(phone.locator(".count")).to_contain_text("3 / 6")
    assert room.voted()["Jonas"] == 2


def test_a_reload_goes_on_where_it_was(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, [f"Place {no}" for no in range(6)])
    room.start()
    phone = room.phone(pages, room.guest)
    later = on_top(phone)
    swipe(phone, 0, 200)  # it comes back when all else was seen
    swipe(phone, -180)
    swipe(phone, 180)
    before = on_top(phone)
    until(lambda: not kept(phone))
    phone.reload()
    until(lambda: on_top(phone) == before)
    expect(phone.locator(".count")).to_contain_text("3 / 6")
    for _ in range(3):
        assert on_top(phone) != later
        swipe(phone, -180)
    assert on_top(phone) == later


def test_a_broken_connection_is_told_and_what_it_missed_is_shown(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    room.start()
    phone = trinity.browser(pages, room.guest)
    lines: list[WebSocketRoute] = []
    is_cut = False

    def line(socket: WebSocketRoute) -> None:
        if is_cut:
            socket.close()
        else:
            lines.append(socket)
            socket.connect_to_server()

    phone.route_web_socket(re.compile("."), line)
    phone.goto(f"/rooms/{room.id}")
    swipe(phone, -180)
    expect(phone.locator('.face[title="Jonas: 1 of 3"]')).to_be_attached()
    is_cut = True
    lines[-1].close()
    expect(phone.get_by_text("Connection lost. Coming back…")).to_be_visible()
    room.vote(room.host, on_top(phone), "nope")
    room.ask("POST", "/pause")
    assert phone.get_by_role("heading", name="Paused").count() == 0
    is_cut = False
    expect(phone.get_by_role("heading", name="Paused")).to_be_visible()
    expect(phone.get_by_text("Connection lost. Coming back…")).to_be_hidden()
    expect(phone.locator('.face[title="Marta: 1 of 3"]')).to_be_attached()


def test_a_pause_stops_every_pile_and_keeps_its_place(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    room.start()
    host, guest = room.phones(pages)
    swipe(guest, -180)
    top = on_top(guest)
    press(host, "More")
    press(host, "Pause the voting")
    expect(guest.get_by_role("heading", name="Paused")).to_be_visible()
    guest.keyboard.press("ArrowRight")
    press(host, "Go on")
    expect(guest.get_by_role("heading", name="Paused")).to_have_count(0)
    assert on_top(guest) == top
    swipe(guest, -180)
    until(lambda: room.voted()["Jonas"] == 2)


def test_a_guest_who_signs_up_keeps_his_votes_and_finds_them_on_another_device(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, [f"Place {no}" for no in range(5)])
    room.start()
    phone = room.phone(pages, room.guest)
    swipe(phone, -180)
    liked = on_top(phone)
    swipe(phone, 180)
    phone.goto("/me")
    phone.get_by_role("link", name="Keep my votes with an account").click()
    email = f"jonas-{room.id}@example.com"
    phone.get_by_label("E-mail").fill(email)
    phone.get_by_label("New password").fill(PASSWORD)
    press(phone, "Keep my votes")
    code = phone.get_by_label("Code from the mail")
    code.wait_for()  # before that nothing was mailed
    code.fill(trinity.code(email))
    press(phone, "Confirm")
    expect(phone.get_by_role("heading", name="Jonas", exact=True)).to_be_visible()
    expect(phone.get_by_text(email)).to_be_visible()
    assert session_of(phone)["id"] == room.guest["id"]
    assert session_of(phone)["is_guest"] is False
    phone.goto(f"/rooms/{room.id}")
    expect(phone.locator(".count")).to_contain_text("3 / 5")

    other = trinity.browser(pages)
    other.goto(f"/login?next=/rooms/{room.id}")
    other.get_by_label("E-mail").fill(email)
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    press(other, "Sign in")
    expect(other.locator(".count")).to_contain_text("3 / 5")
    assert room.voted() == {"Marta": 0, "Jonas": 2}
    room.vote(room.host, liked, "like")
    for page in (phone, other):
        expect(page.get_by_role("heading", name=liked, level=1)).to_be_visible()


def heard(page: Page, room: Evening) -> list[str]:
    """What arrives from now on and is of this room: over the channel, and as answers."""
    found: list[str] = []

    def told(frame: Any) -> None:
        text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
        if room.id in text:
            found.append(text)

    page.on("websocket", lambda socket: socket.on("framereceived", told))
    page.on(
        "response",
        lambda one: found.append(one.url) if room.id in one.url and one.ok else None,
    )
    return found


def test_who_is_shown_the_door_while_he_swipes_sees_it_and_hears_no_more(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"], guests=("Jonas", "Ana"))
    room.start()
    phone = trinity.browser(pages, room.guest)
    arrived = heard(phone, room)
    phone.goto(f"/rooms/{room.id}")
    swipe(phone, -180)
    room.vote(room.host, "There", "nope")
    expect(phone.locator('.face[title="Marta: 1 of 3"]')).to_be_attached()
    assert any("progress" in one for one in arrived)

    room.ask("POST", f"/members/{room.guest['id']}/kick")
    expect(phone.get_by_role("heading", name="You are no longer in this room")).to_be_visible()
    expect(phone.locator(".swipe-card")).to_have_count(0)
    phone.wait_for_load_state("networkidle")

    def is_told() -> bool:
        """By a notice, which is his own and may come late."""
        phone.evaluate("1")
        return any("notice" in one and "kicked" in one for one in arrived)

    until(is_told)
    arrived.clear()
    phone.keyboard.press("ArrowRight")
    for who in (room.host, room.guests[1]):
        room.vote(who, "Here", "like")
    until(lambda: room.seen()["status"] == "matched")
    phone.wait_for_timeout(400)
    assert arrived == []
    expect(phone.get_by_role("heading", name="You are no longer in this room")).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("heading", name="This room is not for you")).to_be_visible()
