"""FIFO: each group in order, whatever becomes of a message, and no group waits for another."""

from __future__ import annotations

from typing import Any

from ....ports import Outgoing
from ....ports.delivery import Counts, Done, Held, Retry
from ...story import story
from .stock import (
    LEASE_S,
    Job,
    again,
    all_of,
    buried,
    claimed,
    claimed_one,
    counted,
    done,
    job,
    numbers,
    port_of,
    steps,
    walk,
)


async def drained(world: Any) -> dict[str, list[int]]:
    """The numbers of each group, in the order in which they came; all of them are done then."""
    found: dict[str, list[int]] = {}
    while held := await claimed(world, steps, 7):
        for one in held:
            found.setdefault(one.group, []).append(job(one).no)
        await done(world, steps, held)
    return found


async def sent(groups: str, each: int) -> None:
    """Numbers 0, 1, … to each of the groups, one group after another in turn."""
    for no in range(each):
        for group in groups:
            await steps.send(Job(no), group=group)


class OrderContract:
    @story(steps)
    async def test_each_group_comes_in_the_order_it_was_sent(self, world: Any) -> None:
        await sent("abc", 12)
        await steps.send_many([Job(no) for no in range(12, 24)], group="b")
        found = await drained(world)
        assert found == {"a": [*range(12)], "b": [*range(24)], "c": [*range(12)]}
        assert await counted(world, steps) == Counts(0, 0, 0, 0)

    @story(steps)
    async def test_a_group_in_flight_gives_no_more(self, world: Any) -> None:
        await sent("ab", 3)
        (first,) = await port_of(world, steps).claim(1)
        other = await all_of(world, steps)
        assert {one.group for one in other} == {"a", "b"} - {first.group}
        await done(world, steps, [first])
        rest = await claimed(world, steps, 2)
        assert [(one.group, job(one).no) for one in rest] == [(first.group, 1), (first.group, 2)]

    @story(steps)
    async def test_a_batch_of_one_group_is_in_order_and_over_before_the_next(
        self, world: Any
    ) -> None:
        await sent("a", 5)
        held = await port_of(world, steps).claim(3)
        assert numbers(held) == [*range(len(held))]
        for one in held[:-1]:
            await done(world, steps, [one])
            assert await port_of(world, steps).claim(3) == []
        await done(world, steps, held[-1:])
        assert numbers(await claimed(world, steps, 5 - len(held))) == [*range(len(held), 5)]

    @story(steps)
    async def test_a_message_that_failed_holds_its_group_and_no_other(self, world: Any) -> None:
        await sent("ab", 2)
        head = await first_of("a", world)
        await again(world, steps, head, after_s=20)
        assert await drained(world) == {"b": [0, 1]}
        world.clock.advance(seconds=20)
        held = await claimed_one(world, steps)
        assert (job(held).no, held.group, held.attempt) == (0, "a", 2)
        await done(world, steps, [held])
        assert await drained(world) == {"a": [1]}

    @story(steps)
    async def test_a_message_that_was_never_settled_comes_first_again(self, world: Any) -> None:
        await sent("a", 3)
        await port_of(world, steps).claim(1)
        world.clock.advance(seconds=LEASE_S)
        assert await drained(world) == {"a": [0, 1, 2]}

    @story(steps)
    async def test_what_was_put_back_keeps_its_place(self, world: Any) -> None:
        await sent("a", 4)
        held = await claimed(world, steps, 1)
        held += await port_of(world, steps).claim(3)  # nothing: the group is in flight
        assert numbers(held) == [0]
        await again(world, steps, held[0], counts=False)
        assert await drained(world) == {"a": [0, 1, 2, 3]}

    @story(steps)
    async def test_the_rest_of_a_batch_is_put_back_behind_its_failure(self, world: Any) -> None:
        await sent("a", 4)
        held = await port_of(world, steps).claim(4)
        settled = [Done(one.receipt) for one in held[:1]] + [
            Retry(one.receipt, 10 if at == 0 else 0, counts=at == 0)
            for at, one in enumerate(held[1:])
        ]
        await port_of(world, steps).settle(settled)
        if len(held) > 1:
            assert await port_of(world, steps).claim(4) == []
            world.clock.advance(seconds=10)
        found: list[Held] = []
        while more := await claimed(world, steps, 4):
            found += more
            await done(world, steps, more)
        assert numbers(found) == [1, 2, 3]
        assert [one.attempt for one in found] == [2 if len(held) > 1 else 1, 1, 1]

    @story(steps, walk.dead)
    async def test_a_message_that_was_buried_lets_the_next_one_go(self, world: Any) -> None:
        await sent("a", 3)
        await buried(world, steps, await claimed_one(world, steps))
        assert await drained(world) == {"a": [1, 2]}

    @story(steps)
    async def test_a_blocked_group_does_not_stop_a_thousand_others(self, world: Any) -> None:
        await sent("s", 3)
        stuck = await claimed_one(world, steps)
        await again(world, steps, stuck, after_s=800)
        await sent_to_a_thousand(world)
        found = await drained(world)
        assert found == {f"g{group}": [group] for group in range(1000)}
        world.clock.advance(seconds=800)
        assert await drained(world) == {"s": [0, 1, 2]}

    @story(steps)
    async def test_a_thousand_blocked_groups_do_not_stop_one(self, world: Any) -> None:
        await sent_to_a_thousand(world)
        held = await claimed(world, steps, 1000)
        await port_of(world, steps).settle([Retry(one.receipt, 800) for one in held])
        await sent("s", 3)
        assert await drained(world) == {"s": [0, 1, 2]}

    @story(steps)
    async def test_a_group_goes_on_after_it_was_empty(self, world: Any) -> None:
        for no in range(3):
            await steps.send(Job(no), group="a")
            assert await drained(world) == {"a": [no]}
        assert await drained(world) == {}


async def sent_to_a_thousand(world: Any) -> None:
    """Groups, each its number."""
    messages = [Outgoing(f'{{"no":{no}}}', f"g{no}") for no in range(1000)]
    assert await port_of(world, steps).send(messages) == [None] * 1000


async def first_of(group: str, world: Any) -> Held:
    """The head of this group; what else was claimed on the way is put back."""
    rest: list[Held] = []
    while True:
        held = await claimed_one(world, steps)
        if held.group == group:
            break
        rest.append(held)
    for one in rest:
        await again(world, steps, one, counts=False)
    return held
