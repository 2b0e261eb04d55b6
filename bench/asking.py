"""What the people at Trinity ask for: every endpoint, what is asked for more often more often."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import cycle
from random import Random
from typing import Any

from bench.crowd import Person, Room, forgetful, registered
from bench.evening import Step, Steps, evening

Deed = Callable[[], Awaitable[None]]

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


async def evenings_of(port: int, state: str, asked: int) -> list[Steps]:
    """As many as so many requests leave time for."""
    count = asked // STEP_EVERY // STEPS
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
