"""People who come through the door: rooms as routes make them, of a short list of options."""

from __future__ import annotations

from typing import Any

from skylift import Caller
from skylift.testing import World
from skylift.testing.http import Http, HttpAnswer
from trinity.app import app
from trinity.events import RoomEvent, feed
from trinity.people import Person, people

__all__ = ["app"]
DISHES = ["pizza", "ramen", "tacos"]


class Party:
    """One room, and who comes to it by name."""

    def __init__(self, world: World, room: dict[str, Any]) -> None:
        self.world, self.id, self.code = world, str(room["id"]), str(room["code"])

    async def join(self, *names: str, code: str | None = None) -> HttpAnswer:
        """All at the same time as far as one can; the answer is the last one's."""
        for name in names:
            who = await member(self.world, name)
            answer = await who.post("/rooms/join-by-code", json={"code": code or self.code})
        return answer  # pyright: ignore[reportPossiblyUnboundVariable]

    async def guest(self, name: str) -> HttpAnswer:
        said = {"code": self.code, "name": name}
        return await self.world.http.post("/rooms/join-by-code", json=said)

    async def post(self, who: str, path: str, body: object = None) -> HttpAnswer:
        return await caller(self.world, who).post(f"/rooms/{self.id}/{path}", json=body)

    async def get(self, who: str, path: str = "") -> HttpAnswer:
        return await caller(self.world, who).get(f"/rooms/{self.id}{path}")

    async def leave(self, who: str) -> HttpAnswer:
        return await caller(self.world, who).delete(f"/rooms/{self.id}/leave")

    async def like(self, who: str, title: str = "o1") -> HttpAnswer:
        return await self.post(who, "votes", {"title_id": title, "choice": "like"})

    async def nope(self, who: str, *titles: str) -> None:
        for title in titles:
            await self.post(who, "votes", {"title_id": title, "choice": "nope"})

    async def events(self) -> list[RoomEvent]:
        return [event async for event in feed.query(self.id)]


async def party(world: World, *names: str, **new: object) -> Party:
    """A room that the first of them opens and the others join."""
    host = await member(world, names[0])
    answer = await host.post("/rooms", json=wanted(**new))
    assert answer.status == 201, answer.text
    held = Party(world, answer.json)
    if names[1:]:
        assert (await held.join(*names[1:])).status == 200
    return held


def wanted(**new: object) -> dict[str, object]:
    return {"name": "Friday", "kind": "list", "options": DISHES} | new


async def member(world: World, name: str) -> Http:
    """Somebody with an account."""
    await people.put(Person(id=name, name=name.title()))
    return caller(world, name)


def caller(world: World, name: str) -> Http:
    return world.http.as_(Caller(name, f"{name}@example.com"))
