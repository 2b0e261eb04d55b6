"""A room is opened: an item is written, which is followed, a topic and a bus tell of it, a function
is started and a timer set. Each of these sends an echo, and a schedule does by itself.
"""

from skylift import (
    Api,
    Bus,
    Change,
    Context,
    Queue,
    Schedule,
    Struct,
    Table,
    Timer,
    Topic,
    now,
    transaction,
)

from .far import Echo, far


class Room(Struct):
    id: str
    seats: int = 2


class RoomOpened(Struct):
    id: str
    seats: int


class Cleaning(Struct):
    room: str


api = Api("api")
rooms = Table("rooms", Room, key="id")
posters = Topic("posters", Room)
printing = Queue("printing", Room)
posters.feeds(printing)
events = Bus("events")
closing = Timer("closing", Room)
cleaning = Queue("cleaning", Cleaning)
nightly = Schedule("nightly", rate="1 day")


@api.post("/rooms")
async def open_room(room: Room) -> None:
    await rooms.put(room)
    await posters.publish(room)
    await events.publish(RoomOpened(room.id, room.seats))
    await closing.set(room.id, now(), room)
    await clean.start(Cleaning(room.id))


@api.post("/rooms/together")
async def open_together(room: Room) -> None:
    async with transaction() as tx:
        await rooms.put(room, tx=tx)
        await posters.publish(room, tx=tx)
        await events.publish(RoomOpened(room.id, room.seats), tx=tx)
        await closing.set(room.id, now(), room, tx=tx)
        await clean.start(Cleaning(room.id), tx=tx)


@api.post("/cleanings")
async def ask_for_cleaning(job: Cleaning) -> None:
    await cleaning.send(job)


@rooms.on_change
async def follow(change: Change[Room]) -> None:
    await far.send(Echo(f"change, {change.kind}"))


@posters.subscriber
async def read(room: Room) -> None:
    await far.send(Echo("topic"))


@posters.subscriber(where={"seats": [{"numeric": [">", 5]}]})
async def read_big(room: Room, context: Context) -> None:
    await far.send(Echo("topic, filtered"))
    raise RuntimeError(f"there is no paper for attempt {context.attempt}")


@printing.consumer
async def print_it(room: Room) -> None:
    await far.send(Echo("topic and a queue"))


@events.on(RoomOpened)
async def welcome(event: RoomOpened) -> None:
    await far.send(Echo("bus"))


@closing.on_due
async def close(room: Room) -> None:
    await far.send(Echo("timer"))


@cleaning.consumer(attempts_max=3)  # as many as what is started has
async def clean(job: Cleaning) -> None:
    await far.send(Echo("start"))


@nightly.run
async def sweep() -> None:
    await far.send(Echo("schedule"))
