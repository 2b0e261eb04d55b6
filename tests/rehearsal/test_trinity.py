"""Trinity on AWS, as a group uses it: people register and come as guests, vote, find their title or
none, and decide all the same. The emulator checks who may do what.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment, Reply
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.users import mails

TRINITY = Path(__file__).parents[2] / "apps" / "trinity"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "tests")
PASSWORD = "Right-horse-7"
OPTIONS = [f"Option {number}" for number in range(10)]
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def trinity(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("trinity")
    app = shutil.copytree(TRINITY, folder / "trinity", ignore=LEFT_OUT)
    one = Deployment(guarded, app, folder / "state")
    print(f"the deploy took {one.deployed()['took_s']:.1f} s")
    yield one
    assert one.skylift("destroy", "--yes", "--allow-destroy", "members,ledger").code == 0


class Person:
    """Somebody at the door of the Api; with a session he is known there."""

    def __init__(self, trinity: Deployment, session: Any = None) -> None:
        self._trinity, self.session = trinity, session

    @property
    def id(self) -> str:
        return str(self.session["id"])

    def ask(self, method: str, path: str, body: object = None) -> Reply:
        access = self.session and self.session["access"]
        said = {"Authorization": f"Bearer {access}"} if access else {}
        return self._trinity.ask(method, path, body, said)

    def told(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        reply = self.ask(method, path, body)
        assert reply.status == status, (method, path, reply)
        return reply.json if reply.body else None

    def until(self, path: str, holds: Callable[[Any], bool]) -> Any:
        until = monotonic() + PATIENCE_S
        while not holds(found := self.told("GET", path)):
            assert monotonic() < until, (path, found, self._trinity.stack.log[-4000:])
            sleep(0.2)
        return found


def member(trinity: Deployment, email: str, name: str) -> Person:
    stranger = Person(trinity)
    new = {"email": email, "password": PASSWORD, "name": name}
    id = stranger.told("POST", "/auth/register", new, 202)["id"]
    code = re.findall(r"\b\d{6}\b", mails(trinity.stack.url, email)[-1])[0]
    stranger.told("POST", "/auth/confirm", {"id": id, "code": code}, 204)
    said = {"email": email, "password": PASSWORD}
    return Person(trinity, stranger.told("POST", "/auth/login", said))


def guest(trinity: Deployment, code: str, name: str) -> Person:
    joined = Person(trinity).told("POST", "/rooms/join-by-code", {"code": code, "name": name})
    assert joined["room"]["code"] == code
    return Person(trinity, joined["session"])


def opened(host: Person, **more: object) -> Any:
    wanted = {"name": "Friday", "kind": "list", "options": OPTIONS, "titles": 10}
    return host.told("POST", "/rooms", wanted | more, 201)


def deck(person: Person, room: str) -> list[str]:
    return [one["id"] for one in person.told("GET", f"/rooms/{room}/deck")["titles"]]


def vote(person: Person, room: str, title: str, choice: str) -> Any:
    said = {"title_id": title, "choice": choice}
    return person.told("POST", f"/rooms/{room}/votes", said)


@pytest.fixture(scope="module")
def host(trinity: Deployment) -> Person:
    return member(trinity, "ann@example.com", "Ann")


def test_a_member_signs_in_and_stays_signed_in(trinity: Deployment, host: Person) -> None:
    wrong = {"email": "ann@example.com", "password": "Wrong-horse-7"}
    refused = Person(trinity).ask("POST", "/auth/login", wrong)
    assert (refused.status, refused.json["code"]) == (401, "AUTH_INVALID_CREDENTIALS")
    said = {"refresh": host.session["refresh"]}
    host.session = Person(trinity).told("POST", "/auth/refresh", said)
    profile = host.told("GET", "/users/profile")
    assert (profile["id"], profile["name"], profile["is_guest"]) == (host.id, "Ann", False)
    assert Person(trinity).ask("GET", "/users/profile").status == 401


def test_three_who_like_the_same_title_have_their_match(trinity: Deployment, host: Person) -> None:
    room = opened(host, capacity=3)
    id, code = room["id"], room["code"]
    invite = Person(trinity).told("GET", f"/invites/{code}")
    assert (invite["room_id"], invite["host_name"], invite["members"]) == (id, "Ann", 1)
    guests = [guest(trinity, code, name) for name in ("Bob", "Cid")]
    full = Person(trinity).ask("POST", "/rooms/join-by-code", {"code": code, "name": "Eve"})
    assert (full.status, full.json["code"]) == (409, "ROOM_FULL")
    stranger = member(trinity, "eve@example.com", "Eve")
    hidden = stranger.ask("GET", f"/rooms/{id}")
    assert (hidden.status, hidden.json["code"]) == (404, "NO_ROOM")

    assert guests[0].ask("POST", f"/rooms/{id}/start").status == 403
    assert host.told("POST", f"/rooms/{id}/start")["status"] == "voting"
    wanted = deck(host, id)[3]
    everybody = (host, *guests)
    said = [vote(one, id, wanted, "like")["response_type"] for one in everybody]
    assert said == ["VOTE_RECORDED", "VOTE_RECORDED", "MATCH_FOUND"]
    late = vote(host, id, deck(host, id)[0], "nope")
    assert (late["response_type"], late["match"]) == ("VOTE_IGNORED_MATCH_FOUND", wanted)
    for one in everybody:
        seen = one.told("GET", f"/rooms/{id}")
        assert (seen["status"], seen["match"]["id"]) == ("matched", wanted)

    events = host.told("GET", f"/rooms/{id}/events?after=0")["events"]
    assert [one["seq"] for one in events] == [*range(1, len(events) + 1)]
    assert [one["kind"] for one in events] == ["created", "joined", "joined", "started", "match"]
    results = host.told("GET", f"/rooms/{id}/results")
    assert {one["title"]["id"]: one["likes"] for one in results["titles"]}[wanted] == 3


def test_what_happened_is_told_outside_the_room_too(trinity: Deployment, host: Person) -> None:
    inbox = host.until("/notifications", lambda found: bool(found["items"]))
    assert "match" in {one["kind"] for one in inbox["items"]}
    past = host.told("GET", "/history")["items"]
    assert [one["status"] for one in past][:1] == ["matched"]


def test_two_who_agree_on_nothing_decide_in_a_runoff(trinity: Deployment, host: Person) -> None:
    room = opened(host, capacity=2)
    id = room["id"]
    other = guest(trinity, room["code"], "Dan")
    host.told("POST", f"/rooms/{id}/start")
    titles = deck(host, id)
    for place, title in enumerate(titles):
        vote(host, id, title, "like" if place < 3 else "nope")
        vote(other, id, title, "nope")
    seen = other.told("GET", f"/rooms/{id}")
    assert (seen["status"], seen["match"]) == ("no_consensus", None)

    asked = {"method": "approval", "count": 3}
    assert other.ask("POST", f"/rooms/{id}/runoff", asked).status == 403
    poll = host.told("POST", f"/rooms/{id}/runoff", asked)["poll"]
    options = host.told("GET", f"/rooms/{id}/polls/{poll}")["options"]
    assert {one["id"] for one in options} == {*titles[:3]}
    for one in (host, other):
        ballot = {"options": [titles[1]]}
        one.told("PUT", f"/rooms/{id}/polls/{poll}/ballot", ballot)
    ended = host.until(f"/rooms/{id}", lambda found: found["status"] == "matched")
    assert ended["match"]["id"] == titles[1]


def test_a_room_of_films_has_its_deck_from_our_own_catalogue(
    trinity: Deployment, host: Person
) -> None:
    room = host.told("POST", "/rooms", {"name": "Films", "titles": 20}, 201)
    found = host.told("GET", f"/rooms/{room['id']}/deck")["titles"]
    assert len(found) == 20
    assert all(one["year"] >= 1990 for one in found)
    refused = host.ask("PATCH", f"/rooms/{room['id']}/filters", {})
    assert (refused.status, refused.json["code"]) == (409, "FILTERS_FIXED")
    assert host.told("POST", f"/rooms/{room['id']}/cancel")["status"] == "cancelled"
