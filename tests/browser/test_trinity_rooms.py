"""Into a room, as people come: with an account, by a link, with keys alone. Nothing on the way
breaks the policy of the pages.
"""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from .evening import press, session_of
from .trinity import PASSWORD, Trinity


def fill(page: Page, **fields: str) -> None:
    for label, text in fields.items():
        page.get_by_label(re.compile(label.replace("_", "."), re.I)).first.fill(text)


def confirm(page: Page, trinity: Trinity, email: str) -> None:
    field = page.get_by_label("Code from the mail")
    field.wait_for()  # before that nothing was mailed
    field.fill(trinity.code(email))
    press(page, "Confirm")


def room_of(page: Page) -> str:
    page.wait_for_url(re.compile(r"/rooms/\w+$"))
    return page.url.rsplit("/", 1)[-1]


def test_who_registers_opens_a_room_and_a_guest_comes_in_by_its_link(
    pages: Browser, trinity: Trinity
) -> None:
    host = trinity.browser(pages)
    host.goto("/register?next=/new")
    fill(host, Name="Marta Vidal", E_mail="marta@example.com", New_password=PASSWORD)
    press(host, "Create account")
    confirm(host, trinity, "marta@example.com")

    host.get_by_role("radio", name=re.compile("Films")).check()
    press(host, "Next")
    host.get_by_role("checkbox", name="Comedy").check()
    press(host, "Next")
    host.get_by_role("radio", name=re.compile("More than half")).check()
    press(host, "Next")
    host.get_by_label("Name of the room").fill("Friday")
    press(host, "Open the room")
    room = room_of(host)
    expect(host.get_by_role("heading", level=1)).to_have_text("Friday")
    expect(host.get_by_role("button", name="Start voting")).to_be_disabled()
    code = host.get_by_role("button", name=re.compile("Copy the code"))
    letters = (code.get_attribute("aria-label") or "").removeprefix("Copy the code ")

    guest = trinity.browser(pages)
    guest.goto(f"/join/{letters.replace(' ', '')}")
    expect(guest.get_by_role("heading", level=1)).to_have_text("Friday")
    guest.get_by_label("Your name").fill("Jonas")
    press(guest, "Take a seat")
    assert room_of(guest) == room

    expect(host.get_by_role("listitem").filter(has_text="Jonas")).to_be_visible()
    expect(guest.get_by_text("Waiting for Marta Vidal to start.")).to_be_visible()
    press(host, "Start voting")
    for page in (host, guest):
        expect(page.get_by_role("button", name="Start voting")).to_have_count(0)
        assert page.evaluate("violations") == []


def test_a_refusal_is_said_where_it_belongs(pages: Browser, trinity: Trinity) -> None:
    page = trinity.browser(pages)
    page.goto("/join/ZZZZZZ")
    expect(page.get_by_role("alert").filter(has_text="no room with this code")).to_be_visible()
    expect(page.get_by_label("Room code")).to_have_attribute("aria-invalid", "true")
    page.goto("/login")
    fill(page, E_mail="nobody@example.com", Password="Wrong4sure")
    press(page, "Sign in")
    expect(page.get_by_role("alert").filter(has_text="wrong")).to_be_visible()
    page.goto("/register")
    fill(page, Name="Eve", E_mail="eve@example.com", New_password="short")
    press(page, "Create account")
    expect(page.get_by_label("New password")).to_be_focused()


def test_a_code_is_read_as_it_was_meant(pages: Browser, trinity: Trinity) -> None:
    host = trinity.member("Ann")
    room = trinity.ask("POST", "/rooms", host, name="Trip", kind="list", options=["a", "b"])
    page = trinity.browser(pages)
    page.goto("/join")
    page.get_by_label("Room code").fill(f"{trinity.url}/join/{room['code'].lower()}")
    expect(page.get_by_label("Room code")).to_have_value(room["code"])
    page.get_by_label("Room code").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Trip")


def test_a_room_is_opened_and_begun_with_keys_alone(pages: Browser, trinity: Trinity) -> None:
    page = trinity.browser(pages, trinity.member("Kim"))
    page.goto("/")
    tab_to(page, "New room")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(page, "Films")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")  # a list
    page.keyboard.press("Enter")
    tab_to(page, "Options")
    page.keyboard.type("Pizza, at home\nSushi\nTacos")
    tab_to(page, "Next")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(page, "Next")
    page.keyboard.press("Enter")
    tab_to(page, "Name of the room")
    page.keyboard.type("Dinner")
    page.keyboard.press("Enter")
    room_of(page)
    code = trinity.ask("GET", f"/rooms/{room_of(page)}", session_of(page))["code"]
    trinity.guest(code, "Lee")
    expect(page.get_by_role("listitem").filter(has_text="Lee")).to_be_visible()
    tab_to(page, "What to do with Lee")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="What to do with Lee")).to_be_focused()
    tab_to(page, "Start voting")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start voting")).to_have_count(0)


def test_who_is_shown_the_door_sees_it_and_a_new_code_ends_the_old_one(
    pages: Browser, trinity: Trinity
) -> None:
    owner = trinity.member("Olga")
    room = trinity.ask("POST", "/rooms", owner, name="Trip", kind="list", options=["a", "b"])
    guest = trinity.browser(pages, trinity.guest(room["code"], "Rude"))
    guest.goto(f"/rooms/{room['id']}")
    expect(guest.get_by_text("Waiting for Olga to start.")).to_be_visible()
    host = trinity.browser(pages, owner)
    host.goto(f"/rooms/{room['id']}")
    press(host, "What to do with Rude")
    press(host, "Remove for good")
    host.get_by_role("dialog").get_by_role("button", name="Remove for good").click()
    expect(guest.get_by_role("heading", name="You are no longer in this room")).to_be_visible()
    expect(host.get_by_role("listitem").filter(has_text="Rude")).to_have_count(0)
    press(host, "New code")
    press(host, "Make a new one")
    expect(host.get_by_text("The room has a new code.")).to_be_visible()
    late = trinity.browser(pages)
    late.goto(f"/join/{room['code']}")
    expect(late.get_by_role("alert").filter(has_text="not good any more")).to_be_visible()


def test_language_and_theme_change_at_once_and_stay(pages: Browser, trinity: Trinity) -> None:
    page = trinity.browser(pages, trinity.member("Sol"))
    page.goto("/me")
    page.get_by_role("radio", name="Paper").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_role("radio", name="Español").check()
    expect(page.get_by_role("heading", name="Apariencia")).to_be_visible()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hola, Sol")


def test_two_tabs_refresh_their_session_once(pages: Browser, trinity: Trinity) -> None:
    first = trinity.browser(pages, trinity.member("Twin"))
    first.goto("/me")
    second = first.context.new_page()
    asked: list[str] = []
    first.context.on("request", lambda request: asked.append(request.url))
    first.evaluate("""() => {
      const kept = JSON.parse(localStorage.getItem("trinity.session"));
      localStorage.setItem("trinity.session", JSON.stringify({ ...kept, expires_at: 0 }));
    }""")
    second.goto("/history")
    first.goto("/")
    expect(first.get_by_role("heading", level=1)).to_contain_text("Hello, Twin")
    expect(second.get_by_role("heading", level=1)).to_be_visible()
    assert sum(url.endswith("/auth/refresh") for url in asked) == 1
    assert session_of(first)["expires_at"] > 0


def tab_to(page: Page, name: str) -> None:
    """As far as the key leads."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(NAMED).startswith(name):
            return
    raise AssertionError(f"no key leads to {name!r}")


NAMED = """() => {
  const one = document.activeElement;
  return (one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent).trim();
}"""
