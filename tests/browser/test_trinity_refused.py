"""A swipe that the server does not take, for good or for now: what is shown then is what it has."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from .evening import ONLINE_AGAIN, VOTES, evening, kept, on_top, swipe, until
from .trinity import Trinity


def test_what_the_server_refuses_for_good_is_told_and_dropped(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"], supers=1)
    room.start()
    phone = room.phone(pages, room.guest)
    top = on_top(phone)
    other = next(name for name in room.titles() if name != top)
    room.vote(room.guest, other, "super")  # on another device of his
    phone.keyboard.press("ArrowUp")
    expect(phone.locator(".toast.bad")).to_be_visible()
    until(lambda: on_top(phone) == top)
    assert kept(phone) == []
    assert room.voted()["Jonas"] == 1


def say_all(phone: Page) -> None:
    """The network is back; an attempt that was under way just then may still have failed."""

    def is_said() -> bool:
        phone.evaluate(ONLINE_AGAIN)
        return not kept(phone)

    until(is_said)


def test_what_is_refused_after_a_tunnel_is_not_shown_as_voted_and_what_counts_is(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere", "Nowhere"], supers=1)
    room.start()
    phone = room.phone(pages, room.guest)
    top = on_top(phone)
    phone.route(VOTES, lambda route: route.abort())
    phone.keyboard.press("ArrowUp")
    until(lambda: on_top(phone) != top)
    refused = on_top(phone)
    swipe(phone, -180)
    other = next(one for one in room.titles() if one not in (top, refused, on_top(phone)))
    room.vote(room.guest, other, "super")  # on another device of his
    expect(phone.locator(".count")).to_contain_text("3 / 4")
    phone.route("**/deck", lambda route: route.fulfill(status=500, body=""), times=1)
    phone.unroute(VOTES)
    say_all(phone)
    said = f"Your swipe on {top} does not count. You have no super like left."
    expect(phone.locator(".toast")).to_have_text([said])
    until(lambda: on_top(phone) == top)
    expect(phone.locator(".count")).to_contain_text("3 / 4")
    assert {one["name"]: one["mine"] for one in room.deck(room.guest) if one["mine"]} == {
        refused: "nope",
        other: "super",
    }
    swipe(phone, -180)
    expect(phone.locator(".count")).to_contain_text("4 / 4")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en-US", "2 of your swipes do not count. This room was closed."),
        ("es-ES", "2 de tus votos no cuentan. Esta sala se ha cerrado."),
    ],
)
def test_who_has_left_the_pile_is_told_once_of_all_that_does_not_count(
    pages: Browser, trinity: Trinity, language: str, told: str
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    room.start()
    phone = room.phone(pages, room.guest, locale=language)
    phone.route(VOTES, lambda route: route.abort())
    swipe(phone, -180)
    swipe(phone, 180)
    phone.locator(".room-head a").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Jonas")
    room.ask("POST", "/cancel")
    phone.unroute(VOTES)
    say_all(phone)
    expect(phone.locator(".toast.bad")).to_have_text([told])
    assert kept(phone) == []


def test_what_could_not_be_taken_back_is_told_by_its_name(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    room.start()
    phone = room.phone(pages, room.guest)
    top = on_top(phone)
    swipe(phone, -180)
    until(lambda: room.voted()["Jonas"] == 1)
    phone.route(f"{VOTES}/last", lambda route: route.abort())
    phone.keyboard.press("Backspace")
    until(lambda: on_top(phone) == top)
    room.ask("POST", "/cancel")
    expect(phone.get_by_role("heading", name="This room was closed")).to_be_visible()
    phone.unroute(f"{VOTES}/last")
    say_all(phone)
    said = f"{top} could not be taken back. There is nothing to undo."
    expect(phone.locator(".toast.bad")).to_have_text([said])


def test_what_is_being_carried_out_is_asked_for_again(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere"])
    room.start()
    phone = room.phone(pages, room.guest)
    said = {"status": 409, "detail": "it is being carried out", "retry_after_s": 1}
    phone.route(VOTES, lambda route: route.fulfill(status=409, json=said), times=1)
    swipe(phone, -180)
    until(lambda: not kept(phone) and room.voted()["Jonas"] == 1)
    expect(phone.locator(".toast")).to_have_count(0)


def test_with_a_vote_that_is_refused_goes_its_undo_and_what_is_spent_is_shown(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There", "Elsewhere", "Nowhere"], supers=1)
    room.start()
    phone = room.phone(pages, room.guest)
    undo, supers = choice(phone, "undo"), choice(phone, "super")
    expect(undo).to_be_disabled()
    swipe(phone, -180)
    until(lambda: room.voted()["Jonas"] == 1)
    phone.reload()
    expect(undo).to_be_enabled()
    swipe(phone, -180)
    until(lambda: room.voted()["Jonas"] == 2)
    undo.click()
    until(lambda: room.voted()["Jonas"] == 1)
    expect(undo).to_be_disabled()  # only one, as the server has it
    phone.reload()
    expect(undo).to_be_disabled()

    top = on_top(phone)
    asked: list[Route] = []
    phone.route(VOTES, lambda route: asked.append(route), times=1)
    phone.keyboard.press("ArrowUp")
    until(lambda: bool(phone.evaluate("1") and asked))
    others = [one["name"] for one in room.deck(room.guest) if one["mine"] is None]
    room.vote(room.guest, next(name for name in others if name != top), "super")  # elsewhere
    phone.keyboard.press("Backspace")
    assert [one["kind"] for one in kept(phone)] == ["vote", "undo"]
    asked[0].continue_()
    expect(phone.locator(".toast")).to_contain_text("You have no super like left")
    until(lambda: not kept(phone))
    expect(supers).to_be_disabled()
    expect(supers.locator(".left")).to_have_text("0")
    assert room.voted()["Jonas"] == 2
    undo.click()  # of what was said elsewhere
    until(lambda: room.voted()["Jonas"] == 1)
    expect(supers.locator(".left")).to_have_text("1")
    expect(undo).to_be_disabled()


def choice(page: Page, name: str) -> Locator:
    return page.locator(f'button[data-choice="{name}"]')
