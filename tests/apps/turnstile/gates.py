"""A turnstile: each member passes twice a minute, whatever the others do."""

from __future__ import annotations

from skylift import Api, Caller, Limit, Struct, Users


class Passed(Struct):
    who: str


members = Users("members")
api = Api("api", auth=members)


@api.post("/passes", limit=Limit(2, per_s=60))
async def enter(caller: Caller) -> Passed:
    return Passed(caller.id)
