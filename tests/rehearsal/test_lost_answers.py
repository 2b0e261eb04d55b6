"""An answer is lost, or never comes: nothing is counted twice, a write that won is no conflict, and
what nobody can know is said.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from skylift.aws.runtime.outbox import relay, relay_records
from skylift.aws.runtime.wait import drive
from skylift.errors import Unavailable
from skylift.ports import Outgoing
from skylift.ports.delivery import Counts
from skylift.resources.transaction import transaction
from skylift.testing.contracts.queues.stock import (
    Job,
    all_of,
    buried,
    claimed_one,
    counted,
    done,
    jobs,
    numbers,
    port_of,
    steps,
    work,
)
from skylift.testing.contracts.tables.stock import Note, notes
from skylift.testing.story import Declared, OpenWorld, story
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.proxy import FaultProxy
from tests.rehearsal.stand import AwsStand

NOTHING = Counts(0, 0, 0, 0)
ONCE_RECORD = {"id": {"S": "once notes.count 1"}, "ends": {"N": "0"}}


@pytest.fixture
def open_world(clocked: ClockedMinistack, quiet: FaultProxy) -> Iterator[OpenWorld]:
    def opened(*declared: Declared) -> AwsStand:
        return AwsStand(clocked, *declared, proxy=quiet)

    yield opened
    assert quiet.forced == [], "what was to go wrong never happened"


def trouble(world: AwsStand, operation: str, *faults: str) -> None:
    """The next calls of this operation meet these, one after the other."""
    assert world.proxy
    world.proxy.forced += [(operation, one) for one in faults]


class TestSending:
    @story(jobs)
    async def test_a_message_nobody_knows_of_is_not_sent_again(self, world: Any) -> None:
        for fault, is_there in (("lost", True), ("closed", False), ("failed", False)):
            trouble(world, "SendMessageBatch", fault)
            with pytest.raises(Unavailable) as raised:
                await jobs.send(Job(1))
            assert raised.value.unknown
            held = await all_of(world, jobs)
            assert numbers(held) == [1] * is_there
            await done(world, jobs, held)

    @story(jobs)
    async def test_what_was_refused_is_sent_again(self, world: Any) -> None:
        trouble(world, "SendMessageBatch", "throttled", "entries")
        await jobs.send_many([Job(no) for no in range(10)])
        assert sorted(numbers(await all_of(world, jobs))) == [*range(10)]

    @story(steps)
    async def test_fifo_takes_once_what_is_sent_twice(self, world: Any) -> None:
        trouble(world, "SendMessageBatch", "lost", "failed")
        await steps.send_many([Job(no) for no in range(3)], group="a")
        assert numbers(await all_of(world, steps)) == [0, 1, 2]

    @story(steps)
    async def test_what_failed_does_not_overtake_its_group(self, world: Any) -> None:
        trouble(world, "SendMessageBatch", *["entries"] * 3)
        errors = await port_of(world, steps).send([job(no) for no in range(10)])
        sent = [no for no, error in enumerate(errors) if error is None]
        assert numbers(await all_of(world, steps)) == sent


class TestRelay:
    @story(steps, jobs)
    async def test_messages_of_a_transaction_wait_as_ready(self, world: Any) -> None:
        world.is_relaying = False
        async with transaction() as tx:
            await jobs.send(Job(1), tx=tx)
            await jobs.send(Job(2), tx=tx)
            await steps.send(Job(3), group="a", tx=tx)
        assert await counted(world, jobs) == Counts(ready=2, in_flight=0, delayed=0, dead=0)
        assert await all_of(world, jobs) == []
        world.is_relaying = True
        assert sorted(numbers(await all_of(world, jobs))) == [1, 2]
        assert numbers(await all_of(world, steps)) == [3]
        assert (await counted(world, steps)).ready == 0

    @story(notes, jobs)
    async def test_a_transaction_whose_answer_is_lost_happened_once(self, world: Any) -> None:
        trouble(world, "TransactWriteItems", "lost", "closed")
        async with transaction() as tx:
            await notes.create(Note("a"), tx=tx)
            await jobs.send(Job(1), tx=tx)
        assert await notes.get("a") == Note("a")
        assert numbers(await all_of(world, jobs)) == [1]

    @story(steps)
    async def test_the_order_of_a_transaction_holds_through_any_trouble(self, world: Any) -> None:
        trouble(world, "SendMessageBatch", "entries", "lost", *["entries"] * 4, "failed")
        async with transaction() as tx:
            for no in range(12):
                await steps.send(Job(no), group="ab"[no % 2], tx=tx)
        found: list[int] = []
        while held := await all_of(world, steps):
            found += numbers(held)
            await done(world, steps, held)
        for group in (0, 1):
            assert [no for no in found if no % 2 == group] == [*range(group, 12, 2)]

    @story(steps, jobs)
    async def test_a_relay_that_dies_sends_again_and_fifo_drops_it(self, world: Any) -> None:
        world.is_relaying = False
        async with transaction() as tx:
            await steps.send(Job(1), group="a", tx=tx)
            await jobs.send(Job(2), tx=tx)
        items = drive(world.outbox.items())
        for _ in range(2):
            assert drive(relay(items, world.senders, world.outbox)) == [None]
        assert numbers(await all_of(world, steps)) == [1]
        assert numbers(await all_of(world, jobs)) == [2, 2]
        assert drive(world.outbox.items()) == []

    @story(steps, jobs)
    async def test_a_stream_asks_again_from_the_first_that_failed(self, world: Any) -> None:
        world.is_relaying = False
        for no in range(3):
            async with transaction() as tx:
                await (
                    jobs.send(Job(no), tx=tx) if no == 1 else steps.send(Job(no), group="a", tx=tx)
                )
        items = drive(world.outbox.items())
        records = [record(at, item) for at, item in enumerate(items)] + [record(9, ONCE_RECORD)]
        senders = {"steps": world.senders["steps"]}
        number, error = drive(relay_records(records, senders, world.outbox))
        assert (number, type(error)) == ("1", Unavailable)
        assert drive(world.outbox.items()) == items[1:2]
        assert drive(relay_records(records, world.senders, world.outbox)) == (None, None)
        assert numbers(await all_of(world, steps)) == [0, 2]
        assert numbers(await all_of(world, jobs)) == [1]

    @story(jobs)
    async def test_a_stream_that_is_read_again_repeats_nothing(self, world: Any) -> None:
        world.is_relaying = False
        for no in range(2):
            async with transaction() as tx:
                await jobs.send(Job(no), tx=tx)
        first, second = drive(world.outbox.items())
        assert drive(relayed(world, record(0, first))) == (None, None)
        trouble(world, "BatchGetItem", "throttled", "unprocessed")
        assert drive(relayed(world, record(0, first), record(1, second))) == (None, None)
        assert sorted(numbers(await all_of(world, jobs))) == [0, 1]

    @story(jobs)
    async def test_who_cannot_ask_what_is_there_is_given_it_again(self, world: Any) -> None:
        world.is_relaying = False
        async with transaction() as tx:
            await jobs.send(Job(1), tx=tx)
        (item,) = drive(world.outbox.items())
        trouble(world, "BatchGetItem", *["failed"] * 3)
        number, error = drive(relayed(world, record(7, item)))
        assert (number, type(error)) == ("7", Unavailable)
        assert drive(relayed(world, record(7, item))) == (None, None)
        assert numbers(await all_of(world, jobs)) == [1]

    @story(jobs)
    async def test_a_stuck_item_that_is_touched_goes_on_its_way(self, world: Any) -> None:
        world.is_relaying = False
        async with transaction() as tx:
            await jobs.send(Job(1), tx=tx)
        (item,) = drive(world.outbox.items())
        touched = record(0, item | {"touched": {"N": "1"}}, "MODIFY")
        again = record(1, item | {"touched": {"N": "2"}}, "MODIFY")
        assert drive(relayed(world, touched, again)) == (None, None)
        assert drive(relayed(world, again)) == (None, None)
        assert numbers(await all_of(world, jobs)) == [1]
        assert drive(world.outbox.items()) == []


class TestWriting:
    @story(notes)
    async def test_nothing_is_added_twice(self, world: Any) -> None:
        await notes.put(Note("a", words=0))
        added = 0
        for fault in ("lost", "closed", "failed", "throttled", "conflict"):
            trouble(world, "UpdateItem", fault)
            is_known = await succeeded(notes.update("a", add={"words": 1}))
            words = (await notes.require("a")).words
            assert words is not None
            assert words - added in ((1,) if is_known else (0, 1))
            added = words

    @story(notes)
    async def test_a_create_that_won_is_no_conflict(self, world: Any) -> None:
        for fault in ("lost", "closed", "failed", "throttled", "conflict"):
            trouble(world, "PutItem", fault)
            if await succeeded(notes.create(Note(fault, "first"))):
                assert await notes.get(fault) == Note(fault, "first")

    @story(notes)
    async def test_what_was_left_undone_is_done(self, world: Any) -> None:
        all_ = [Note(str(no)) for no in range(30)]
        trouble(world, "BatchWriteItem", "unprocessed", "lost", "unprocessed")
        await notes.put_many(all_)
        trouble(world, "BatchGetItem", "unprocessed", "throttled", "unprocessed")
        assert await notes.get_many([(note.id,) for note in all_]) == all_
        trouble(world, "BatchWriteItem", "failed", "unprocessed")
        await notes.delete_many([(note.id,) for note in all_])
        assert await notes.get_many([(note.id,) for note in all_]) == [None] * 30


class TestSettling:
    @story(jobs)
    async def test_what_is_done_is_gone_though_nobody_heard(self, world: Any) -> None:
        await jobs.send(Job(1))
        held = await claimed_one(world, jobs)
        trouble(world, "DeleteMessageBatch", "lost", "entries")
        await done(world, jobs, [held])
        assert await counted(world, jobs) == NOTHING

    @story(jobs, work.dead)
    async def test_what_cannot_be_buried_comes_back(self, world: Any) -> None:
        await jobs.send(Job(1))
        trouble(world, "SendMessageBatch", "closed")
        await buried(world, jobs, await claimed_one(world, jobs))
        world.clock.advance(seconds=31)
        await buried(world, jobs, await claimed_one(world, jobs))
        (letter,) = await work.dead.peek()
        assert (letter.message, letter.reason, letter.attempts) == (Job(1), "failed", 2)
        assert await all_of(world, jobs) == []

    @story(jobs, work.dead)
    async def test_what_nobody_comes_back_with_is_lost(self, world: Any) -> None:
        await jobs.send(Job(1))
        for _ in range(5):
            held = await claimed_one(world, jobs)
            world.clock.advance(seconds=31)
        assert await all_of(world, jobs) == []
        for _ in range(2):  # looking at it changes nothing
            (letter,) = await work.dead.peek()
            assert (letter.message, letter.reason, letter.attempts) == (Job(1), "lost", 5)
            assert "never came back" in letter.error
        assert await work.dead.redrive() == 1
        assert (await claimed_one(world, jobs)).body == held.body


async def succeeded(verb: Any) -> bool:
    """Or nobody knows; anything else is a lie."""
    try:
        await verb
    except Unavailable as error:
        if error.unknown:
            return False
        raise
    return True


def record(at: int, item: dict[str, Any], event: str = "INSERT") -> dict[str, Any]:
    """Of the ledger's stream, long ago."""
    change = {"Keys": {"id": item["id"]}, "NewImage": item, "SequenceNumber": str(at)}
    return {"eventName": event, "dynamodb": change}


def relayed(world: Any, *records: dict[str, Any]) -> Coroutine[Any, Any, Any]:
    return relay_records(records, world.senders, world.outbox)


def job(no: int) -> Outgoing:
    return Outgoing(f'{{"no":{no}}}', "a")
