"""The module by which a page subscribes to channels, in a real browser: it comes back by itself,
and what was missed is read where it was kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute

from tests.served import Served
from tests.system.hall import HALL, Hall

PATIENCE_MS = 30_000
WATCHING = """
async ({ token, room, path }) => {
  const { connect } = await import("/_skylift/channel.js");
  window.seen = []; window.states = []; window.resumed = []; window.refusals = [];
  window.fresh = 0; window.token = token;
  window.channels = connect({
    token: ({ fresh }) => { window.fresh += fresh; return window.token; },
    changed: (state) => window.states.push(state),
  });
  window.leave = window.channels.subscribe(path, {
    event: (event) => window.seen.push(event.seq),
    refused: (error) => window.refusals.push(error.errorType),
    resume: async (seq) => {
      window.resumed.push(seq);
      const headers = { authorization: `Bearer ${window.token}` };
      const answer = await fetch(`/rooms/${room}/said?after=${seq}`, { headers });
      if (!answer.ok) throw new Error(answer.status);
      return (await answer.json()).said;
    },
  });
}
"""


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    found = Hall(tmp_path)
    try:
        yield found
    finally:
        found.served.kill()


@pytest.fixture
def page(browser: Browser, hall: Hall) -> Iterator[Page]:
    with browser.new_page() as found:
        found.set_default_timeout(PATIENCE_MS)
        found.goto(f"http://127.0.0.1:{hall.port}/")
        yield found


def watch(page: Page, hall: Hall, token: str, **more: Any) -> str:
    """The room that is watched from now on."""
    room = hall.room(token)
    said = {"token": token, "room": room, "path": f"/live/rooms/{room}/1"} | more
    page.evaluate(WATCHING, said)
    return room


def wait(page: Page, what: str) -> None:
    page.wait_for_function(what)


def say(hall: Hall, token: str, room: str, count: int) -> None:
    for no in range(count):
        hall.post(f"/rooms/{room}/said", token, text=str(no))


def test_it_comes_back_after_the_server_was_killed_and_misses_nothing(
    page: Page, hall: Hall, tmp_path: Path
) -> None:
    token = hall.guest()
    room = watch(page, hall, token)
    say(hall, token, room, 3)
    wait(page, "seen.length === 3")
    for round in (1, 2):
        hall.served.kill()
        wait(page, "states.at(-1) === 'waiting'")
        hall.served = Served(HALL, tmp_path, f"--port={hall.port}")
        say(hall, token, room, 4)  # some of them are told to nobody: he is not back yet
        wait(page, "states.at(-1) === 'connected'")
        say(hall, token, room, 3)
        wait(page, f"seen.length >= {3 + 7 * round}")
    assert page.evaluate("seen") == [*range(1, 18)]
    assert page.evaluate("states").count("connected") == 3
    assert page.evaluate("resumed")[0] == 0
    assert 3 in page.evaluate("resumed")


def test_what_was_said_before_and_meanwhile_comes_once_and_in_order(page: Page, hall: Hall) -> None:
    token = hall.guest()
    room = hall.room(token)
    say(hall, token, room, 20)
    said = {"token": token, "room": room, "path": f"/live/rooms/{room}/1"}
    page.evaluate(WATCHING, said)
    say(hall, token, room, 20)
    wait(page, "seen.length >= 40")
    assert page.evaluate("seen") == [*range(1, 41)]


def test_who_leaves_hears_no_more_and_the_others_do(page: Page, hall: Hall) -> None:
    token = hall.guest()
    room = watch(page, hall, token)
    page.evaluate(
        "() => { window.other = [];"
        " channels.subscribe('/news/all', { event: (one) => other.push(one) }); }"
    )
    say(hall, token, room, 1)
    wait(page, "seen.length === 1")
    page.evaluate("() => leave()")
    say(hall, token, room, 1)
    hall.post("/news", token, text="x")
    wait(page, "other.length === 1")
    assert page.evaluate("seen.length") == 1
    page.evaluate("channels.close()")
    hall.post("/news", token, text="y")
    page.wait_for_timeout(1_500)
    assert page.evaluate("other.length") == 1
    assert page.evaluate("states").count("connecting") == 1


SEEN_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
ONLINE_AGAIN = "window.dispatchEvent(new Event('online'))"
AT_ONCE_MS = 4_000
# Four attempts follow at once, and then the wait is as long as it may be.
UNLUCKY = "Math.random = () => states.filter((one) => one === 'waiting').length < 5 ? -1 : 1"


@pytest.mark.parametrize("back", ["channels.resume()", SEEN_AGAIN, ONLINE_AGAIN])
def test_who_is_back_does_not_wait_for_the_next_attempt(
    page: Page, hall: Hall, tmp_path: Path, back: str
) -> None:
    token = hall.guest()
    room = watch(page, hall, token)
    page.evaluate(UNLUCKY)
    wait(page, "states.at(-1) === 'connected'")
    hall.served.kill()
    wait(page, "states.filter((one) => one === 'waiting').length === 5")  # for 8 s
    hall.served = Served(HALL, tmp_path, f"--port={hall.port}")
    say(hall, token, room, 1)
    page.evaluate(back)
    page.wait_for_function("seen.length === 1", timeout=AT_ONCE_MS)


@pytest.mark.parametrize("back", ["channels.resume()", SEEN_AGAIN])
def test_who_is_back_is_told_what_a_connection_lost_without_a_word(
    page: Page, hall: Hall, back: str
) -> None:
    page.route_web_socket("**/realtime", without_data)
    token = hall.guest()
    room = watch(page, hall, token)
    wait(page, "resumed.length === 1")
    say(hall, token, room, 3)
    page.wait_for_timeout(500)
    assert page.evaluate("seen") == []
    page.evaluate(back)
    wait(page, "seen.length === 3")
    assert page.evaluate("resumed") == [0, 0]
    assert page.evaluate("states").count("connected") == 1


def without_data(socket: WebSocketRoute) -> None:
    server = socket.connect_to_server()
    server.on_message(lambda said: None if '"type":"data"' in str(said) else socket.send(said))


def test_who_is_back_after_a_long_silence_connects_anew(page: Page, hall: Hall) -> None:
    token = hall.guest()
    room = watch(page, hall, token)
    wait(page, "states.at(-1) === 'connected'")
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 80_000; }")
    page.evaluate("channels.resume()")
    wait(page, "states.filter((one) => one === 'connected').length === 2")
    say(hall, token, room, 2)
    wait(page, "seen.length === 2")
    page.evaluate("() => { channels.close(); channels.resume(); }")
    page.wait_for_timeout(500)
    assert page.evaluate("states").count("connecting") == 2


def test_a_refused_token_is_refreshed_once_and_who_stays_refused_is_told(
    page: Page, hall: Hall
) -> None:
    token, stranger = hall.guest(), hall.guest("Eve")
    room = hall.room(token)
    page.evaluate(WATCHING, {"token": stranger, "room": room, "path": f"/live/rooms/{room}/1"})
    wait(page, "refusals.length === 1")
    assert page.evaluate("[refusals[0], fresh]") == ["UnauthorizedException", 1]


def test_a_token_that_does_not_even_connect_is_refreshed(page: Page, hall: Hall) -> None:
    token = hall.guest()
    room = hall.room(token)
    said = {"token": token + "x", "room": room, "path": f"/live/rooms/{room}/1"}
    page.evaluate(WATCHING, said)
    wait(page, "fresh > 0")
    page.evaluate("(token) => { window.token = token }", token)
    wait(page, "states.at(-1) === 'connected'")
    say(hall, token, room, 1)
    wait(page, "seen.length === 1")
