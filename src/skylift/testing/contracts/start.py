"""What every start must do, with messages in a StorePort. Bind it with a fixture `open_world` whose
worlds have their `ports` and the `inbox` of each function: what would call it lies there. Nothing
in it is skipped or changed for one of them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import Struct

from ...codec.envelope import Opened, moment, opened
from ...errors import Conflict, Invalid
from ...function import Function
from ...invocation import invocation
from ...ports import QueuePort
from ...ports.delivery import Done, Held
from ...resources.consumer import START_BYTES_MAX
from ...resources.queue import Queue
from ...resources.table import Table
from ...resources.transaction import transaction
from ..story import story

ASKED_MAX = 10  # in vain, until nothing more is expected
CLAIM_MAX = 10


class Job(Struct):
    id: str
    cost: Decimal = Decimal(0)
    at: datetime | None = None
    lines: list[str] = []


class Note(Struct):
    id: str


jobs = Queue("jobs", Job)
mails = Queue("mails", Job)
notes = Table("notes", Note, key="id")


@jobs.consumer
async def work(job: Job) -> None:
    """Nothing runs in a contract: what would call it lies in its inbox."""


@mails.consumer(attempts_max=1)
async def mail(job: Job) -> None:
    """The same."""


ALL = (jobs, mails, notes, work, mail)


async def arrived(world: Any, function: Function[..., Any], least: int = 0) -> list[Held]:
    """All that has come, in no order; it is taken. A relay may need a moment."""
    port: QueuePort = world.inbox(function)
    held, asked = list[Held](), 0
    while asked < (ASKED_MAX if len(held) < least else 2):
        await world.settle()
        found = await port.claim(CLAIM_MAX)
        held += found
        asked = 0 if found else asked + 1
        await port.settle([Done(one.receipt) for one in found])
    return held


def envelope(held: Held) -> Opened:
    return opened(held.body)


async def ids(world: Any, function: Function[..., Any], least: int = 0) -> list[str]:
    """Of the jobs that have come."""
    found = await arrived(world, function, least)
    return sorted(jobs.codec.decode(envelope(one)).id for one in found)


class StartContract:
    @story(*ALL)
    async def test_what_is_started_has_its_payload(self, world: Any) -> None:
        sent = Job("naïve 🚀 \uffff", Decimal("1.50"), datetime(2061, 1, 2, 3, tzinfo=UTC), ["x"])
        await work.start(sent)
        (held,) = await arrived(world, work, 1)
        assert jobs.codec.decode(envelope(held)) == sent
        assert held.attempt == 1

    @story(*ALL)
    async def test_its_message_says_what_it_is_when_and_by_which_trace_it_was_sent(
        self, world: Any
    ) -> None:
        running = invocation()
        before = running.ports.clock.now()
        await work.start(Job("a"))
        (held,) = await arrived(world, work, 1)
        told = envelope(held)
        sent_at = moment(told.sent_at)
        assert sent_at is not None
        assert before.replace(microsecond=0) <= sent_at <= running.ports.clock.now()
        assert (told.type, told.trace) == ("Job", running.trace)
        assert running.sent is not None
        assert ("work", told.id) in running.sent

    @story(*ALL)
    async def test_each_start_is_one(self, world: Any) -> None:
        for no in range(12):
            await work.start(Job(f"{no:02}"))
        assert await ids(world, work, 12) == [f"{no:02}" for no in range(12)]

    @story(*ALL)
    async def test_it_calls_that_function_alone_and_is_no_message_of_its_queue(
        self, world: Any
    ) -> None:
        await work.start(Job("a"))
        await mails.send(Job("b"))
        assert await ids(world, work, 1) == ["a"]
        assert await ids(world, mail) == []
        port: QueuePort = world.ports.adapters["jobs"]
        assert await port.claim(1) == []

    @story(*ALL)
    async def test_in_a_transaction_all_are_started_when_it_ends(self, world: Any) -> None:
        async with transaction() as tx:
            await notes.create(Note("a"), tx=tx)
            await work.start(Job("1"), tx=tx)
            await mail.start(Job("2"), tx=tx)
            await work.start(Job("3"), tx=tx)
            assert await ids(world, work) == []
        assert await notes.get("a") == Note("a")
        assert await ids(world, work, 2) == ["1", "3"]
        assert await ids(world, mail, 1) == ["2"]

    @story(*ALL)
    async def test_nothing_is_started_when_something_cannot_be_written(self, world: Any) -> None:
        await notes.create(Note("taken"))

        async def attempt() -> None:
            async with transaction() as tx:
                await work.start(Job("1"), tx=tx)
                await notes.create(Note("taken"), tx=tx)

        with pytest.raises(Conflict):
            await attempt()
        assert await ids(world, work) == []

    @story(*ALL)
    async def test_what_is_too_large_is_refused_and_what_is_just_not_arrives(
        self, world: Any
    ) -> None:
        empty = len(jobs.codec.content(Job("")))
        sent_at = invocation().ports.clock.now()
        around = len(jobs.codec.enclosed("", "0" * 32, sent_at, "0" * 55))
        room = START_BYTES_MAX - empty - around
        with pytest.raises(Invalid, match="limit 1,000,000"):
            await work.start(Job("x" * (room + 1)))
        await work.start(Job("x" * room))
        ((size),) = [len(one) for one in await ids(world, work, 1)]
        assert size == room

    @story(*ALL)
    async def test_what_is_no_message_of_its_type_is_refused(self, world: Any) -> None:
        with pytest.raises(Invalid):
            await work.start(Note("a"))  # type: ignore[arg-type] # pyright: ignore
        assert await ids(world, work) == []
