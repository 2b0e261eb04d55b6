"""Worlds begin and end, side by side and in spite of everything, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path

import pytest

from skylift import App, Conflict, DeclarationError, Expired, new_id
from skylift.errors import StateError
from skylift.testing import World, running
from tests.testing import broken, jobs
from tests.testing.jobs import Account, Job, accounts, seen

app = App("jobs", jobs)


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()
    jobs.opened.clear()


async def test_verbs_work_inside_the_block_and_in_its_tasks_and_not_outside() -> None:
    async with running(app):
        await asyncio.gather(*[accounts.put(Account(name, "ada")) for name in "ab"])
        async with asyncio.TaskGroup() as group:
            read = group.create_task(accounts.require("a"))
        assert read.result() == Account("a", "ada")
    with pytest.raises(RuntimeError, match="outside a running app"):
        await accounts.get("a")


async def test_a_world_begins_empty() -> None:
    for _ in range(2):
        async with running(app):
            await accounts.create(Account("a", "ada"))


async def test_two_worlds_at_once_know_nothing_of_each_other() -> None:
    async def play(amount: int) -> tuple[int, float]:
        async with running(app) as world:
            began = world.clock.now()
            await accounts.create(Account("a", "ada", amount))
            await jobs.failing.send(Job(f"{amount}", times=99))
            await jobs.sleeping.send(Job(f"{amount}", times=2))
            await asyncio.gather(world.settle(), world.http.get("/sleep"))
            assert len(await jobs.fail.dead.peek()) == 1
            return (await accounts.require("a")).amount, (world.clock.now() - began).seconds

    played = await asyncio.gather(*map(play, range(4)))
    assert [amount for amount, _ in played] == [0, 1, 2, 3]
    assert len({seconds for _, seconds in played}) == 1  # the same seed


async def test_of_two_worlds_in_one_task_the_inner_is_meant() -> None:
    async with running(app) as outer:
        await accounts.create(Account("a", "ada"))
        async with running(app):
            assert await accounts.get("a") is None
        assert await accounts.get("a") is not None
        assert outer.failures == []


async def test_the_same_seed_is_the_same_story() -> None:
    async def play(seed: int) -> list[object]:
        seen.clear()
        async with running(app, seed=seed) as world:
            await jobs.failing.send(Job(new_id(), times=3))
            await world.settle()
            return [*seen, *(span.trace for one in world.traces for span in one.spans)]

    assert await play(7) == await play(7)
    assert await play(7) != await play(8)


async def test_an_error_in_the_block_is_the_tests_own() -> None:
    async def play() -> None:
        async with running(app):
            await jobs.sleeping.send(Job("x", times=1))
            await accounts.create(Account("a", "ada"))
            await accounts.create(Account("a", "ada"))

    with pytest.raises(Conflict, match="there is 'a' already"):
        await play()


async def test_leaving_stops_everything_at_once() -> None:
    before, threads = asyncio.all_tasks(), threading.active_count()
    async with running(app) as world:
        await jobs.sleeping.send_many([Job(f"{n}", times=9) for n in range(20)])
        await jobs.pinging.send(Job("x"))
        await jobs.working.send(Job("later"), delay_s=10)
        left = asyncio.create_task(world.http.get("/sleep"))
        while len(seen) < 20:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert asyncio.all_tasks() - before <= {left}
    with pytest.raises(asyncio.CancelledError):
        await left
    assert threading.active_count() == threads
    gc.collect()  # what would warn does so now


async def test_a_world_that_has_ended_answers_nothing_any_more() -> None:
    async with running(app) as world:
        late = asyncio.create_task(world.http.get("/sleep"))
    with pytest.raises(RuntimeError, match="the world has ended"):
        await late
    with pytest.raises(RuntimeError, match="the world has ended"):
        await world.settle()


async def test_a_task_that_outlives_its_world_is_told_so() -> None:
    async def write() -> None:
        await asyncio.sleep(0.01)
        await accounts.put(Account("a", "ada"))

    async with running(app):
        late = asyncio.create_task(write())
    with pytest.raises(Expired):
        await late


async def test_a_cancelled_test_leaves_nothing_behind() -> None:
    async def play() -> None:
        async with running(app) as world:
            await jobs.sleeping.send(Job("x", times=1))
            await asyncio.gather(world.http.get("/knock"), asyncio.Event().wait())

    before = asyncio.all_tasks()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(play(), 0.02)
    assert asyncio.all_tasks() == before
    gc.collect()


async def test_a_request_nobody_waits_for_any_more_runs_on() -> None:
    async with running(app) as world:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(world.http.get("/knock"), 0.02)
        jobs.opened.append("door")
        await world.settle()
        assert [span.function for one in world.traces for span in one.spans] == ["jobs.knock"]
        assert world.failures == []


async def test_the_state_may_be_kept_for_another_world(tmp_path: Path) -> None:
    async with running(app, path=tmp_path / "state") as world:
        await accounts.create(Account("a", "ada"))
        await jobs.working.send(Job("later"), delay_s=5)
        with pytest.raises(StateError, match="belongs to process"):
            async with running(app, path=tmp_path / "state"):
                pass
    async with running(app, path=tmp_path / "state") as world:
        assert await accounts.require("a") == Account("a", "ada")
        assert [one.id async for one in accounts.query("ada", index="by_owner")] == ["a"]
        await world.clock.advance(seconds=5)
        assert [name for name, _, _ in seen] == ["later"]


async def test_an_unsound_app_is_refused_with_all_its_mistakes() -> None:
    with pytest.raises(DeclarationError) as caught:
        async with running(App("broken", broken)):
            pass
    assert len(caught.value.mistakes) == 2


async def test_a_world_says_what_it_is() -> None:
    async with running(app, seed=5) as world:
        assert isinstance(world, World)
        assert repr(world) == "<World of jobs, seed=5, 2061-07-28 12:00:00>"
        with pytest.raises(LookupError, match="no queue 'others'"):
            await world.counts(broken.others)
