"""The only Api, and what the app's clock shows: it may be ahead of everybody else's."""

from skylift import Api, Struct, now

api = Api("api")


class Clock(Struct):
    now: float


@api.get("/clock")
async def clock() -> Clock:
    return Clock(now().timestamp())
