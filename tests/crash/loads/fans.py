"""What is given to more than one: each of those who asked for it handles it or buries it, nobody
else ever sees it, and of what nobody was told of all comes or nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.crash.client import Client, expect
from tests.crash.loads.pending import ASKED_AT_ONCE, DRAINED_S_MAX, EVERY_S

HANDLED_MIN = 0.99  # of what can succeed
HOPELESS = 99
FAILURES = {3: 1, 7: HOPELESS}  # by number, of so many:
NUMBERS = 13
PLACES = ("here", "nearby", "far")


@dataclass(frozen=True)
class Sent:
    path: str
    body: Mapping[str, object]
    to: frozenset[str]  # whoever is to get it

    @property
    def is_hopeless(self) -> bool:
        return self.body.get("failures") == HOPELESS


@dataclass
class FanLoad:
    """Of one kind of message. Failures come in the first rounds only, since a function that is
    called asynchronously waits for minutes before it is called again.
    """

    name: str
    make: Callable[[str, int, int], Sent]
    workers: int = 2
    failing_rounds: int = 0
    acknowledged: int = 0
    handled: int = 0
    repeated: int = 0
    buried: int = 0
    hopeless: int = 0
    _owed: dict[str, Sent] = field(default_factory=dict[str, Sent])
    _unsure: dict[str, Sent] = field(default_factory=dict[str, Sent])  # no answer ever came

    async def begin(self, client: Client, number: int) -> None:
        self._round = number

    async def work(self, client: Client, worker: int) -> None:
        for number in count():
            fails = FAILURES.get(number % NUMBERS, 0) * (self._round < self.failing_rounds)
            id = f"{self.name}-{self._round}.{worker}.{number}"
            sent = self._unsure[id] = self.make(id, number, fails)
            status, body = await client.ask("POST", sent.path, sent.body)
            expect(status, 204, body=body)
            self._owed[id] = self._unsure.pop(id)
            self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        wrong, _ = await self._settled(client)
        return wrong

    async def check_all(self, client: Client) -> list[str]:
        wrong: list[str] = []
        half: list[str] = []
        try:
            async with asyncio.timeout(DRAINED_S_MAX):
                while True:
                    more, half = await self._settled(client)
                    wrong += more
                    if not self._owed and not half:
                        break
                    await asyncio.sleep(EVERY_S)
        except TimeoutError:
            lost = [f"{id} for {sorted(one.to)}" for id, one in self._owed.items()]
            if lost:
                said = f"{len(lost)} of {self.name} were accepted and have no end"
                wrong.append(f"{said}, as {lost[:3]}")
            wrong += [f"{id} was never acknowledged and is half done" for id in half]
        if self.handled < HANDLED_MIN * (self.handled + self.buried - self.hopeless):
            wrong.append(f"of {self.name} {self.buried - self.hopeless} were buried needlessly")
        return wrong

    def recent(self) -> list[str]:
        """What this round has asked for and is not known to have ended."""
        begun = f"{self.name}-{self._round}."
        return sorted(id for id in {**self._owed, **self._unsure} if id.startswith(begun))

    def owed(self, ids: Iterable[str]) -> set[str]:
        return {id for id in ids if id in self._owed}

    def owe(self, ids: Iterable[str]) -> None:
        """These have happened, whether or not anybody was told."""
        for id in ids:
            if id in self._unsure:
                self._owed[id] = self._unsure.pop(id)

    async def _settled(self, client: Client) -> tuple[list[str], list[str]]:
        """What is wrong, and what nobody was told of and is half done."""
        wrong: list[str] = []
        half: list[str] = []
        ids = sorted({**self._owed, **self._unsure})
        for at in range(0, len(ids), ASKED_AT_ONCE):
            portion = ids[at : at + ASKED_AT_ONCE]
            status, found = await client.ask("POST", "/arrivals/known", {"ids": portion})
            expect(status, 200, body=found)
            came: dict[str, list[dict[str, Any]]] = {}
            for one in found["arrivals"]:
                came.setdefault(one["id"], []).append(one)
            for id, arrivals in came.items():
                sent = self._owed.get(id) or self._unsure[id]
                wrong += self._misdelivered(sent, arrivals)
                if {one["by"] for one in arrivals} >= sent.to:
                    self._end(id, sent, arrivals)
                elif id in self._unsure:
                    half.append(id)
        return wrong, half

    def _misdelivered(self, sent: Sent, arrivals: list[dict[str, Any]]) -> list[str]:
        return [
            f"{one['id']} came to {one['by']}, which was not to have it"
            for one in arrivals
            if one["by"] not in sent.to or (sent.is_hopeless and one["handled"])
        ]

    def _end(self, id: str, sent: Sent, arrivals: list[dict[str, Any]]) -> None:
        self._owed.pop(id, None)
        self._unsure.pop(id, None)
        for one in arrivals:
            self.buried += bool(one["buried"])
            self.handled += not one["buried"]
            self.repeated += one["handled"] > 1
            self.hopeless += sent.is_hopeless

    def __str__(self) -> str:
        return (
            f"{self.acknowledged:,} of {self.name}: {self.handled:,} handled ({self.repeated} of "
            f"them more than once), {self.buried:,} buried, of which {self.hopeless:,} could not "
            "succeed"
        )


# -- kinds


def news(id: str, number: int, failures: int) -> Sent:
    """To a topic, with filters."""
    size, place = number % 10, PLACES[number % len(PLACES)]
    to = {"read_all"}
    to |= {"read_big"} if size > 5 else set[str]()
    to |= {"read_local"} if place != "far" else set[str]()
    to |= {"read_digest"} if place != "here" else set[str]()
    body = {"id": id, "size": size, "place": place, "failures": failures}
    return Sent("/news", body, frozenset(to))


def rooms(id: str, number: int, failures: int) -> Sent:
    """To a bus, with patterns."""
    seats, name = number % 10, "great-hall" if number % 4 == 0 else "den"
    body = {"id": id, "room": {"name": name, "seats": seats}, "failures": failures}
    if number % 2:
        to = {"see_opened"} | ({"see_large"} if 4 <= seats < 8 else set[str]())
        return Sent("/rooms/opened", body, frozenset(to))
    to = {"see_closed"} | ({"see_special"} if seats == 0 or name == "great-hall" else set[str]())
    return Sent("/rooms/closed", body, frozenset(to))


def jobs(id: str, _number: int, failures: int) -> Sent:
    """Started by hand."""
    return Sent("/jobs", {"id": id, "failures": failures}, frozenset(["work"]))
