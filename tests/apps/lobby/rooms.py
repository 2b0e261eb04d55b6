"""Rooms open and close; whoever wants to know is told by the bus."""

from __future__ import annotations

from skylift import Api, Bus, Struct, Table, new_id, transaction


class Room(Struct):
    id: str
    topic: str
    size: int
    greeted: int = 0


class NewRoom(Struct):
    topic: str
    size: int = 0


class RoomOpened(Struct):
    id: str
    topic: str
    size: int


class RoomClosed(Struct):
    id: str


api = Api("api")
rooms = Table("rooms", Room, key="id")
events = Bus("events", archive_days=30)


@api.post("/rooms", status=201)
async def open_room(new: NewRoom) -> Room:
    room = Room(new_id(), new.topic, new.size)
    async with transaction() as tx:
        await rooms.create(room, tx=tx)
        await events.publish(RoomOpened(room.id, room.topic, room.size), tx=tx)
    return room


@api.delete("/rooms/{id}")
async def close_room(id: str) -> None:
    await rooms.delete(id)
    await events.publish(RoomClosed(id))


@api.get("/rooms/{id}")
async def read_room(id: str) -> Room:
    return await rooms.require(id)


@events.on(RoomOpened, where={"size": [{"numeric": [">", 3]}]}, once=True)
async def welcome(event: RoomOpened) -> None:
    await rooms.update(event.id, add={"greeted": 1})


@events.on(RoomOpened, where={"topic": [{"prefix": "broken"}]}, attempts_max=1)
async def stumble(event: RoomOpened) -> None:
    raise ValueError(f"nobody can enter {event.topic}")
