"""Trinity under load: a group swipes, some think again, and the process dies. A vote that was
acknowledged is there once, every count is that of the votes, and a room has one match, which
everybody is told.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from tests.crash.client import Client, expect

ROOMS, MEMBERS, TITLES = 3, 6, 30  # rooms at a time
LIKED, UNDONE = 0.75, 0.15
JUDGED_S_MAX = 30.0  # until a match is there that nobody was left to write
EVERY_S = 0.1


@dataclass
class Seat:
    """One member, and what he knows of his votes."""

    id: str
    token: str
    ahead: deque[str]
    told: dict[str, str] = field(default_factory=dict[str, str])  # acknowledged, by title
    unsure: tuple[str, str, str] | None = None  # title, choice and key of what has no answer yet
    uncertain: set[str] = field(default_factory=set[str])  # titles


@dataclass
class Group:
    """A room, from its first vote to its last."""

    id: str
    seats: list[Seat]
    matches: set[str] = field(default_factory=set[str])  # that anybody was told
    finders: int = 0  # who were told that they had found it


class SwipeLoad:
    workers = ROOMS * MEMBERS

    def __init__(self, seed: int = 1) -> None:
        self.acknowledged = self.repeated = self.undone = 0
        self._chance = Random(seed)
        self._groups: list[Group] = []
        self._over: list[Group] = []
        self._keys = count()

    async def begin(self, client: Client, number: int) -> None:
        self._over += [group for group in self._groups if group.matches]
        self._groups = [group for group in self._groups if not group.matches]
        while len(self._groups) < ROOMS:
            self._groups.append(await self._opened(client))

    async def work(self, client: Client, worker: int) -> None:
        group = self._groups[worker // MEMBERS]
        seat = group.seats[worker % MEMBERS]
        if seat.unsure is not None:
            self.repeated += 1
            await self._vote(client, group, seat)
        while seat.ahead and not group.matches:
            title = seat.ahead.popleft()
            choice = "like" if self._chance.random() < LIKED else "nope"
            seat.unsure = (title, choice, f"key-{next(self._keys)}")
            await self._vote(client, group, seat)
            if self._chance.random() < UNDONE and not group.matches:
                await self._undo(client, group, seat, title)

    async def check(self, client: Client) -> list[str]:
        return [line for group in self._groups for line in await self._checked(client, group)]

    async def check_all(self, client: Client) -> list[str]:
        groups = [*self._over, *self._groups]
        return [line for group in groups for line in await self._checked(client, group)]

    async def _opened(self, client: Client) -> Group:
        wanted = {"members": MEMBERS, "titles": TITLES}
        status, room = await client.ask("POST", "/doors/rooms", wanted)
        expect(status, 201, body=room)
        titles: list[str] = room["titles"]
        tokens: dict[str, str] = room["tokens"]
        return Group(
            room["id"],
            [
                Seat(who, token, deque(self._chance.sample(titles, TITLES)))
                for who, token in tokens.items()
            ],
        )

    async def _vote(self, client: Client, group: Group, seat: Seat) -> None:
        assert seat.unsure is not None
        title, choice, key = seat.unsure
        seat.uncertain.add(title)
        status, body = await client.ask(
            "POST",
            f"/rooms/{group.id}/votes",
            {"title_id": title, "choice": choice},
            authorization=f"Bearer {seat.token}",
            idempotency_key=key,
        )
        # 409: it was carried out, and the kill came before its answer was kept.
        expect(status, 200, 409, body=body)
        seat.unsure = None
        if status == 409:
            return
        self._learn(group, body)
        if body["progress"] is not None:
            seat.told[title] = choice
            seat.uncertain.discard(title)
            self.acknowledged += 1

    def _learn(self, group: Group, body: dict[str, Any]) -> None:
        group.finders += body["response_type"] == "MATCH_FOUND"
        if body["match"] is not None:
            group.matches.add(body["match"])

    async def _undo(self, client: Client, group: Group, seat: Seat, title: str) -> None:
        seat.uncertain.add(title)
        status, body = await client.ask(
            "DELETE", f"/rooms/{group.id}/votes/last", authorization=f"Bearer {seat.token}"
        )
        expect(status, 200, 409, body=body)
        seat.uncertain.discard(title)
        if status == 200:
            del seat.told[title]
            seat.ahead.append(title)
            self.undone += 1

    async def _checked(self, client: Client, group: Group) -> list[str]:
        held = await self._judged(client, group)
        wrong = [f"room {group.id}: {line}" for line in differences(group, held)]
        for seat in group.seats:
            settle(seat, held["votes"][seat.id])
        return wrong

    async def _judged(self, client: Client, group: Group) -> dict[str, Any]:
        """The room, once nobody has to look at it any more."""
        for _ in range(int(JUDGED_S_MAX / EVERY_S)):
            status, held = await client.ask("GET", f"/doors/rooms/{group.id}")
            expect(status, 200, body=held)
            if held["status"] != "voting" or not is_due(held):
                break
            await asyncio.sleep(EVERY_S)
        group.matches |= set(held["matches"])
        return held

    @property
    def matched(self) -> int:
        return sum(bool(group.matches) for group in [*self._over, *self._groups])

    def __str__(self) -> str:
        return (
            f"{self.acknowledged:,} votes of {len(self._over) + len(self._groups)} rooms, "
            f"{self.undone} undone, {self.repeated} requests repeated; "
            f"{self.matched} rooms have their match"
        )


def is_due(held: dict[str, Any]) -> bool:
    """All like one title, or all have voted on all of them."""
    liked = any(len(tally["like"]) == MEMBERS for tally in held["tallies"].values())
    return liked or all(voted == TITLES for voted in held["voted"].values())


def settle(seat: Seat, cast: dict[str, str]) -> None:
    """What nobody was told of a vote is what has become of it."""
    for title in seat.uncertain:
        seat.told.pop(title, None)
        if title in cast:
            seat.told[title] = cast[title]
    repeats = {seat.unsure[0]} if seat.unsure else set[str]()
    seat.uncertain &= repeats
    known = {*seat.told, *seat.ahead} | repeats
    seat.ahead.extend(sorted({f"t{number:02}" for number in range(TITLES)} - known))


def differences(group: Group, held: dict[str, Any]) -> list[str]:
    wrong: list[str] = []
    for seat in group.seats:
        cast = held["votes"][seat.id]
        certain = {title: one for title, one in cast.items() if title not in seat.uncertain}
        told = {title: one for title, one in seat.told.items() if title not in seat.uncertain}
        if certain != told:
            wrong.append(f"{seat.id} was told {told}, and there is {certain}")
        if held["voted"][seat.id] != len(cast):
            wrong.append(f"{seat.id} has {held['voted'][seat.id]} votes in his seat, not {cast}")
    return wrong + miscounted(held) + mismatched(group, held)


def miscounted(held: dict[str, Any]) -> list[str]:
    wrong: list[str] = []
    for title, tally in held["tallies"].items():
        for choice, counted in tally.items():
            cast = [who for who, said in held["votes"].items() if said.get(title) == choice]
            if counted != sorted(cast):
                wrong.append(f"{choice} of {title} is counted as {counted}, voted by {cast}")
    return wrong


def mismatched(group: Group, held: dict[str, Any]) -> list[str]:
    """One match at most, the same for all, and there when it is due."""
    found = [title for _, kind, title in held["told"] if kind == "match"]
    wrong: list[str] = []
    if found != held["matches"] or len(found) > 1:
        wrong.append(f"matches {held['matches']}, and told were {found}")
    if not group.matches <= set(found) or group.finders > 1:
        wrong.append(f"{group.matches} was told, {group.finders} times as found")
    if is_due(held) and held["status"] == "voting":
        wrong.append("nobody has seen that it is decided")
    seqs = [seq for seq, _, _ in held["told"]]
    if seqs != [*range(1, len(seqs) + 1)]:
        wrong.append(f"events are not numbered one by one: {seqs}")
    return wrong
