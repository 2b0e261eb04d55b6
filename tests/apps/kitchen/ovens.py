"""What the house hears of closed rooms, and what it says itself."""

from __future__ import annotations

from skylift import Api, Bus, Struct, Table


class Heard(Struct):
    room: str
    times: int = 0


class Closing(Struct):
    room: str


api = Api("api")
heard = Table("heard", Heard, key="room")
house = Bus("house", shared="bakery", archive_days=7)


@api.post("/closings/{room}")
async def close(room: str) -> None:
    await house.publish(Closing(room))


@api.get("/heard")
async def everything() -> dict[str, int]:
    return {one.room: one.times async for one in heard.scan(limit=1000)}


@house.on(Closing, once=True)
async def hear(event: Closing) -> None:
    one = await heard.get(event.room) or Heard(event.room)
    await heard.put(Heard(one.room, one.times + 1))
