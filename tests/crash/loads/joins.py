"""Trinity's way in under load: more come to a room at once than it has seats, and the process dies.
No room has more people than seats, and who was let in is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.crash.client import Client, expect

LOBBIES, SEATS, COMING = 10, 4, 8  # at a time; one seat is the host's


@dataclass
class Lobby:
    """A room, and what those know who came to it."""

    id: str
    code: str
    guests: list[tuple[str, str]]  # and the token of each
    let_in: set[str] = field(default_factory=set[str])
    refused: set[str] = field(default_factory=set[str])
    unsure: set[str] = field(default_factory=set[str])  # whose answer never came

    def is_due(self, who: str) -> bool:
        return who not in self.let_in | self.refused


class JoinLoad:
    workers = COMING

    def __init__(self) -> None:
        self.acknowledged = self.turned_away = self.repeated = 0
        self._lobbies: list[Lobby] = []
        self._over: list[Lobby] = []

    async def begin(self, client: Client, number: int) -> None:
        self._over += [one for one in self._lobbies if not _due(one)]
        self._lobbies = [one for one in self._lobbies if _due(one)]
        while len(self._lobbies) < LOBBIES:
            self._lobbies.append(await _opened(client))

    async def work(self, client: Client, worker: int) -> None:
        for lobby in self._lobbies:
            who, token = lobby.guests[worker]
            if lobby.is_due(who):
                await self._join(client, lobby, who, token)

    async def check(self, client: Client) -> list[str]:
        return [line for one in self._lobbies for line in await _checked(client, one)]

    async def check_all(self, client: Client) -> list[str]:
        """Whoever never had an answer asks once more."""
        wrong: list[str] = []
        for lobby in [*self._over, *self._lobbies]:
            for who, token in lobby.guests:
                if who in lobby.unsure:
                    await self._join(client, lobby, who, token)
            wrong += await _checked(client, lobby)
        return wrong

    async def _join(self, client: Client, lobby: Lobby, who: str, token: str) -> None:
        """To join twice is to join once, so a repeat needs no key."""
        self.repeated += who in lobby.unsure
        lobby.unsure.add(who)
        status, body = await client.ask(
            "POST",
            f"/rooms/{lobby.id}/join",
            {"code": lobby.code},
            authorization=f"Bearer {token}",
        )
        expect(status, 200, 409, body=body)
        lobby.unsure.discard(who)
        if status == 200:
            lobby.let_in.add(who)
            self.acknowledged += 1
        else:
            assert body["code"] == "ROOM_FULL", body
            lobby.refused.add(who)
            self.turned_away += 1

    def __str__(self) -> str:
        return (
            f"{self.acknowledged:,} joined {len(self._over) + len(self._lobbies)} rooms, "
            f"{self.turned_away} found no seat, {self.repeated} asked twice"
        )


def _due(lobby: Lobby) -> bool:
    return any(lobby.is_due(who) for who, _ in lobby.guests)


async def _opened(client: Client) -> Lobby:
    wanted = {"seats": SEATS, "coming": COMING}
    status, room = await client.ask("POST", "/doors/lobbies", wanted)
    expect(status, 201, body=room)
    return Lobby(room["id"], room["code"], [*room["tokens"].items()])


async def _checked(client: Client, lobby: Lobby) -> list[str]:
    status, held = await client.ask("GET", f"/doors/lobbies/{lobby.id}")
    expect(status, 200, body=held)
    return [f"lobby {lobby.id}: {line}" for line in differences(lobby, held)]


def differences(lobby: Lobby, held: dict[str, Any]) -> list[str]:
    roster: list[str] = held["roster"]
    inside, wrong = {*roster}, list[str]()
    if not len(inside) == len(roster) <= SEATS:
        wrong.append(f"{roster} are in it, and it has {SEATS} seats")
    if not lobby.let_in <= inside <= {roster[0]} | lobby.let_in | lobby.unsure:
        wrong.append(f"{lobby.let_in} were let in, {roster} are in it")
    if lobby.refused and len(roster) < SEATS:
        wrong.append(f"{lobby.refused} were told that it is full, {roster} are in it")
    for name in ("here", "bound"):
        if sorted(held[name]) != sorted(roster):
            wrong.append(f"{name} are {held[name]}, and {roster} are in it")
    if held["joined"] != roster[1:] or held["seqs"] != [*range(1, len(roster) + 1)]:
        wrong.append(f"told was {held['joined']} as {held['seqs']}, {roster} are in it")
    return wrong
