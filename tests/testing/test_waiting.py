"""What handlers wait for: for the world outside a test waits too, for nothing it does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import uvloop

from skylift import App, Queue
from skylift.testing import running
from tests.testing import jobs, waits
from tests.testing.waits import Wait, seen

app = App("waits", waits)


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


@pytest.mark.parametrize(
    ("queue", "did"),
    [
        (waits.napping, ["napped"]),
        (waits.threading_, ["threaded"]),
        (waits.aside, ["aside"]),
        (waits.foreign, ["done"]),
        (waits.isolated, []),
    ],
    ids=lambda one: one.name if isinstance(one, Queue) else "",
)
async def test_what_happens_outside_is_waited_for(queue: Queue[Wait], did: list[str]) -> None:
    async with running(app) as world:
        began = world.clock.now()
        await queue.send(Wait(ms=80))
        await world.settle()
        assert (seen, world.failures, world.clock.now()) == (did, [], began)
        assert (await world.counts(queue)).ready == 0


async def test_others_run_while_one_waits_in_a_thread() -> None:
    async with running(app) as world:
        await waits.aside.send(Wait(ms=150))
        await waits.napping.send(Wait(ms=1))
        await world.settle()
        assert (seen, world.failures) == (["napped", "aside"], [])


async def test_a_process_that_rests_is_no_work_outside() -> None:
    async with running(app) as world:
        await waits.isolated.send(Wait())
        await world.settle()
        await waits.stubborn.send(Wait())
        await world.settle(real_s=1)
        assert (await world.counts(waits.stubborn)).dead == 1


async def test_a_sleep_beyond_the_deadline_is_not_slept() -> None:
    loop = asyncio.get_running_loop()
    async with running(app) as world:
        really, began = loop.time(), world.clock.now()
        await waits.napping.send(Wait(ms=6_000))
        await world.clock.advance(seconds=5)
        assert len(world.failures) == 1
        assert (loop.time() - really < 0.2, world.clock.now() - began) == (
            True,
            timedelta(seconds=5),
        )


async def test_a_plain_def_that_really_takes_too_long_is_timed_out() -> None:
    async with running(app) as world:
        await waits.hurried.send(Wait(ms=90))
        await world.settle()
        (letter,) = await waits.hurry.dead.peek()
        assert letter.reason == "lost"
        assert "did not finish within 0.03 s" in world.failures[0].text


@pytest.mark.parametrize("queue", [waits.stubborn, waits.spinning], ids=lambda one: one.name)
async def test_who_goes_on_after_the_deadline_is_ended_all_the_same(queue: Queue[Wait]) -> None:
    async with running(app) as world:
        await queue.send(Wait())
        await world.settle()
        assert (await world.counts(queue)).dead == 1


async def test_a_stubborn_handler_does_not_keep_the_test_from_ending() -> None:
    loop = asyncio.get_running_loop()
    async with running(app):
        await waits.stubborn.send(Wait())
        await asyncio.sleep(0.01)
        really = loop.time()
    assert loop.time() - really < 0.5


async def test_handlers_may_wait_for_each_other() -> None:
    async with running(app) as world:
        await waits.hand_in_hand.send(Wait())
        await waits.hand_in_hand.send(Wait(ms=1), delay_s=3)
        await world.clock.advance(seconds=4)
        assert seen == ["met", "met"]


async def test_a_world_that_waits_does_not_keep_another_from_going_on() -> None:
    async def play(ms: float) -> float:
        async with running(app) as world:
            began = world.clock.now()
            await waits.napping.send(Wait(ms=ms))
            await world.settle()
            return (world.clock.now() - began).total_seconds()

    naps, deaf = await asyncio.gather(play(60), play(3_600_000))
    assert naps == 0
    assert deaf > 60  # time-outs and ends of leases


def test_a_loop_nobody_can_look_into_is_good_enough() -> None:
    async def play() -> list[Any]:
        jobs.seen.clear()
        async with running(App("jobs", jobs), contention=0.2) as world:
            await jobs.failing.send(jobs.Job("x", times=99))
            await jobs.computing.send(jobs.Job("y", times=20))
            await world.http.post("/accounts", json=jobs.Account("a", "ada"))
            await world.settle()
            assert len(await jobs.fail.dead.peek()) == 1
            assert (await world.http.get("/accounts?owner=ada")).json == ["a"]
        return [one if isinstance(one, str) else one[1] for one in jobs.seen]

    assert sorted(map(str, uvloop.run(play()))) == ["1", "2", "3", "4", "5", "y"]
