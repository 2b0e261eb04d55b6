"""Trinity under load: each of its endpoints at 200 requests a second, a vote until all screens of
its room show it, and ten times as many votes as usual, of which none is lost. The people and their
screens are in one process of their own, and take their time of the same two cores.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import cycle
from typing import Any

from bench.contender import Running, started
from bench.crowd import PASSWORD, TRINITY, Person, Room, at_rate, rooms_of
from bench.figure import Measured, Plan, Row
from bench.peers.lineup import skylift
from bench.session import ROOT

SERVER = skylift("serve", TRINITY)
ROOMS, MEMBERS, TITLES = 20, 50, 100
SMALL_ROOMS, SMALL_MEMBERS = 3, 10  # of --quick
REQUESTS_A_S, VOTES_A_S = 200.0, 40.0
SPIKE = 10  # times as many votes
ENDPOINT_MS, SCREEN_MS = 100.0, 250.0
LOAD_TIMES = 8  # so many times a round's seconds: each endpoint is asked often enough
SETTLED_S = 10.0
ROUND_S_MAX = 300.0
ROUNDS_MAX = 3
Deed = Callable[[], Awaitable[None]]


def rows(plan: Plan) -> list[Row]:
    is_small = plan.rounds == 1
    count, size = (SMALL_ROOMS, SMALL_MEMBERS) if is_small else (ROOMS, MEMBERS)
    found = [_round(count, size, plan.seconds) for _ in range(min(plan.rounds, ROUNDS_MAX))]
    return told(found, f"{size} members in each of {count} rooms")


def told(found: Sequence[dict[str, Any]], crowd: str) -> list[Row]:
    slowest = [max(one["endpoints"].values()) for one in found]
    each = sorted(found[0]["endpoints"].items(), key=lambda one: -one[1])
    note = ", ".join(f"{name} {ms:.1f} ms" for name, ms in each)
    screens = Measured.of([one["screen_ms"] for one in found])
    spike = Measured.of([one["spike_ms"] for one in found])
    lost = Measured.of([one["lost"] for one in found])
    refused = Measured.of([one["refused"] for one in found])
    at = f"{REQUESTS_A_S:.0f} requests/s"
    return [
        Row(f"the slowest endpoint at {at}, p95", "ms", Measured.of(slowest), limit=ENDPOINT_MS,
            note=note),
        Row(f"{crowd}: vote to every screen, p95", "ms", screens, limit=SCREEN_MS),
        Row(f"{SPIKE} times as many votes: accepted and not counted", "", lost, limit=0),
        Row(f"{SPIKE} times as many votes: refused", "", refused),
        Row(f"{SPIKE} times as many votes: answered, p95", "ms", spike),
    ]  # fmt: skip


def _round(count: int, size: int, seconds: float) -> dict[str, Any]:
    with started(SERVER) as server:
        said = [str(server.port), str(_state(server)), str(count), str(size), str(seconds)]
        command = [sys.executable, "-m", "bench.trinity", *said]
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=ROUND_S_MAX
        )
        return json.loads(done.stdout)


def _state(server: Running) -> str:
    return f"{server.folder / 'state'}"


# -- the people


async def lived(port: int, state: str, count: int, size: int, seconds: float) -> dict[str, Any]:
    rooms = await rooms_of(port, state, count, size, TITLES)
    turns = _turns(rooms)
    asking = Asking(rooms, turns)
    await at_rate([*asking.deeds(int(REQUESTS_A_S * seconds * LOAD_TIMES))], REQUESTS_A_S)
    screens = Screens()
    for room in rooms:
        await room.listen(screens.heard)
    votes = [screens.vote(*next(turns)) for _ in range(int(VOTES_A_S * seconds * LOAD_TIMES / 2))]
    await at_rate(votes, VOTES_A_S)
    await screens.settled(size)
    before = sum([await room.voted() for room in rooms])
    spike = Screens()
    rush = [spike.vote(*next(turns)) for _ in range(int(VOTES_A_S * SPIKE * seconds))]
    await at_rate(rush, VOTES_A_S * SPIKE)
    counted = sum([await room.voted() for room in rooms]) - before
    return {
        "endpoints": {name: p95(times) for name, times in asking.times.items()},
        "screen_ms": p95(screens.delays),
        "spike_ms": p95(spike.answers),
        "lost": abs(len(spike.answers) - counted),
        "refused": spike.refused,
    }


def _turns(rooms: Sequence[Room]) -> Iterator[tuple[Room, Person, str]]:
    """Who votes next, and on what: in each room one, and so on."""
    for title in range(TITLES):
        for seat in range(len(rooms[0].people)):
            yield from ((room, room.people[seat], room.titles[title]) for room in rooms)


# Of a member in his room. What is asked for more often stands here more often.
READING = {
    "GET /rooms/{id}": "/rooms/{id}",
    "GET /rooms/{id}/deck": "/rooms/{id}/deck",
    "GET /rooms/{id}/progress": "/rooms/{id}/progress",
    "GET /rooms/{id}/results": "/rooms/{id}/results",
    "GET /rooms/{id}/events": "/rooms/{id}/events?after=0",
    "GET /rooms/{id}/live": "/rooms/{id}/live",
    "GET /rooms/{id}/polls": "/rooms/{id}/polls",
    "GET /invites/{code}": "/invites/{code}",
    "GET /rooms": "/rooms",
    "GET /users/profile": "/users/profile",
    "GET /notifications": "/notifications",
    "GET /history": "/history",
    "GET /matches": "/matches",
    "GET /genres": "/genres",
    "GET /titles": "/titles?q=the",
}
VOTES_OF = 3  # votes beside one of each of these
RARE_EVERY = 40  # requests: then somebody signs in, opens a room or comes into one
OPENED_MAX = 4  # more rooms of each host, or he has to wait


class Asking:
    """Every endpoint in turn, with what each answer took."""

    def __init__(self, rooms: Sequence[Room], turns: Iterator[tuple[Room, Person, str]]) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self._turns = turns
        self._members = cycle([(room, one) for room in rooms for one in room.people[1:]])
        self._hosts = [*{room.people[0].id: room.people[0] for room in rooms}.values()]
        self._open, self._left = "", OPENED_MAX * len(self._hosts)
        self._rare = cycle([self._signing_in, self._opening, self._coming, self._going_on])
        self._new = 20_000  # numbers of people who come now

    def deeds(self, count: int) -> Iterator[Deed]:
        usual = cycle([*map(self._reading, READING), *[self._vote] * VOTES_OF, self._undo,
                       self._present, self._profile])  # fmt: skip
        for number in range(count):
            yield next(self._rare) if number % RARE_EVERY == RARE_EVERY - 1 else next(usual)

    async def _timed(self, name: str, who: Person, path: str, body: object = None) -> Any:
        begun = time.monotonic()
        said = await who.told(name.partition(" ")[0], path, body)
        self.times[name].append(time.monotonic() - begun)
        return said

    def _reading(self, name: str) -> Deed:
        async def deed() -> None:
            room, who = next(self._members)
            await self._timed(name, who, READING[name].format(id=room.id, code=room.code))

        return deed

    async def _vote(self) -> None:
        room, who, title = next(self._turns)
        said = {"title_id": title, "choice": "nope"}
        await self._timed("POST /rooms/{id}/votes", who, f"/rooms/{room.id}/votes", said)

    async def _undo(self) -> None:
        room, who, title = next(self._turns)
        path = f"/rooms/{room.id}/votes"
        await who.told("POST", path, {"title_id": title, "choice": "nope"})
        await self._timed("DELETE /rooms/{id}/votes/last", who, f"{path}/last")

    async def _present(self) -> None:
        room, who = next(self._members)
        await self._timed("POST /rooms/{id}/presence", who, f"/rooms/{room.id}/presence")

    async def _profile(self) -> None:
        _, who = next(self._members)
        await self._timed("PUT /users/profile", who, "/users/profile", {"theme": "dark"})

    async def _signing_in(self) -> None:
        said = {"email": self._hosts[0].email, "password": PASSWORD}
        await self._timed("POST /auth/login", self._somebody(), "/auth/login", said)

    async def _going_on(self) -> None:
        _, who = next(self._members)
        said = {"refresh": who.refresh}
        who.take(await self._timed("POST /auth/refresh", who, "/auth/refresh", said))

    async def _opening(self) -> None:
        if not self._left:
            await self._coming()
            return
        self._left -= 1
        host = self._hosts[self._left % len(self._hosts)]
        new = {"name": "One more", "capacity": 50}
        self._open = (await self._timed("POST /rooms", host, "/rooms", new))["code"]

    async def _coming(self) -> None:
        if self._open:
            said = {"code": self._open, "name": "Late"}
            path = "/rooms/join-by-code"
            await self._timed(f"POST {path}", self._somebody(), path, said)

    def _somebody(self) -> Person:
        self._new += 1
        return Person(self._hosts[0].port, self._new)


class Screens:
    """What all screens of a crowd show, and when: of each vote, how long it took to each of them.
    Everybody says no, so that no room comes to its end.
    """

    def __init__(self) -> None:
        self.delays: list[float] = []
        self.answers: list[float] = []
        self.refused = 0
        self._sent: dict[tuple[str, int], float] = {}
        self._early: dict[tuple[str, int], list[float]] = defaultdict(list)

    def vote(self, room: Room, who: Person, title: str) -> Deed:
        async def deed() -> None:
            begun = time.monotonic()
            said = {"title_id": title, "choice": "nope"}
            status, answer = await who.ask("POST", f"/rooms/{room.id}/votes", said)
            if status == 200:
                self.answers.append(time.monotonic() - begun)
                self._seen(who.id, room.id, answer["progress"]["voted"], begun)
            else:
                self.refused += 1

        return deed

    def _seen(self, who: str, room: str, voted: int, begun: float) -> None:
        at = (f"{room} {who}", voted)
        self._sent[at] = begun
        self.delays += [when - begun for when in self._early.pop(at, ())]

    def heard(self, now: float, event: dict[str, Any]) -> None:
        if event["kind"] != "progress" or not event["voted"]:
            return
        at = (f"{event['room_id']} {event['who']}", event["voted"])
        if at in self._sent:
            self.delays.append(now - self._sent[at])
        else:
            self._early[at].append(now)  # its answer is still on its way

    async def settled(self, size: int) -> None:
        until = time.monotonic() + SETTLED_S
        while len(self.delays) < len(self.answers) * size and time.monotonic() < until:
            await asyncio.sleep(0.1)
        if len(self.delays) < len(self.answers) * size:
            raise RuntimeError(f"{len(self.delays)} of {len(self.answers) * size} were shown")


def p95(seconds: Sequence[float]) -> float:
    """In milliseconds."""
    return sorted(seconds)[int(len(seconds) * 0.95)] * 1e3


if __name__ == "__main__":
    port, state, count, size, seconds = sys.argv[1:]
    print(json.dumps(asyncio.run(lived(int(port), state, int(count), int(size), float(seconds)))))
