"""Queues, their consumers and dead letters, and the shapes in which modules pass them around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from skylift import Dead, Delivery, Function, Queue, Struct, Transaction

from .resources import notes, orders, users

M = TypeVar("M")


class Count(Struct):
    """A message that knows how to do itself."""

    id: str

    async def run(self) -> None:
        await notes.update(self.id, add={"words": 1})


class Mail(Struct):
    id: str
    lines: list[str] = []


class Ship(Struct):
    id: str
    mail: Mail | None = None


counting = Queue("counting", Count)
mailing = Queue("mailing", Mail, fifo=True)
shipping = Queue("shipping", Ship, lease_s=100)
unread = Queue("unread", Mail)

QUEUES: dict[str, Any] = {"count": counting, "mail": mailing}
BY_TYPE: dict[type, Any] = {Count: counting, Mail: mailing, Ship: shipping}
ROUTED = {"now": (counting, "send"), "later": (shipping, "send_many")}
soon = partial(counting.send, delay_s=5)


class Sends(Protocol):
    async def send(self, message: Any, /) -> None: ...


@dataclass
class Desk(Generic[M]):
    """A queue with what was not sent yet."""

    queue: Queue[M]
    waiting: list[M] = field(default_factory=list)

    def add(self, message: M) -> None:
        self.waiting.append(message)

    async def flush(self) -> None:
        await self.queue.send_many(self.waiting)
        self.waiting.clear()


class Outbox:
    """Messages that leave when the block ends without an error."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._leaving: list[tuple[Any, Any]] = []

    def put(self, queue: Queue[Any], message: Any) -> None:
        self._leaving.append((queue, message))

    async def __aenter__(self) -> Outbox:
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            for queue, message in self._leaving:
                await queue.send(message, tx=self._tx)


class Worker:
    """Its method is a handler."""

    def __init__(self, queue: Queue[Any]) -> None:
        self.queue = queue

    async def ship(self, job: Ship) -> None:
        await orders.update(job.id, set={"shipped": True})
        await self.queue.send(Mail(job.id), group="all")


@counting.consumer(attempts_max=3)
async def count(job: Count) -> None:
    note = await notes.require(job.id)
    await notes.update(note.id, set={"words": len(note.text.split())})


@mailing.consumer(batch=10)
async def mail(batch: list[Delivery[Mail]]) -> None:
    for one in batch:
        try:
            await users.require(one.message.id)
        except LookupError as error:
            one.fail(repr(error))


ship = shipping.consumer(Worker(mailing).ship)


@count.dead.consumer
async def uncounted(letter: Dead[Count]) -> None:
    if letter.message is not None:
        await notes.update(letter.message.id, remove=["words"])


LETTERS: dict[str, Any] = {"count": count.dead, "mail": mail.dead}
FUNCTIONS: tuple[Function[..., Any], ...] = (count, mail)
undelivered = ship.dead


async def enqueue(queue: Queue[M], message: M) -> None:
    await queue.send(message)


def queue_for(message: object) -> Queue[Any]:
    return BY_TYPE[type(message)]


async def in_groups(queue: Queue[M], messages: Sequence[M]) -> None:
    for begin in range(0, len(messages), 10):
        await queue.send_many(messages[begin : begin + 10], group="all")
