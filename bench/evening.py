"""An evening at Trinity: from an account that is new to rooms that are over, by each of the ways in
which a room can end. Its steps come one after another, each with the answer of the one before;
whoever plays it says when the next is due. So every endpoint is asked in a state that allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.crowd import PASSWORD, Account, Person


@dataclass(frozen=True)
class Step:
    name: str  # of the endpoint
    who: Person
    path: str
    body: object = None
    is_refused: bool = False


Steps = Generator[Step, Any, Any]  # sent: what was answered


@dataclass(frozen=True)
class Place:
    """A room, as those in it have to name it."""

    id: str
    code: str

    def ask(self, name: str, who: Person, body: object = None, **more: str) -> Steps:
        said = Step(name, who, _path(name, id=self.id, code=self.code, **more), body)
        return (yield said)

    def join(self, who: Person, name: str) -> Steps:
        body = {"code": self.code, "name": name}
        joined = yield from _ask("POST /rooms/join-by-code", who, body)
        who.take(joined["session"])

    def refuse_all(self, voters: Sequence[Person]) -> Steps:
        deck = yield from self.ask("GET /rooms/{id}/deck", voters[0])
        for title in deck["titles"]:
            if title["mine"] is None:
                for who in voters:
                    yield from self.vote(who, title["id"], "nope")

    def vote(self, who: Person, title: str, choice: str) -> Steps:
        yield from self.ask("POST /rooms/{id}/votes", who, {"title_id": title, "choice": choice})


def evening(host: Account, forgetful: Account, person: Callable[[], Person]) -> Steps:
    """Of a host, of somebody who has forgotten his password, and of guests who come."""
    yield from _accounts(host, forgetful, person())
    guests = [person(), person()]
    yield from _films(host.person, guests, [person(), person()])
    yield from _lowered(host.person, [person(), person()])
    yield from _run_off(host.person, [person(), person()])
    yield from _decided(host.person, forgetful, person())
    for path in ("/notifications", "/history", "/matches", "/rooms"):
        yield from _ask(f"GET {path}", host.person)
    yield from _ask("POST /notifications/read", host.person, {"all": True})
    yield from _ask("POST /auth/logout", host.person, {"refresh": host.person.refresh})


def _accounts(host: Account, forgetful: Account, new: Person) -> Steps:
    account = {"email": f"{new.ip}@example.com", "password": PASSWORD, "name": "New"}
    registered: Any = yield from _ask("POST /auth/register", new, account)
    yield from _ask("POST /auth/resend", new, {"id": registered["id"]})
    yield from _ask("POST /auth/confirm", host.person, {"id": host.id, "code": host.code})
    signing_in = {"email": host.email, "password": PASSWORD}
    host.person.take((yield from _ask("POST /auth/login", host.person, signing_in)))
    refresh = {"refresh": host.person.refresh}
    host.person.take((yield from _ask("POST /auth/refresh", host.person, refresh)))
    reset = {"email": forgetful.email, "code": forgetful.code, "password": PASSWORD}
    yield from _ask("POST /auth/reset", forgetful.person, reset)
    yield from _ask("POST /auth/forgot", host.person, {"email": host.email})
    yield from _ask("PUT /users/profile", host.person, {"theme": "dark"})


def _films(host: Person, guests: Sequence[Person], unwanted: Sequence[Person]) -> Steps:
    """The host's controls; then no match, more titles, and chance."""
    room: Place = yield from _opened(host, {"name": "Films", "titles": 10})
    yield from room.ask("GET /invites/{code}", guests[0])
    for number, guest in enumerate([*guests, *unwanted]):
        yield from room.join(guest, f"Guest {number}")
    for deed, guest in zip(("kick", "ban"), unwanted, strict=True):
        name = f"POST /rooms/{{id}}/members/{{member}}/{deed}"
        yield from room.ask(name, host, member=guest.id)
    renewed: Any = yield from room.ask("POST /rooms/{id}/code", host)
    room = Place(room.id, renewed["code"])
    yield from room.ask("POST /rooms/{id}/presenter", host)
    filters = "PATCH /rooms/{id}/filters"
    yield Step(filters, host, _path(filters, id=room.id), is_refused=True)
    for deed in ("start", "pause", "resume"):
        yield from room.ask(f"POST /rooms/{{id}}/{deed}", host)
    yield from _asked(room, host, guests)
    yield from room.ask("DELETE /rooms/{id}/leave", guests[1])
    voters = [host, guests[0]]
    yield from room.refuse_all(voters)
    yield from room.ask("POST /rooms/{id}/extend", host, {"count": 1})
    yield from room.refuse_all(voters)
    yield from room.ask("POST /rooms/{id}/random", host)
    yield from _looked_back(room, host)
    again: Any = yield from room.ask("POST /rooms/{id}/restart", host)
    yield from Place(again["id"], again["code"]).ask("POST /rooms/{id}/cancel", host)


