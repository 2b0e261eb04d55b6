from __future__ import annotations

import time

from skylift import Api, Change, NotFound, Struct, Table


class Vote(Struct):
    id: str
    written: float  # by the clock of the machine, which is that of its follower


class Told(Struct):
    id: str
    lag_s: float


api = Api("api")
votes = Table("votes", Vote, key="id")
told = Table("told", Told, key="id")


@api.put("/votes/{id}")
async def vote(id: str) -> Vote:
    given = Vote(id, time.time())
    await votes.put(given)
    return given


@api.get("/votes/{id}/told")
async def lag(id: str) -> Told:
    found = await told.get(id)
    if found is None:
        raise NotFound("its follower was not told yet")
    return found


@votes.on_change
async def follow(change: Change[Vote]) -> None:
    if change.after is not None:
        await told.put(Told(change.after.id, time.time() - change.after.written))
