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
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import cycle
from random import Random
from typing import Any

from bench.contender import Running, started
from bench.crowd import TRINITY, Person, Room, at_rate, forgetful, registered, rooms_of
from bench.evening import Step, Steps, evening
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
    asked = defaultdict[str, list[float]](list)
    for one in found:
        for name, times in one["endpoints"].items():
            asked[name] += times
    each = sorted(((p95(times), name) for name, times in asked.items()), reverse=True)
    slowest = [max(map(p95, one["endpoints"].values())) for one in found]
    endpoints = Measured(each[0][0], min(slowest), max(slowest))  # of all rounds together
    note = ", ".join(f"{name} {ms:.1f} ms" for ms, name in each)
    screens = Measured.of([one["screen_ms"] for one in found])
    spike = Measured.of([one["spike_ms"] for one in found])
    lost = Measured.of([one["lost"] for one in found])
    refused = Measured.of([one["refused"] for one in found])
    at = f"{REQUESTS_A_S:.0f} requests/s"
    return [
        Row(f"the slowest of {len(each)} endpoints at {at}, p95", "ms", endpoints,
            limit=ENDPOINT_MS, note=note),
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
    asked = int(REQUESTS_A_S * seconds * LOAD_TIMES)
    evenings = await evenings_of(port, state, asked // STEP_EVERY // STEPS)
    asking = Asking(rooms, turns, evenings)
    await at_rate([*asking.deeds(asked)], REQUESTS_A_S)
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
        "endpoints": asking.times,
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
STEP_EVERY = 3  # requests: then an evening goes on by a step
STEPS = 116  # of an evening
EVENINGS_AT_ONCE = 4  # or all would register within a moment
EVENINGS_FROM, NUMBERS_MAX = 20_000, 60_000  # of who comes for one


async def evenings_of(port: int, state: str, count: int) -> list[Steps]:
    numbers = iter(range(EVENINGS_FROM, NUMBERS_MAX))
    hosts = await registered([Person(port, next(numbers)) for _ in range(count)], state)
    others = await forgetful([Person(port, next(numbers)) for _ in range(count)], state)
    return [
        evening(host, other, lambda: Person(port, next(numbers)))
        for host, other in zip(hosts, others, strict=True)
    ]


class Asking:
    """Every endpoint, with what each answer took: what members ask for in turn, and between that
    the steps of evenings.
    """

    def __init__(
        self,
        rooms: Sequence[Room],
        turns: Iterator[tuple[Room, Person, str]],
        evenings: Sequence[Steps],
    ) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self._turns = turns
        self._members = cycle([(room, one) for room in rooms for one in room.people[1:]])
        self._later = deque(evenings)
        self._due: list[tuple[Steps, Step]] = []
        self._chance = Random(len(evenings))
        self._steps = self._begun = 0

    def deeds(self, count: int) -> Iterator[Deed]:
        usual = cycle([*map(self._reading, READING), *[self._vote] * VOTES_OF, self._undo,
                       self._present])  # fmt: skip
        for number in range(count):
            yield self._step if number % STEP_EVERY == STEP_EVERY - 1 else next(usual)

    async def _timed(
        self, name: str, who: Person, path: str, body: object = None, *, is_refused: bool = False
    ) -> Any:
        begun = time.monotonic()
        status, said = await who.ask(name.partition(" ")[0], path, body)
        self.times[name].append(time.monotonic() - begun)
        if (status >= 300) is not is_refused:
            raise RuntimeError(f"{name}: {status} {said}")
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

    async def _step(self) -> None:
        """Of any evening that has one: each has a pace of its own, and they begin one by one."""
        is_due = self._steps >= self._begun * STEPS // EVENINGS_AT_ONCE
        if is_due and self._begun < EVENINGS_AT_ONCE:
            self._begin()
        self._steps += 1
        if not self._due:
            return  # all are at a step, or over
        one, step = self._due.pop(self._chance.randrange(len(self._due)))
        said = await self._timed(
            step.name, step.who, step.path, step.body, is_refused=step.is_refused
        )
        try:
            self._due.append((one, one.send(said)))
        except StopIteration:
            self._begin()

    def _begin(self) -> None:
        if self._later:
            self._begun += 1
            one = self._later.popleft()
            self._due.append((one, next(one)))


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
