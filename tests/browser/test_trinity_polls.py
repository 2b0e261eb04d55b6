"""Questions of a room: made, answered by finger and by keys, and counted the same for all; what
others do takes nobody's answer away while he gives it.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from .evening import Evening, Person, evening, press, until
from .trinity import Trinity


def test_a_question_is_asked_ranked_by_keys_and_counted(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["a", "b"])
    host, guest = room.phones(pages)
    for page in (host, guest):
        page.goto(f"/rooms/{room.id}/polls")
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


def test_a_question_is_heard_of_in_its_room_and_kept_with_the_notices(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["a", "b"])
    host, guest = room.phones(pages)
    options = ["Friday", "Saturday"]
    room.ask("POST", "/polls", question="When?", options=options)
    toast = guest.locator(".toast", has_text="Friday: A new question: When?")
    toast.get_by_role("link", name="Open Friday").click()
    expect(guest.get_by_role("heading", name="When?")).to_be_visible()
    expect(guest).to_have_url(f"{trinity.url}/rooms/{room.id}/polls")
    expect(toast).to_have_count(0)
    room.ask("POST", "/polls", question="And where?", options=options)
    expect(guest.get_by_role("heading", name="And where?")).to_be_visible()
    until(lambda: trinity.ask("GET", "/notifications", room.guest)["unread"] == 2)
    expect(guest.locator(".toast")).to_have_count(0)  # he sees it
    guest.goto("/notifications")
    expect(guest.locator(".tabs .badge")).to_have_text("2")
    guest.get_by_role("link", name="A new question: And where?").click()
    expect(guest.get_by_role("heading", name="And where?")).to_be_visible()
    expect(host.locator(".toast")).to_have_count(0)  # who asks knows


def test_older_questions_are_shown_when_one_asks_for_them_and_keep_up_too(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["a", "b"])
    yes_no = ["Yes", "No"]
    ids = [
        room.ask("POST", "/polls", question=f"No {no}?", options=yes_no)["id"] for no in range(5)
    ]
    page = trinity.browser(pages, room.guest)
    page.route(  # two at a time instead of fifty
        "**/polls?*",
        lambda route: route.continue_(url=route.request.url.replace("limit=50", "limit=2")),
    )
    page.goto(f"/rooms/{room.id}/polls")
    titles, older = page.locator(".poll h2"), page.get_by_role("button", name="Show older")
    expect(titles).to_have_text(["No 4?", "No 3?"])
    older.focus()
    page.keyboard.press("Enter")
    expect(titles).to_have_text(["No 4?", "No 3?", "No 2?", "No 1?"])
    expect(titles.nth(2)).to_be_focused()
    expect(page.locator(".poll").nth(2)).to_be_in_viewport(ratio=0.99)
    older.click()
    expect(titles.last).to_have_text("No 0?")
    expect(titles.last).to_be_focused()
    expect(older).to_have_count(0)
    yes = page.locator(".poll").last.get_by_role("radio", name="Yes")
    yes.focus()
    room.ask("PUT", f"/polls/{ids[0]}/ballot", options=["1"])
    expect(page.locator(".poll").last).to_contain_text("1 of 2 have answered")
    room.ask("POST", "/polls", question="No 5?", options=yes_no)
    expect(titles).to_have_text([f"No {no}?" for no in range(5, -1, -1)])
    expect(yes).to_be_focused()
    expect(older).to_have_count(0)


def test_who_leaves_changes_what_he_is_counted_in_and_nothing_else_is_shown_anew(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["a", "b"], guests=("Jonas", "Lena"))
    jonas, lena = room.guests

    def asked(question: str, *answered: Person, **more: Any) -> str:
        options = ["Friday", "Saturday"]
        new = room.ask("POST", "/polls", question=question, options=options, visible="live", **more)
        id = new["id"]
        for who in answered:
            room.ask("PUT", f"/polls/{id}/ballot", who, options=["1"])
        return id

    over = asked("Over", jonas, lena)
    room.ask("POST", f"/polls/{over}/close")
    asked("Without her", jonas)
    asked("With her", jonas, lena)
    asked("All but her", room.host, jonas, ends_when_all=True)
    page = trinity.browser(pages, jonas)
    page.goto(f"/rooms/{room.id}/polls")

    def card(question: str) -> Locator:
        return page.locator(".poll").filter(has=page.get_by_role("heading", name=question))

    expect(card("With her").locator(".result.first")).to_contain_text("2 votes · 100 %")
    expect(card("With her").locator(".result.first")).to_contain_text("Jonas, Lena")
    stands = [
        card(one).locator(".poll-results").element_handle() for one in ("Over", "Without her")
    ]
    change = card("Without her").get_by_role("button", name="Change my answer")
    change.focus()
    room.ask("DELETE", "/leave", lena)
    expect(card("All but her")).to_contain_text("Closed")
    expect(card("All but her")).to_contain_text("2 of 2 have answered")
    expect(card("With her")).to_contain_text("1 of 2 have answered")
    expect(card("With her").locator(".result.first")).to_contain_text("1 vote · 100 %")
    expect(card("With her")).not_to_contain_text("Lena")
    expect(card("Without her")).to_contain_text("1 of 2 have answered")
    expect(card("Over").locator(".result.first")).to_contain_text("Jonas, Lena")
    assert [one.evaluate("one => one.isConnected") for one in stands] == [True, True]
    expect(change).to_be_focused()
    trinity.guest(room.code, "Zoe")
    expect(card("Without her")).to_contain_text("1 of 3 have answered")
    assert [one.evaluate("one => one.isConnected") for one in stands] == [True, True]


def test_a_runoff_waits_for_nobody_who_has_left(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["a", "b"], guests=("Jonas", "Lena", "Zoe"))
    room.start()
    for who in (room.host, *room.guests):
        room.vote_on_all(who)
    poll = room.ask("POST", "/runoff")["poll"]
    host, jonas, screen = *room.phones(pages), room.screen(pages)
    first = jonas.get_by_role("checkbox").first
    first.focus()
    jonas.keyboard.press("Space")
    room.ask("PUT", f"/polls/{poll}/ballot", options=[room.titles()["a"]])
    for page in (host, jonas, screen):
        expect(page.get_by_text("1 of 4 have answered")).to_be_visible()
    room.ask("DELETE", "/leave", room.guests[1])
    for page in (host, jonas, screen):
        expect(page.get_by_text("1 of 3 have answered")).to_be_visible()
    expect(jonas.get_by_role("checkbox").first).to_be_checked()
    expect(first).to_be_focused()


def test_stars_are_given_changed_and_their_mean_is_shown(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["a", "b"])
    host, guest = (room.trinity.browser(pages, who) for who in (room.host, room.guest))
    for page in (host, guest):
        page.goto(f"/rooms/{room.id}/polls")
    press(host, "Ask something")
    host.get_by_label("Question").fill("How was it?")
    host.get_by_role("radio", name="Give stars").check(force=True)
    host.get_by_label("Option 1").fill("The film")
    host.get_by_label("Option 2").fill("The pizza")
    press(host, "Ask everybody")
    for page, film, pizza in ((host, 5, 2), (guest, 2, 3)):
        for option, stars in (("The film", film), ("The pizza", pizza)):
            given = page.get_by_role("group", name=option).get_by_role(
                "radio", name=f"{stars} star"
            )
            given.check(force=True)
        press(page, "Answer")
    expect(guest.locator(".result", has_text="The film")).to_contain_text("★ 3.5 · 2 votes")
    press(guest, "Change my answer")
    guest.get_by_role("group", name="The film").get_by_role("radio", name="4 stars").check(
        force=True
    )
    press(guest, "Answer")
    for page in (host, guest):
        expect(page.locator(".result.first")).to_contain_text("The film")
        expect(page.locator(".result.first")).to_contain_text("★ 4.5 · 2 votes")
        expect(page.locator(".result", has_text="The pizza")).to_contain_text("★ 2.5 · 2 votes")
    press(host, "Close the poll")
    expect(guest.get_by_text("Closed")).to_be_visible()
    expect(guest.get_by_role("button", name="Change my answer")).to_have_count(0)


def asked_one(
    pages: Browser, trinity: Trinity, kind: str, options: list[str]
) -> tuple[Evening, Any, Page]:
    """A room with one question, and the guest's page of it."""
    room = evening(trinity, ["a", "b"])
    new = {"question": "When?", "options": options, "visible": "live", "kind": kind}
    poll = room.ask("POST", "/polls", **new)
    page = trinity.browser(pages, room.guest)
    page.goto(f"/rooms/{room.id}/polls")
    return room, poll, page


