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
from collections.abc import Iterator, Sequence
from typing import Any

from bench.asking import Asking, Deed, evenings_of
from bench.contender import Running, started
from bench.crowd import TRINITY, Person, Room, at_rate, rooms_of
from bench.figure import Measured, Plan, Row
from bench.hashing import hashing
from bench.peers.lineup import skylift
from bench.session import ROOT

SERVER = skylift("serve", TRINITY)
ROOMS, MEMBERS, TITLES = 20, 50, 100
SMALL_ROOMS, SMALL_MEMBERS = 3, 10  # of --quick
REQUESTS_A_S, VOTES_A_S = 200.0, 40.0
SPIKE = 10  # times as many votes
ENDPOINT_MS, SCREEN_MS = 100.0, 250.0
ASKED_TIMES = 20  # so many times a round's seconds: each endpoint is asked often enough
LOAD_TIMES = 8
SETTLED_S = 10.0
ROUND_S_MAX = 300.0
ROUNDS_MAX = 3


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
    hashes = Measured.of([one["hash_ms"] for one in found])
    screens = Measured.of([one["screen_ms"] for one in found])
    spike = Measured.of([one["spike_ms"] for one in found])
    lost = Measured.of([one["lost"] for one in found])
    refused = Measured.of([one["refused"] for one in found])
    at = f"{REQUESTS_A_S:.0f} requests/s"
    return [
        Row(f"the slowest of {len(each)} endpoints at {at}, p95", "ms", endpoints,
            {"a password's hash alone": hashes}, limit=ENDPOINT_MS, note=note),
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
    asked = int(REQUESTS_A_S * seconds * ASKED_TIMES)
    asking = Asking(rooms, turns, await evenings_of(port, state, asked))
    async with hashing() as hashes:
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
        "hash_ms": p95(hashes),
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
