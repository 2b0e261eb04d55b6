"""Functions that are started: at once and in transactions, tried again after one minute and two,
and given up to the same dead letters as whatever else brings them something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from skylift import AccessDenied, Conflict, Invalid, transaction
from skylift.invocation import Invocation, current
from skylift.ports import Outgoing
from skylift.resources.waits import ASYNC_WAITS

from . import starting
from .dying import Dying
from .starting import Dish, Served, carry, cook, kitchen, orders, served, write

FIRST_S, SECOND_S = ASYNC_WAITS.each_s


def started(
    test: Callable[[Dying], Awaitable[None]], path: Path | None = None, **said: Any
) -> None:
    async def run() -> None:
        kitchen.forget()
        world = Dying(path, app=starting, **said)
        try:
            await test(world)
        finally:
            await world.close()

    asyncio.run(run())


def test_what_is_started_is_called_with_its_payload() -> None:
    async def test(world: Dying) -> None:
        await cook.start(Dish("soup"))
        await carry.start(Dish("soup"))
        await write.start(Dish("soup"))
        await world.rest()
        assert sorted(kitchen.of("soup")) == [("carry", 1), ("cook", 1), ("write", 1)]
        (context,) = kitchen.contexts
        assert (context.attempt, context.attempts_max) == (1, 3)

    started(test)


def test_in_a_transaction_it_is_started_with_the_writes_or_not_at_all() -> None:
    async def test(world: Dying) -> None:
        async with transaction() as tx:
            await served.create(Served("soup"), tx=tx)
            await cook.start(Dish("soup"), tx=tx)
            await world.rest()
            assert kitchen.begun == []

        async def again() -> None:
            async with transaction() as tx:
                await served.create(Served("soup"), tx=tx)
                await cook.start(Dish("more soup"), tx=tx)

        with pytest.raises(Conflict):
            await again()
        await world.rest()
        assert kitchen.begun == [("cook", "soup", 1)]

    started(test)


def test_what_fails_comes_back_after_one_minute_and_after_two_and_is_given_up_then() -> None:
    async def test(world: Dying) -> None:
        kitchen.burning.add("cake")
        await cook.start(Dish("cake"))
        for attempts, wait_s in ((1, FIRST_S), (2, SECOND_S)):
            await world.advance(wait_s - 1)
            assert kitchen.of("cake") == [("cook", one + 1) for one in range(attempts)]
            await world.advance(1)
        assert kitchen.of("cake") == [("cook", 1), ("cook", 2), ("cook", 3)]
        (letter,) = await cook.dead.peek()
        assert (letter.message, letter.reason, letter.attempts) == (Dish("cake"), "failed", 3)
        assert letter.error.startswith("ValueError: cake burns (starting.py:")

    started(test)


def test_it_has_no_more_attempts_than_its_trigger_allows() -> None:
    async def test(world: Dying) -> None:
        kitchen.burning.add("cake")
        await write.start(Dish("cake"))
        await world.advance(FIRST_S)
        assert (await write.dead.peek())[0].attempts == 2

    started(test)


def test_a_redrive_sends_it_where_others_of_its_function_go() -> None:
    async def test(world: Dying) -> None:
        kitchen.burning |= {"cake", "pie"}
        await cook.start(Dish("cake"))
        await write.start(Dish("pie"))
        await world.advance(FIRST_S + SECOND_S)
        kitchen.burning.clear()
        kitchen.begun.clear()
        assert (await cook.dead.redrive(), await write.dead.redrive()) == (1, 1)
        await world.rest()
        assert sorted(kitchen.begun) == [("cook", "cake", 1), ("write", "pie", 1)]
        assert kitchen.contexts[-1].attempts_max == 5  # by its queue
        assert await cook.dead.peek() == await write.dead.peek() == []

    started(test)


def test_what_a_queue_brings_and_what_is_started_stand_in_nobodys_way() -> None:
    async def test(world: Dying) -> None:
        await orders.send(Dish("soup"))
        await cook.start(Dish("salad"))
        await world.rest()
        assert sorted(kitchen.begun) == [("cook", "salad", 1), ("cook", "soup", 1)]

    started(test)


def test_what_was_done_once_is_not_done_again() -> None:
    async def test(world: Dying) -> None:
        twice = Outgoing(
            '{"skylift":1,"id":"s1","type":"Dish","sent_at":"","trace":"","body":{"name":"soup"}}'
        )
        for _ in range(2):
            await world.backend.inboxes["starting.write"].send([twice])
            await world.rest()
        assert kitchen.of("soup") == [("write", 1)]

    started(test)


def test_what_was_accepted_is_there_after_a_kill(tmp_path: Path) -> None:
    async def test(world: Dying) -> None:
        kitchen.burning.add("cake")
        await cook.start(Dish("cake"))
        await world.rest()
        kitchen.burning.clear()
        after = await world.killed(tmp_path / "after")
        try:
            await after.advance(FIRST_S)
            assert kitchen.of("cake") == [("cook", 1), ("cook", 2)]
        finally:
            await after.close()

    (tmp_path / "before").mkdir()
    started(test, tmp_path / "before")


def test_while_developing_nobody_waits_a_minute() -> None:
    async def test(world: Dying) -> None:
        kitchen.burning.add("cake")
        await cook.start(Dish("cake"))
        await world.advance(2)
        assert (await cook.dead.peek())[0].attempts == 3

    started(test, retry_s_max=1)


def test_who_shows_no_start_may_not() -> None:
    async def test(world: Dying) -> None:
        current.set(Invocation("other", frozenset(), world.ports))
        with pytest.raises(AccessDenied, match=r"say uses=\(starting\.cook\.start,\)"):
            await cook.start(Dish("soup"))

    started(test)


def test_what_is_no_message_of_its_type_is_refused() -> None:
    async def test(world: Dying) -> None:
        with pytest.raises(Invalid):
            await cook.start(Dish(7))  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="limit 1,000,000"):
            await cook.start(Dish("x" * 1_000_000))
        await cook.start(Dish("x" * 900_000))

    started(test)
