"""What closed is counted from a queue, and told to everybody else on the house's bus."""

from __future__ import annotations

from skylift import Bus, Queue, Struct

from .rooms import Room, RoomClosed, events, rooms


class Closing(Struct):
    room: str


closed = Queue("closed", RoomClosed)
events.feeds(closed, RoomClosed)
house = Bus("house", shared="bakery")


@closed.consumer
async def count(event: RoomClosed) -> None:
    await rooms.put(Room(f"closed-{event.id}", "", 0))
    await house.publish(Closing(event.id))


@house.on(Closing)
async def hear(event: Closing) -> None:
    await rooms.put(Room(f"heard-{event.room}", "", 0))
