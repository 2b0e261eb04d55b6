"""The buses that bus contracts play with, and what has arrived: in the inbox of a function, and in
a queue that is fed.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ....codec import MessageCodec
from ....codec.envelope import Opened, opened
from ....function import Function
from ....ports import QueuePort
from ....ports.delivery import Done, Held
from ....resources.bus import Bus
from ....resources.queue import Queue
from ....resources.table import Table

LEASE_S = 30
ASKED_MAX = 20  # times in a row without a message
CLAIM_MAX = 10  # messages at once, as SQS gives them


class Owner(Struct):
    name: str
    born: int = 0


class RoomOpened(Struct):
    id: str
    topic: str = ""
    size: float = 0
    hidden: bool = False
    owner: Owner | None = None
    tags: list[str] = []
    seats: list[Owner] = []


class RoomClosed(Struct):
    id: str


class Note(Struct):
    id: str


events = Bus("events")
opened_rooms = Queue("opened_rooms", RoomOpened, lease_s=LEASE_S)
large_rooms = Queue("large_rooms", RoomOpened, lease_s=LEASE_S)
closed_rooms = Queue("closed_rooms", RoomClosed, lease_s=LEASE_S)
events.feeds(opened_rooms, RoomOpened)
events.feeds(large_rooms, RoomOpened, where={"size": [{"numeric": [">", 100]}]})
events.feeds(closed_rooms, RoomClosed)
unheard = Bus("unheard")
notes = Table("notes", Note, key="id")


@events.on(RoomOpened)
async def welcome(event: RoomOpened) -> None:
    """Nothing runs in a contract: what would call it lies in its inbox."""


@events.on(RoomOpened, where={"topic": ["chess", "go"], "hidden": [False]}, attempts_max=1)
async def invite(event: RoomOpened) -> None:
    """The same."""


@events.on(RoomClosed)
async def tidy(event: RoomClosed) -> None:
    """The same."""


ALL = (events, opened_rooms, large_rooms, closed_rooms, welcome, invite, tidy)
Source = Queue[Any] | Function[..., Any]
CODECS = {one.__name__: MessageCodec(one, "contract") for one in (RoomOpened, RoomClosed)}


def port_of(world: Any, source: Source) -> QueuePort:
    """What lies in a queue, or waits for a function."""
    if isinstance(source, Function):
        return world.inbox(source)
    return world.ports.adapters[source.name]


async def arrived(world: Any, source: Source, least: int = 0) -> list[Held]:
    """All that has come; it is taken. A relay or a fan-out may need a moment."""
    port, held, asked = port_of(world, source), list[Held](), 0
    while asked < (ASKED_MAX if len(held) < least else 2):
        await world.settle()
        found = await port.claim(CLAIM_MAX)
        held += found
        asked = 0 if found else asked + 1
        await port.settle([Done(one.receipt) for one in found])
    return held


async def ids(world: Any, source: Source, least: int = 0) -> list[str]:
    """In an order of their own: a bus keeps none."""
    return sorted([told(one).id for one in await arrived(world, source, least)])


def told(held: Held) -> Any:
    said = opened(held.body)
    return CODECS[said.type].decode(said)


def mark(held: Held) -> Opened:
    return opened(held.body)