def _asked(room: Place, host: Person, guests: Sequence[Person]) -> Steps:
    """A poll beside the vote."""
    new = {"question": "When?", "options": ["At eight", "At nine"]}
    poll: Any = (yield from room.ask("POST /rooms/{id}/polls", host, new))["id"]
    for who in [host, *guests]:
        ballot = {"options": ["1"]}
        yield from room.ask("PUT /rooms/{id}/polls/{poll}/ballot", who, ballot, poll=poll)
    yield from room.ask("GET /rooms/{id}/polls/{poll}", guests[0], poll=poll)
    yield from room.ask("POST /rooms/{id}/polls/{poll}/close", host, poll=poll)


def _lowered(host: Person, guests: Sequence[Person]) -> Steps:
    """Two of three like one title: that is enough once less is asked for."""
    pasted: Any = yield from _ask("POST /lists", host, {"text": "Pizza\nSushi\n"})
    room: Place = yield from _listed(host, guests, [one["name"] for one in pasted["options"]])
    deck: Any = yield from room.ask("GET /rooms/{id}/deck", host)
    first, second = (one["id"] for one in deck["titles"])
    for who, choice in zip([host, *guests], ("like", "like", "nope"), strict=True):
        yield from room.vote(who, first, choice)
        yield from room.vote(who, second, "nope")
    yield from room.ask("POST /rooms/{id}/lower", host, {"strategy": "majority"})
    yield from _looked_back(room, host)


def _run_off(host: Person, guests: Sequence[Person]) -> Steps:
    room: Place = yield from _listed(host, guests, ["Pizza", "Sushi"])
    yield from room.refuse_all([host, *guests])
    asked: Any = yield from room.ask("POST /rooms/{id}/runoff", host, {"method": "irv"})
    poll: Any = asked["poll"]
    deck: Any = yield from room.ask("GET /rooms/{id}/deck", host)
    ranked = {"options": [one["id"] for one in deck["titles"]]}
    for who in [host, *guests]:
        yield from room.ask("PUT /rooms/{id}/polls/{poll}/ballot", who, ranked, poll=poll)
    yield from room.ask("GET /rooms/{id}/results", host)


def _decided(host: Person, account: Account, guest: Person) -> Steps:
    """One comes by the room's id, one gets an account; who leads by now decides."""
    signing_in, member = {"email": account.email, "password": PASSWORD}, account.person
    member.take((yield from _ask("POST /auth/login", member, signing_in)))
    room: Place = yield from _opened(host, _list(["Pizza", "Sushi"]))
    yield from room.ask("POST /rooms/{id}/join", member, {"code": room.code})
    yield from room.join(guest, "Guest")
    upgrade = {"email": f"{guest.ip}@example.com", "password": PASSWORD}
    yield from _ask("POST /auth/upgrade", guest, upgrade)
    yield from room.ask("POST /rooms/{id}/start", host)
    voters = [host, member, guest]
    yield from room.refuse_all(voters)
    yield from room.ask("POST /rooms/{id}/members/{member}/host", host, member=member.id)
    deck: Any = yield from room.ask("GET /rooms/{id}/deck", member)
    chosen = {"title_id": deck["titles"][0]["id"]}
    yield from room.ask("POST /rooms/{id}/decide", member, chosen)
    yield from room.ask("POST /rooms/{id}/complete", member)


def _looked_back(room: Place, who: Person) -> Steps:
    for name in ("results", "stats", "events"):
        yield from room.ask(f"GET /rooms/{{id}}/{name}", who)


def _listed(host: Person, guests: Sequence[Person], options: Sequence[str]) -> Steps:
    room: Place = yield from _opened(host, _list(options))
    for number, guest in enumerate(guests):
        yield from room.join(guest, f"Guest {number}")
    yield from room.ask("POST /rooms/{id}/start", host)
    return room


def _opened(host: Person, new: object) -> Steps:
    made = yield from _ask("POST /rooms", host, new)
    return Place(made["id"], made["code"])


def _list(options: Sequence[str]) -> object:
    return {"name": "A list", "kind": "list", "options": [*options]}


def _ask(name: str, who: Person, body: object = None) -> Steps:
    return (yield Step(name, who, name.partition(" ")[2], body))


def _path(name: str, **known: str) -> str:
    return name.partition(" ")[2].format(**known)