def test_who_is_answering_keeps_his_place_while_others_answer(
    pages: Browser, trinity: Trinity
) -> None:
    room, poll, page = asked_one(pages, trinity, "multiple", ["Friday", "Saturday", "Sunday"])
    friday = page.get_by_role("checkbox", name="Friday")
    friday.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("0 of 2 have answered")).to_be_visible()
    first = poll["options"][0]["id"]
    room.ask("PUT", f"/polls/{poll['id']}/ballot", options=[first])
    expect(page.get_by_text("1 of 2 have answered")).to_be_visible()
    expect(friday).to_be_checked()
    expect(friday).to_be_focused()
    press(page, "Answer")
    until(lambda: room.ask("GET", f"/polls/{poll['id']}")["answered"] == 2)
    expect(page.locator(".result.first")).to_contain_text("2 votes · 100 %")


def test_who_answers_by_keys_alone_is_never_put_out_of_the_question(
    pages: Browser, trinity: Trinity
) -> None:
    _, _, page = asked_one(pages, trinity, "multiple", ["Friday", "Saturday", "Sunday"])
    saturday = page.get_by_role("checkbox", name="Saturday")
    saturday.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Answer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="When?")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Change my answer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Friday")).to_be_focused()
    expect(saturday).to_be_checked()


def test_an_order_is_made_by_dragging_too(pages: Browser, trinity: Trinity) -> None:
    _, _, page = asked_one(pages, trinity, "ranked", ["One", "Two", "Three"])
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
