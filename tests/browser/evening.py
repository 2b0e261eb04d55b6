"""An evening in Trinity, as its guests have it: a room, what they do in it with fingers and keys,
and what they look at. What a test is not about is done by the Api, which is faster.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Browser, Page

from .trinity import Trinity

SCREEN = {"width": 1600, "height": 900}
PATIENCE_S = 15.0
AWAY = timedelta(minutes=6)  # longer than a room waits for its host
Person = dict[str, Any]
VOTES = "**/votes"
ONLINE_AGAIN = "dispatchEvent(new Event('online'))"
INTO = """(path) => {
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}"""


def evening(
    trinity: Trinity,
    options: list[str] | None = None,
    guests: tuple[str, ...] = ("Jonas",),
    **rules: Any,
) -> Evening:
    """A new room, of a list when there are options and of films when there are none."""
    host = trinity.host()
    which = {"kind": "list", "options": options} if options else {"titles": 10}
    made = trinity.ask("POST", "/rooms", host, name="Friday", rules=rules, **which)
    seated = [trinity.guest(made["code"], name) for name in guests]
    return Evening(trinity, made["id"], host, seated)


@dataclass(frozen=True)
class Evening:
    """A room with its host and its guests."""

    trinity: Trinity
    id: str
    host: Person
    guests: list[Person]

    @property
    def guest(self) -> Person:
        return self.guests[0]

    # -- by the Api

    def ask(self, method: str, path: str, who: Person | None = None, **body: Any) -> Any:
        return self.trinity.ask(method, f"/rooms/{self.id}{path}", who or self.host, **body)

    def start(self) -> None:
        self.ask("POST", "/start")

    def again(self) -> Evening:
        """The same people in the next room."""
        return replace(self, id=self.ask("POST", "/restart")["id"])

    @property
    def code(self) -> str:
        return self.seen()["code"]

    def deck(self, who: Person | None = None) -> list[dict[str, Any]]:
        return self.ask("GET", "/deck", who)["titles"]

    def titles(self) -> dict[str, str]:
        """By name, their ids."""
        return {one["name"]: one["id"] for one in self.deck()}

    def vote(self, who: Person, name: str, choice: str) -> None:
        self.ask("POST", "/votes", who, title_id=self.titles()[name], choice=choice)

    def agree_on(self, name: str) -> None:
        """All like it."""
        for who in (self.host, *self.guests):
            self.vote(who, name, "like")

    def vote_on_all(self, who: Person, *liked: str) -> None:
        """What is not liked is refused. It ends where the room does."""
        for name, id in self.titles().items():
            choice = "like" if name in liked else "nope"
            self.ask("POST", "/votes", who, title_id=id, choice=choice)

    def seen(self, who: Person | None = None) -> dict[str, Any]:
        return self.ask("GET", "", who)

    def voted(self) -> dict[str, int]:
        return {one["name"]: one["voted"] for one in self.seen()["members"]}

    def host_is_gone(self) -> None:
        """Nobody has heard of him for long, as it then stands in the store."""
        seen_at = (datetime.now(UTC) - AWAY).isoformat().replace("+00:00", "Z")
        with sqlite3.connect(self.trinity.state / "trinity" / "state.db") as store:
            store.execute(
                "UPDATE \"table:seats\" SET value = json_set(value, '$.seen_at', ?)"
                " WHERE room_id = ? AND id = ?",
                (seen_at, self.id, self.host["id"]),
            )

    # -- in browsers

    def phone(self, pages: Browser, who: Person, **more: Any) -> Page:
        page = self.trinity.browser(pages, who, **more)
        page.goto(f"/rooms/{self.id}")
        page.locator("main:not([aria-busy]) h1").wait_for()
        return page

    def phones(self, pages: Browser) -> tuple[Page, Page]:
        """Of the host and of the first guest."""
        return self.phone(pages, self.host), self.phone(pages, self.guest)

    def screen(self, pages: Browser, **more: Any) -> Page:
        page = self.trinity.browser(pages, **{"viewport": SCREEN, **more})
        made = self.ask("POST", "/presenter")
        page.goto(f"/present/{self.id}#{made['session']['refresh']}")
        page.locator(".present-stage h1").wait_for()
        return page


# -- what one does


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def on_top(page: Page) -> str:
    return page.locator('.swipe-card[data-depth="0"]:not(.leaving) h2').text_content() or ""


def swipe(page: Page, dx: int, dy: int = 0) -> None:
    """As a finger does: down, along, up."""
    before = on_top(page)
    box = page.locator(".pile").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=6)
    page.mouse.up()
    page.wait_for_function(
        "(name) => document.querySelector('.swipe-card[data-depth=\"0\"]:not(.leaving) h2')"
        "?.textContent !== name",
        arg=before,
    )


def nope_until(page: Page, wanted: str) -> None:
    """Swipes left until the wanted one is on top."""
    for _ in range(20):
        if on_top(page) == wanted:
            return
        swipe(page, -180)
    raise AssertionError(f"{wanted} never came")


# -- what one sees


def until(is_so: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """What it asks first is to be a page or the Api: no handler is called while nobody asks."""
    ends = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < ends, "it never came to it"
        time.sleep(0.05)


def kept(page: Page) -> list[dict[str, Any]]:
    """Swipes that this device has still to say."""
    texts: list[str] = page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('trinity.queue.'))"
        ".map((key) => localStorage.getItem(key))"
    )
    return [one for text in texts for one in json.loads(text)]


def session_of(page: Page) -> Person:
    return json.loads(page.evaluate("localStorage.getItem('trinity.session')"))
