"""The topics that topic contracts play with, and what has arrived: in the inbox of a function, and
in a queue that is fed.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ....codec.envelope import Opened, opened
from ....function import Function
from ....ports import QueuePort
from ....ports.delivery import Done, Held
from ....resources.queue import Queue
from ....resources.table import Table
from ....resources.topic import Topic

LEASE_S = 30
ASKED_MAX = 20  # times in a row without a message
CLAIM_MAX = 10  # messages at once, as SQS gives them


class Author(Struct):
    name: str
    born: int = 0


class News(Struct):
    id: str
    about: str = ""
    size: float = 0
    urgent: bool = False
    by: Author | None = None
    tags: list[str] = []


class Note(Struct):
    id: str


news = Topic("news", News)
copies = Queue("copies", News, lease_s=LEASE_S)
large = Queue("large", News, lease_s=LEASE_S)
news.feeds(copies)
news.feeds(large, where={"size": [{"numeric": [">", 100]}]})

unheard = Topic("unheard", News)
notes = Table("notes", Note, key="id")

walk = Topic("walk", News, fifo=True)
steps = Queue("steps", News, fifo=True, lease_s=LEASE_S)
loose = Queue("loose", News, lease_s=LEASE_S)
urgent = Queue("urgent", News, fifo=True, lease_s=LEASE_S)
walk.feeds(steps)
walk.feeds(loose)
walk.feeds(urgent, where={"urgent": [True]})


@news.subscriber
async def print_it(told: News) -> None:
    """Nothing runs in a contract: what would call it lies in its inbox."""


@news.subscriber(attempts_max=1)
async def mail_it(told: News) -> None:
    """The same."""


@news.subscriber(where={"about": ["rain", "snow"], "urgent": [True]})
async def warn(told: News) -> None:
    """The same."""


STANDARD = (news, copies, large, print_it, mail_it, warn)
FIFO = (walk, steps, loose, urgent)
Source = Queue[Any] | Function[..., Any]


def port_of(world: Any, source: Source) -> QueuePort:
    """What lies in a queue, or waits for a function."""
    if isinstance(source, Function):
        return world.inbox(source)
    return world.ports.adapters[source.name]


async def arrived(world: Any, source: Source, least: int = 0) -> list[Held]:
    """All that has come, in order; it is taken. A relay or a fan-out may need a moment."""
    port, held, asked = port_of(world, source), list[Held](), 0
    while asked < (ASKED_MAX if len(held) < least else 2):
        await world.settle()
        found = await port.claim(CLAIM_MAX)
        held += found
        asked = 0 if found else asked + 1
        await port.settle([Done(one.receipt) for one in found])
    return held


async def ids(world: Any, source: Source, least: int = 0) -> list[str]:
    return [told(one).id for one in await arrived(world, source, least)]


def told(held: Held) -> News:
    return news.codec.decode(opened(held.body))


def envelope(held: Held) -> Opened:
    return opened(held.body)
