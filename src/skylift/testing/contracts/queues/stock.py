"""The queues that queue contracts play with, and how a story claims: a backend may give fewer than
it has, or nothing at first, so whoever expects messages asks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ....codec.envelope import opened
from ....ports import QueuePort
from ....ports.delivery import Bury, Counts, Done, Held, Retry
from ....resources.queue import Queue
from ....resources.table import Table

LEASE_S = 30
ASKED_MAX = 20  # times in a row without a message
CLAIM_MAX = 10  # messages at once, as SQS gives them


class Job(Struct):
    no: int
    text: str = ""


class Note(Struct):
    id: str


jobs = Queue("jobs", Job, lease_s=LEASE_S)
others = Queue("others", Job, lease_s=LEASE_S)
steps = Queue("steps", Job, fifo=True, lease_s=LEASE_S)
facts = Queue("facts", Job, fifo=True, lease_s=LEASE_S, dedup="content")
news = Queue("news", Job, lease_s=LEASE_S, retention_s=60)
notes = Table("notes", Note, key="id")


@jobs.consumer
async def work(job: Job) -> None:
    """For its dead letters; nothing runs in a contract."""


@steps.consumer
async def walk(job: Job) -> None:
    """The same."""


def port_of(world: Any, queue: Queue[Any]) -> QueuePort:
    return world.ports.adapters[queue.name]


async def claimed(world: Any, queue: Queue[Any], count: int) -> list[Held]:
    """So many messages, claimed a few at a time; fewer when no more come."""
    port, held, asked = port_of(world, queue), list[Held](), 0
    while len(held) < count and asked < ASKED_MAX:
        wanted = min(count - len(held), CLAIM_MAX)
        found = await port.claim(wanted)
        assert len(found) <= wanted
        held += found
        asked = 0 if found else asked + 1
        if not found:
            await world.settle()
    return held


async def claimed_one(world: Any, queue: Queue[Any]) -> Held:
    (held,) = await claimed(world, queue, 1)
    return held


async def all_of(world: Any, queue: Queue[Any]) -> list[Held]:
    """Every message that can be claimed now."""
    return await claimed(world, queue, 1 << 30)


async def done(world: Any, queue: Queue[Any], held: Sequence[Held]) -> None:
    await port_of(world, queue).settle([Done(one.receipt) for one in held])


async def again(
    world: Any, queue: Queue[Any], one: Held, after_s: float | None = 0, *, counts: bool = True
) -> None:
    await port_of(world, queue).settle([Retry(one.receipt, after_s, counts)])


async def buried(world: Any, queue: Queue[Any], one: Held, error: str = "why") -> None:
    await port_of(world, queue).settle([burial(one, error)])


def burial(one: Held, error: str = "why") -> Bury:
    """As the engine says it: with the id and the trace that the envelope has."""
    envelope = opened(one.body)
    return Bury(one.receipt, envelope.id, "failed", error, one.attempt, envelope.trace)


async def counted(world: Any, queue: Queue[Any]) -> Counts:
    await world.settle()
    return await port_of(world, queue).counts()


def job(held: Held) -> Job:
    return jobs.codec.decode(opened(held.body))


def numbers(held: Sequence[Held]) -> list[int]:
    return [job(one).no for one in held]
