"""A bus with events of two types, chosen by patterns, and a queue that it feeds."""

from skylift import Bus, Context, Dead, Queue, Struct

from .api import api
from .arrivals import arrived, buried
from .news import SOON

LARGE = {"room": {"seats": [{"numeric": [">=", 4, "<", 8]}]}}
SPECIAL = {"$or": [{"room": {"name": [{"suffix": "-hall"}]}}, {"room": {"seats": [0]}}]}


class Room(Struct):
    name: str
    seats: int


class RoomOpened(Struct):
    id: str
    room: Room
    failures: int = 0


class RoomClosed(Struct):
    id: str
    room: Room
    failures: int = 0


facts = Bus("facts")
closings = Queue("closings", RoomClosed)
facts.feeds(closings, RoomClosed)


@api.post("/rooms/opened")
async def open_room(event: RoomOpened) -> None:
    await facts.publish(event)


@api.post("/rooms/closed")
async def close_room(event: RoomClosed) -> None:
    await facts.publish(event)


@facts.on(RoomOpened)
async def see_opened(event: RoomOpened, context: Context) -> None:
    await seen(event, context, "see_opened")


@facts.on(RoomOpened, where=LARGE)
async def see_large(event: RoomOpened, context: Context) -> None:
    await seen(event, context, "see_large")


@facts.on(RoomClosed, where=SPECIAL)
async def see_special(event: RoomClosed, context: Context) -> None:
    await seen(event, context, "see_special")


@closings.consumer(attempts_max=3, backoff=SOON)
async def see_closed(event: RoomClosed, context: Context) -> None:
    await seen(event, context, "see_closed")


async def seen(event: RoomOpened | RoomClosed, context: Context, by: str) -> None:
    if context.attempt <= event.failures:
        raise RuntimeError(f"attempt {context.attempt} of {event.failures} that fail")
    await arrived(event.id, by)


@see_opened.dead.consumer(backoff=SOON, attempts_max=50)
async def bury_opened(dead: Dead[RoomOpened]) -> None:
    await gone(dead.message, dead.reason, "see_opened")


@see_large.dead.consumer(backoff=SOON, attempts_max=50)
async def bury_large(dead: Dead[RoomOpened]) -> None:
    await gone(dead.message, dead.reason, "see_large")


@see_special.dead.consumer(backoff=SOON, attempts_max=50)
async def bury_special(dead: Dead[RoomClosed]) -> None:
    await gone(dead.message, dead.reason, "see_special")


@see_closed.dead.consumer(backoff=SOON, attempts_max=50)
async def bury_closed(dead: Dead[RoomClosed]) -> None:
    await gone(dead.message, dead.reason, "see_closed")


async def gone(event: RoomOpened | RoomClosed | None, reason: str, by: str) -> None:
    assert event is not None
    await buried(event.id, by, reason)
