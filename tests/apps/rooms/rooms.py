"""A room is opened for a while; when it is over, the room closes."""

from __future__ import annotations

from datetime import datetime, timedelta

from skylift import Api, Backoff, Context, Struct, Table, Timer, attr, now, transaction

api = Api("api")


class Room(Struct):
    id: str
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    attempt: int = 0
    trace: str = ""
    times: int = 0  # it was closed
    is_stuck: bool = False


class NewRoom(Struct):
    id: str
    for_s: float


class Length(Struct):
    for_s: float


class CloseRoom(Struct):
    room: str


class Lost(Struct):
    room: str
    reason: str
    attempts: int


rooms = Table("rooms", Room, key="id")
closing = Timer("closing", CloseRoom)


@api.post("/rooms", status=201)
async def open_room(new: NewRoom) -> Room:
    room = Room(new.id, now() + timedelta(seconds=new.for_s))
    async with transaction() as tx:
        await rooms.create(room, tx=tx)
        await closing.set(room.id, now() + timedelta(seconds=new.for_s), CloseRoom(room.id), tx=tx)
    return room


@api.put("/rooms/{id}/length")
async def put_off(id: str, length: Length) -> None:
    at = now() + timedelta(seconds=length.for_s)
    await rooms.update(id, set={"closes_at": at})
    await closing.set(id, at, CloseRoom(id))


@api.delete("/rooms/{id}/length")
async def keep_open(id: str) -> None:
    await closing.cancel(id)


@api.post("/rooms/{id}/stay")
async def stay(id: str) -> None:
    async with transaction() as tx:
        await rooms.update(id, remove=["closes_at"], tx=tx)
        await closing.cancel(id, tx=tx)


@api.put("/rooms/{id}/door")
async def break_door(id: str, is_stuck: bool) -> None:
    await rooms.update(id, set={"is_stuck": is_stuck})


@api.get("/rooms/{id}")
async def read(id: str) -> Room:
    return await rooms.require(id)


@closing.on_due(attempts_max=2, backoff=Backoff(first_s=1, max_s=1))
async def close(due: CloseRoom, context: Context) -> None:
    said = {"closed_at": now(), "attempt": context.attempt, "trace": context.trace}
    free = attr("is_stuck") == False  # noqa: E712 # a condition, and no comparison
    await rooms.update(due.room, set=said, add={"times": 1}, if_=free)


@api.get("/lost")
async def lost() -> list[Lost]:
    return [
        Lost(one.message.room if one.message else "", one.reason, one.attempts)
        for one in await close.dead.peek()
    ]


@api.post("/lost/redrive", status=200)
async def close_again() -> int:
    return await close.dead.redrive()
