"""Rooms as tests want them: laid as rows, so that a test begins where it is about something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from skylift import Caller, PartlyDone, Table, new_id, now
from skylift.testing import World
from skylift.testing.http import Http, HttpAnswer
from trinity.app import app  # before its modules, which it reads in their order
from trinity.decks import Deck, Title, decks
from trinity.events import RoomEvent, feed
from trinity.judging import tallies
from trinity.model import Choice, Room, Rules, Status, Tally
from trinity.rooms import Member, rooms, seats
from trinity.votes import Vote, ballot_of, votes

__all__ = ["app"]
T = TypeVar("T")


@dataclass(frozen=True)
class Scene:
    """A room, who is in it and what is voted on. The first member is the host."""

    world: World
    id: str
    members: list[str]
    titles: list[str]

    async def vote(
        self,
        who: str,
        title: str,
        choice: Choice = "like",
        key: str | None = None,
        *,
        again: bool = False,
    ) -> HttpAnswer:
        headers = {"idempotency-key": key} if key else {}
        body = {"title_id": title, "choice": choice, "again": again}
        return await self.as_(who).post(f"/rooms/{self.id}/votes", json=body, headers=headers)

    async def refuse_all(self) -> None:
        """Everybody says no to everything."""
        for who in self.members:
            for title in self.titles:
                await self.vote(who, title, "nope")

    async def undo(self, who: str, key: str | None = None) -> HttpAnswer:
        headers = {"idempotency-key": key} if key else {}
        return await self.as_(who).delete(f"/rooms/{self.id}/votes/last", headers=headers)

    async def post(self, who: str, path: str, body: object = None) -> HttpAnswer:
        return await self.as_(who).post(f"/rooms/{self.id}/{path}", json=body)

    async def get(self, who: str, path: str) -> HttpAnswer:
        return await self.as_(who).get(f"/rooms/{self.id}/{path}".rstrip("/"))

    async def leave(self, who: str) -> HttpAnswer:
        return await self.as_(who).delete(f"/rooms/{self.id}/leave")

    async def room(self) -> Room:
        return await rooms.require(self.id)

    async def told(self, kind: str | None = None) -> list[RoomEvent]:
        return [one async for one in feed.query(self.id) if kind in (None, one.kind)]

    async def votes_of(self, who: str) -> list[Vote]:
        return [one async for one in votes.query(ballot_of(self.id, who))]

    async def tally(self, title: str) -> Tally:
        return await tallies.require(self.id, title)

    def as_(self, who: str) -> Http:
        return self.world.http.as_(Caller(who, f"{who}@example.com"))


async def laid(
    world: World,
    size: int = 3,
    titles: int = 4,
    *,
    rules: Rules = Rules(),
    status: Status = "voting",
) -> Scene:
    """A room in which so many vote on so many titles."""
    id = new_id()
    members = [f"m{number}-{id[-6:]}" for number in range(size)]
    scene = Scene(world, id, members, [f"t{number:02}" for number in range(titles)])
    await rooms.create(room_of(scene, rules, status))
    await decks.put(Deck(room_id=id, part=1, titles=[Title(id=t, name=t) for t in scene.titles]))
    await _all_put(seats, [seat_of(scene, who) for who in scene.members])
    await _all_put(tallies, [Tally(room_id=id, title_id=title) for title in scene.titles])
    return scene


async def _all_put(table: Table[T, str, str], items: Sequence[T]) -> None:
    """Of some hundred thousand that are put where each fifth write is refused, one is given up."""
    while items:
        try:
            await table.put_many(items)
        except PartlyDone as partly:
            items = [cast(T, item) for item, _ in partly.failed]
        else:
            return


def room_of(scene: Scene, rules: Rules, status: Status) -> Room:
    is_begun = status != "waiting"
    return Room(
        id=scene.id,
        name="Friday",
        host=scene.members[0],
        code="ABC234",
        epoch="e1",
        created_at=now(),
        touched_at=now(),
        rules=rules,
        capacity=max(len(scene.members), 2),
        size=len(scene.titles),
        status=status,
        roster=scene.members,
        voters=set(scene.members) if is_begun else set(),
        started_at=now() if is_begun else None,
    )


def seat_of(scene: Scene, who: str) -> Member:
    return Member(room_id=scene.id, id=who, name=who, joined_at=now(), seen_at=now())


async def assert_counted(scene: Scene) -> None:
    """Tallies, progress and tokens are what the votes say, whatever has happened."""
    room = await scene.room()
    said = {who: await scene.votes_of(who) for who in scene.members}
    for title in scene.titles:
        tally = await scene.tally(title)
        held: dict[Choice, set[str]] = {
            "like": tally.likers - tally.supers,
            "super": tally.supers,
            "nope": tally.nopes - tally.vetoers,
            "veto": tally.vetoers,
            "skip": tally.skips,
        }
        cast = {
            choice: {w for w, all in said.items() for v in all if is_of(v, title, choice)}
            for choice in held
        }
        assert held == cast, title
    for who, cast in said.items():
        seat = await seats.require(scene.id, who)
        assert seat.voted == sum(vote.is_final for vote in cast)
        assert seat.supers == sum(vote.choice == "super" for vote in cast)
        assert seat.vetoes == sum(vote.choice == "veto" for vote in cast)
        assert (who in room.finished) == (seat.voted >= room.size)


def is_of(vote: Vote, title: str, choice: Choice) -> bool:
    return vote.title_id == title and vote.is_final and vote.choice == choice
