"""What is remembered of a room that is over, in words of who reads it, though the room is gone."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from .evening import evening, until
from .trinity import Trinity


def test_who_has_left_keeps_what_was_agreed_on_and_is_told_that_the_room_is_gone(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There"])
    room.start()
    room.agree_on("There")
    until(lambda: bool(trinity.ask("GET", "/matches", room.guest)["items"]))
    until(lambda: bool(trinity.ask("GET", "/history", room.guest)["items"]))
    phone = trinity.browser(pages, room.guest)
    phone.goto("/matches")
    phone.get_by_role("link", name="There").click()
    expect(phone.get_by_role("heading", name="All titles")).to_be_visible()
    room.ask("DELETE", "/leave", room.guest)
    for path in ("/matches", "/history"):
        phone.goto(path)
        phone.get_by_role("link", name="There").click()
        expect(phone.locator(".toast")).to_contain_text("What it decided stays here.")
        assert phone.url.endswith(path)
        expect(phone.get_by_role("link", name="There")).to_contain_text("Friday")


def test_a_room_that_was_called_off_is_not_said_to_be_open(
    pages: Browser, trinity: Trinity
) -> None:
    room = evening(trinity, ["Here", "There"])
    room.start()
    phone = trinity.browser(pages, room.guest)
    phone.goto(f"/rooms/{room.id}/results")
    expect(phone.get_by_role("heading", name="Still open")).to_be_visible()
    room.ask("POST", "/cancel")
    phone.reload()
    expect(phone.get_by_role("heading", name="Called off")).to_be_visible()


def test_a_runoff_is_asked_in_the_language_of_who_answers(pages: Browser, trinity: Trinity) -> None:
    room = evening(trinity, ["Here", "There"])
    room.start()
    for who, liked in ((room.host, "Here"), (room.guest, "There")):
        room.vote_on_all(who, liked)
    room.ask("POST", "/runoff", count=3)
    phone = room.phone(pages, room.guest, locale="es-ES")
    expect(phone.get_by_role("group", name="Desempate", exact=True)).to_be_visible()
