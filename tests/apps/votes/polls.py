"""Votes, counted by who follows their table; what cannot be counted is given up, and only that."""

from __future__ import annotations

import os
from datetime import datetime

from skylift import (
    Api,
    Backoff,
    Change,
    Context,
    NotFound,
    Struct,
    Table,
    new_id,
    now,
    transaction,
)

api = Api("api")


class Vote(Struct):
    room: str
    voter: str
    choice: str
    ends: datetime | None = None


class Total(Struct):
    choice: str
    votes: int = 0


class Entry(Struct):
    """What happened to one vote, as its follower was told."""

    voter: str
    at: str
    kind: str
    before: str | None = None
    after: str | None = None
    attempt: int = 1


class Wanted(Struct):
    choice: str
    ends_in_s: float | None = None


class Buried(Struct):
    voter: str
    reason: str
    error: str
    attempts: int


votes = Table("votes", Vote, key=("room", "voter"), ttl="ends")
totals = Table("totals", Total, key="choice")
entries = Table("entries", Entry, key=("voter", "at"))


@api.put("/rooms/{room}/votes/{voter}", status=204)
async def vote(room: str, voter: str, wanted: Wanted) -> None:
    ends = None
    if wanted.ends_in_s is not None:
        ends = datetime.fromtimestamp(now().timestamp() + wanted.ends_in_s, now().tzinfo)
    await votes.put(Vote(room, voter, wanted.choice, ends))


@api.post("/rooms/{room}/moves/{voter}/{choice}", status=204)
async def change_mind(room: str, voter: str, choice: str) -> None:
    """In a transaction, which is told like any other write."""
    async with transaction() as tx:
        await votes.update(room, voter, set={"choice": choice}, tx=tx)


@api.delete("/rooms/{room}/votes/{voter}")
async def withdraw(room: str, voter: str) -> bool:
    return await votes.delete(room, voter) is not None


@api.put("/antidote", status=204)
async def find_antidote() -> None:
    await totals.put(Total("antidote"))


# Who crashes holds its change for as long as a run may take.
@votes.on_change(attempts_max=2, backoff=Backoff(0.1, max_s=0.2), once=True, timeout_s=3)
async def tally(change: Change[Vote]) -> None:
    left = change.before.choice if change.before else None
    taken = change.after.choice if change.after else None
    if taken == "bomb":
        os._exit(1)
    if taken == "poison" and await totals.get("antidote") is None:
        raise ValueError("nobody counts poison without an antidote")
    if left == taken:
        return
    for choice in filter(None, (left, taken)):
        if await totals.get(choice) is None:
            await totals.put(Total(choice))
    async with transaction(once=True) as tx:
        if left is not None:
            await totals.update(left, add={"votes": -1}, tx=tx)
        if taken is not None:
            await totals.update(taken, add={"votes": 1}, tx=tx)


@votes.on_change
async def write_down(change: Change[Vote], context: Context) -> None:
    vote = change.after or change.before
    assert vote is not None
    before = change.before.choice if change.before else None
    after = change.after.choice if change.after else None
    entry = Entry(vote.voter, new_id(), change.kind, before, after, context.attempt)
    await entries.put(entry)


@api.get("/totals/{choice}")
async def total(choice: str) -> int:
    found = await totals.get(choice)
    if found is None:
        raise NotFound(f"nobody has voted for {choice}")
    return found.votes


@api.get("/entries/{voter}")
async def entries_of(voter: str) -> list[Entry]:
    return [one async for one in entries.query(voter)]


@api.get("/uncounted")
async def uncounted() -> list[Buried]:
    return [
        Buried(
            letter.message.after.voter if letter.message and letter.message.after else "",
            *(letter.reason, letter.error, letter.attempts),
        )
        for letter in await tally.dead.peek()
    ]


@api.post("/uncounted/redrive", status=200)
async def count_again() -> int:
    return await tally.dead.redrive()
