"""What becomes of a publication at each who hears of it: none waits for another, and none is
forgotten, whoever fails and whatever is killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from skylift import AccessDenied
from skylift.invocation import Invocation, current, invocation
from skylift.resources.waits import ASYNC_WAITS

from . import hearing
from .dying import Dying
from .hearing import Word, ann, bob, cat, ears, march, street

FIRST_S, SECOND_S = ASYNC_WAITS.each_s


def heard(test: Callable[[Dying], Awaitable[None]], path: Path | None = None, **said: Any) -> None:
    async def run() -> None:
        ears.forget()
        world = Dying(path, app=hearing, **said)
        try:
            await test(world)
        finally:
            await world.close()

    asyncio.run(run())


def test_each_who_wants_it_is_called_and_the_queue_that_is_fed_goes_its_own_way() -> None:
    async def test(world: Dying) -> None:
        await street.publish(Word("psst"))
        await street.publish(Word("fire", loud=True))
        await world.rest()
        assert [text for text, _ in ears.of("ann")] == ["psst", "fire"]
        assert ears.of("bob") == ears.of("write") == [("fire", 1)]
        assert ears.of("cat") == []

    heard(test)


def test_who_fails_is_called_again_after_a_minute_and_after_two_and_nobody_else_is() -> None:
    async def test(world: Dying) -> None:
        ears.deaf.add("ann")
        await street.publish(Word("fire", loud=True))
        for attempts, wait_s in ((1, FIRST_S), (2, SECOND_S)):
            await world.advance(wait_s - 1)
            assert ears.of("ann") == [("fire", one + 1) for one in range(attempts)]
            await world.advance(1)
        assert ears.of("ann") == [("fire", 1), ("fire", 2), ("fire", 3)]
        assert ears.of("bob") == ears.of("write") == [("fire", 1)]
        (letter,) = await ann.dead.peek()
        assert (letter.message, letter.attempts) == (Word("fire", loud=True), 3)
        assert letter.reason == "failed"
        assert await bob.dead.peek() == []

    heard(test)


def test_a_redrive_calls_whom_it_failed_and_nobody_else() -> None:
    async def test(world: Dying) -> None:
        ears.deaf.add("bob")
        await street.publish(Word("fire", loud=True))
        await world.rest()
        assert len(await bob.dead.peek()) == 1  # it has but one attempt
        ears.forget()
        assert await bob.dead.redrive() == 1
        await world.rest()
        assert ears.heard == [("bob", "fire", 1)]
        assert await bob.dead.peek() == []

    heard(test)


def test_what_says_the_same_is_heard_once_by_who_asks_for_that() -> None:
    async def test(world: Dying) -> None:
        for _ in range(2):
            await street.publish(Word("#1"))
            await world.rest()
        assert ears.of("cat") == [("#1", 1)]
        assert ears.of("ann") == [("#1", 1), ("#1", 1)]
        assert await cat.dead.peek() == []

    heard(test)


def test_all_are_called_by_the_trace_of_who_published() -> None:
    async def test(world: Dying) -> None:
        await street.publish(Word("fire", loud=True))
        await world.rest()
        assert len(ears.traces) == 3
        ours = invocation().trace.split("-")[1]
        assert {trace.split("-")[1] for trace in ears.traces} == {ours}
        assert len({trace.split("-")[2] for trace in ears.traces}) == 3

    heard(test)


def test_what_failed_keeps_its_group_and_no_other_waiting_in_a_queue_that_is_fed() -> None:
    async def test(world: Dying) -> None:
        ears.deaf.add("step")
        for group in ("a", "b"):
            for no in range(2):
                await march.publish(Word(f"{group}{no}"), group=group)
        await world.rest()
        assert sorted(ears.of("step")) == [("a0", 1), ("b0", 1)]
        ears.deaf.clear()
        await world.advance(1)
        assert sorted(ears.of("step")) == [
            *(("a0", 1), ("a0", 2), ("a1", 1), ("b0", 1), ("b0", 2), ("b1", 1))
        ]

    heard(test)


def test_whatever_was_killed_each_still_hears_of_it_once(tmp_path: Path) -> None:
    async def test(world: Dying) -> None:
        ears.deaf |= {"ann", "write"}
        await street.publish(Word("fire", loud=True))
        await world.rest()
        ears.deaf.clear()
        after = await world.killed(tmp_path / "after")
        try:
            await after.advance(FIRST_S)
            assert ears.of("ann") == ears.of("write") == [("fire", 1), ("fire", 2)]
            assert ears.of("bob") == [("fire", 1)]
        finally:
            await after.close()

    (tmp_path / "before").mkdir()
    heard(test, tmp_path / "before")


def test_a_double_is_known_after_a_restart(tmp_path: Path) -> None:
    async def test(world: Dying) -> None:
        await march.publish(Word("left"), group="a", dedup="x")
        await world.rest()
        after = await world.killed(tmp_path / "after")
        try:
            await march.publish(Word("right"), group="b", dedup="x")
            await after.advance(301)
            await march.publish(Word("halt"), group="a", dedup="x")
            await after.rest()
            assert ears.of("step") == [("left", 1), ("halt", 1)]
        finally:
            await after.close()

    (tmp_path / "before").mkdir()
    heard(test, tmp_path / "before")


def test_ids_that_tell_no_doubles_any_more_are_swept() -> None:
    async def test(world: Dying) -> None:
        for no in range(3):
            await march.publish(Word("left"), group="a", dedup=str(no))
        await world.advance(200)
        await march.publish(Word("left"), group="a", dedup="late")
        await world.advance(101)
        await world.backend.sweeper.sweep()
        known = world.backend.database.execute("SELECT id FROM published").fetchall()
        assert known == [("late",)]

    heard(test)


def test_while_developing_nobody_waits_a_minute() -> None:
    async def test(world: Dying) -> None:
        ears.deaf.add("ann")
        await street.publish(Word("psst"))
        await world.advance(2)
        assert (await ann.dead.peek())[0].attempts == 3

    heard(test, retry_s_max=1)


def test_who_shows_no_publish_may_not() -> None:
    async def test(world: Dying) -> None:
        current.set(Invocation("other", frozenset(), world.ports))
        with pytest.raises(AccessDenied, match=r"publish"):
            await street.publish(Word("psst"))

    heard(test)
