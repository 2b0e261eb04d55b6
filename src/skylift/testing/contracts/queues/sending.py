"""What is accepted is delivered, as it was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ....codec.envelope import opened
from ....errors import Invalid, PartlyDone
from ....invocation import invocation
from ....ports import Outgoing
from ....ports.delivery import Counts
from ...story import story
from .stock import (
    Job,
    all_of,
    claimed,
    claimed_one,
    counted,
    done,
    job,
    jobs,
    numbers,
    others,
    port_of,
    steps,
)


class SendingContract:
    @story(jobs)
    async def test_a_message_is_there_once_it_was_sent(self, world: Any) -> None:
        await jobs.send(Job(1, "naïve 🚀"))
        assert await counted(world, jobs) == Counts(ready=1, in_flight=0, delayed=0, dead=0)
        held = await claimed_one(world, jobs)
        assert job(held) == Job(1, "naïve 🚀")
        assert (held.attempt, held.group) == (1, "")
        assert held.sent_at == pytest.approx(world.clock.time(), abs=5)
        assert await counted(world, jobs) == Counts(ready=0, in_flight=1, delayed=0, dead=0)
        await done(world, jobs, [held])
        assert await counted(world, jobs) == Counts(0, 0, 0, 0)
        assert await port_of(world, jobs).claim(10) == []

    @story(jobs)
    async def test_an_empty_queue_gives_nothing(self, world: Any) -> None:
        assert await port_of(world, jobs).claim(10) == []
        assert await counted(world, jobs) == Counts(0, 0, 0, 0)

    @story(jobs, others)
    async def test_queues_do_not_share_messages(self, world: Any) -> None:
        await jobs.send(Job(1))
        await others.send(Job(2))
        assert numbers(await all_of(world, others)) == [2]
        assert numbers(await all_of(world, jobs)) == [1]

    @story(jobs)
    async def test_what_travels_is_an_envelope_in_these_very_bytes(self, world: Any) -> None:
        await jobs.send(Job(7, "two\nlines"))
        body = (await claimed_one(world, jobs)).body
        said, running = opened(body), invocation()
        sent_at = body.split('"sent_at":"')[1][:27]
        assert body == (
            f'{{"skylift":1,"id":"{said.id}","type":"Job","sent_at":"{sent_at}",'
            f'"trace":"{said.trace}","body":{{"no":7,"text":"two\\nlines"}}}}'
        )
        assert len(said.id) == 32
        assert int(said.id, 16) >= 0
        assert datetime.fromisoformat(sent_at).tzinfo == UTC
        assert said.trace == running.trace

    @story(jobs)
    async def test_each_message_has_an_id_of_its_own(self, world: Any) -> None:
        await jobs.send_many([Job(1)] * 20)
        held = await all_of(world, jobs)
        assert len({opened(one.body).id for one in held}) == 20
        assert len({one.id for one in held}) == 20

    @story(jobs)
    async def test_many_are_sent_at_once(self, world: Any) -> None:
        await jobs.send_many([Job(no) for no in range(200)])
        assert sorted(numbers(await all_of(world, jobs))) == [*range(200)]
        await jobs.send_many([])
        assert await port_of(world, jobs).claim(1) == []

    @story(jobs)
    async def test_those_that_could_not_be_sent_are_named(self, world: Any) -> None:
        wrong, large = Job(2, "torn \ud800"), Job(4, "x" * 1_048_576)
        with pytest.raises(PartlyDone) as caught:
            await jobs.send_many([Job(1), wrong, Job(3), large, Job(5)])
        assert caught.value.done == [Job(1), Job(3), Job(5)]
        assert [one for one, _ in caught.value.failed] == [wrong, large]
        assert all(isinstance(error, Invalid) for _, error in caught.value.failed)
        assert sorted(numbers(await all_of(world, jobs))) == [1, 3, 5]

    @story(jobs, steps)
    async def test_a_message_may_belong_to_a_group(self, world: Any) -> None:
        await jobs.send(Job(1), group="ann")
        await steps.send_many([Job(2), Job(3)], group="bob")
        assert (await claimed_one(world, jobs)).group == "ann"
        assert [one.group for one in await claimed(world, steps, 2)] == ["bob", "bob"]

    @story(jobs)
    async def test_what_a_foreign_sender_sent_is_given_as_it_is(self, world: Any) -> None:
        bodies = ['{"no": 7}', "no json at all", '"text"', "0", "\ttab, \r\n, 🚀 and \ufffd"]
        assert await port_of(world, jobs).send([Outgoing(body) for body in bodies]) == [None] * 5
        held = await all_of(world, jobs)
        assert sorted(one.body for one in held) == sorted(bodies)
        assert len({one.id for one in held} - {""}) == 5

    @story(jobs)
    async def test_letters_that_a_queue_refuses_travel_as_escapes(self, world: Any) -> None:
        text = "".join(map(chr, range(0x20))) + "\x7f\x85\u2028\ufdd0\ufffd\ufffe\uffff\U0010ffff"
        await jobs.send(Job(1, text))
        held = await claimed_one(world, jobs)
        assert all(is_taken(letter) for letter in held.body)
        assert job(held) == Job(1, text)

    @story(jobs)
    async def test_a_delayed_message_is_not_given_before_its_time(self, world: Any) -> None:
        await jobs.send(Job(1), delay_s=5)
        assert await counted(world, jobs) == Counts(ready=0, in_flight=0, delayed=1, dead=0)
        assert await port_of(world, jobs).claim(1) == []
        await jobs.send(Job(2))
        assert numbers(await all_of(world, jobs)) == [2]
        world.clock.advance(seconds=5)
        held = await claimed_one(world, jobs)
        assert (job(held).no, held.attempt) == (1, 1)


def is_taken(letter: str) -> bool:
    """By SQS."""
    return (
        letter in "\t\n\r"
        or " " <= letter <= "\ud7ff"
        or "\ue000" <= letter <= "\ufffd"
        or (letter >= "\U00010000")
    )
