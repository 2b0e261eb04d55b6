"""What becomes of an event at each who hears of it, and of one that is told again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from skylift import AccessDenied
from skylift.invocation import Invocation, current, invocation
from skylift.local.bus import SqliteBus
from skylift.ports import Outgoing
from skylift.resources.waits import ASYNC_WAITS

from . import telling
from .dying import Dying
from .telling import Hushed, Told, ann, bob, eve, heard, square

FIRST_S, SECOND_S = ASYNC_WAITS.each_s
DAY_S = 86_400


def lived(test: Callable[[Dying], Awaitable[None]], path: Path | None = None, **said: Any) -> None:
    async def run() -> None:
        heard.forget()
        world = Dying(path, app=telling, **said)
        try:
            await test(world)
        finally:
            await world.close()

    asyncio.run(run())


def port(world: Dying) -> SqliteBus:
    found: SqliteBus = world.ports.adapters["square"]
    return found


def body_of(event: object) -> str:
    _, outgoing = square._outgoing(event)  # pyright: ignore[reportPrivateUsage]
    return outgoing.body


async def replayed(world: Dying, only: str = "") -> int:
    now = world.ports.clock.time()
    return await port(world).replay(now - 10 * DAY_S, now + DAY_S, only)


def test_each_hears_what_it_asked_for() -> None:
    async def test(world: Dying) -> None:
        await square.publish(Told("psst"))
        await square.publish(Told("fire", loud=True))
        await square.publish(Hushed("shh"))
        await world.rest()
        assert heard.of("ann") == [("psst", 1), ("fire", 1)]
        assert heard.of("bob") == heard.of("write") == [("fire", 1)]
        assert heard.of("eve") == [("shh", 1)]

    lived(test)


def test_who_fails_is_called_again_after_a_minute_and_after_two_and_nobody_else_is() -> None:
    async def test(world: Dying) -> None:
        heard.deaf.add("ann")
        await square.publish(Told("fire", loud=True))
        for attempts, wait_s in ((1, FIRST_S), (2, SECOND_S)):
            await world.advance(wait_s - 1)
            assert heard.of("ann") == [("fire", one + 1) for one in range(attempts)]
            await world.advance(1)
        assert heard.of("ann") == [("fire", 1), ("fire", 2), ("fire", 3)]
        assert heard.of("bob") == heard.of("write") == heard.of("cat") == [("fire", 1)]
        (letter,) = await ann.dead.peek()
        assert (letter.message, letter.attempts) == (Told("fire", loud=True), 3)
        assert letter.reason == "failed"

    lived(test)


def test_an_event_that_cannot_be_read_is_given_up_at_once() -> None:
    async def test(world: Dying) -> None:
        await port(world).hear([body_of(Hushed("shh")).replace('"text":"shh"', '"text":7')])
        await world.rest()
        assert heard.of("eve") == []
        (letter,) = await eve.dead.peek()
        assert (letter.reason, letter.attempts, letter.message) == ("undecodable", 1, None)

    lived(test)


def test_what_is_told_again_keeps_its_id_so_that_once_holds() -> None:
    async def test(world: Dying) -> None:
        await square.publish(Told("fire", loud=True))
        await world.rest()
        assert await replayed(world) == 1
        await world.rest()
        assert heard.of("ann") == heard.of("bob") == [("fire", 1)] * 2
        assert heard.of("cat") == heard.of("dan") == [("fire", 1)]
        assert heard.of("write") == [("fire", 1)] * 2
        await world.advance(DAY_S + 1)  # so long a record is kept
        assert await replayed(world) == 1
        await world.rest()
        assert heard.of("cat") == [("fire", 1)] * 2

    lived(test)


def test_what_is_damaged_keeps_nothing_else_from_being_told() -> None:
    async def test(world: Dying) -> None:
        for text in (
            "",
            "no JSON",
            "[]",
            "5",
            "null",
            "{}",
            '{"skylift":5}',
            '{"skylift":{"type":5}}',
        ):
            await port(world).hear([text, body_of(Told(f"beside {text}"))])
        await world.rest()
        assert len(heard.of("ann")) == 8
        assert await replayed(world, "telling.ann") == 16
        await world.rest()
        assert len(heard.of("ann")) == 16

    lived(test)


def test_one_function_alone_is_told_again() -> None:
    async def test(world: Dying) -> None:
        await square.publish(Told("fire", loud=True))
        await square.publish(Told("psst"))
        await world.rest()
        heard.forget()
        assert await replayed(world, bob.name) == 2
        await world.rest()
        assert heard.calls == [("bob", "fire", 1)]

    lived(test)


def test_an_archive_is_told_in_order_however_much_there_is() -> None:
    async def test(world: Dying) -> None:
        texts = [f"{no:04}" for no in range(450)]
        await port(world).send([Outgoing(body_of(Told(one))) for one in texts])
        await world.rest()
        heard.forget()
        assert await replayed(world) == len(texts)
        await world.rest()
        assert [text for text, _ in heard.of("ann")] == texts

    lived(test)


def test_what_is_kept_no_longer_is_swept_and_not_told_again() -> None:
    async def test(world: Dying) -> None:
        await square.publish(Told("old"))
        await world.advance(DAY_S)
        await square.publish(Told("new"))
        await world.advance(DAY_S + 1)
        await world.backend.sweeper.sweep()
        kept = world.backend.database.execute("SELECT body FROM archive").fetchall()
        assert ['"text":"new"' in body for (body,) in kept] == [True]
        assert await replayed(world) == 1

    lived(test)


def test_what_is_told_again_is_not_kept_again() -> None:
    async def test(world: Dying) -> None:
        await square.publish(Told("psst"))
        assert await replayed(world) == await replayed(world) == 1

    lived(test)


def test_all_are_called_by_the_trace_of_who_published() -> None:
    async def test(world: Dying) -> None:
        await square.publish(Told("fire", loud=True))
        await world.rest()
        ours = invocation().trace.split("-")[1]
        assert {trace.split("-")[1] for trace in heard.traces} == {ours}
        assert len({trace.split("-")[2] for trace in heard.traces}) == len(heard.traces) == 5

    lived(test)


def test_whatever_was_killed_each_still_hears_of_it(tmp_path: Path) -> None:
    async def test(world: Dying) -> None:
        heard.deaf |= {"ann", "write"}
        await square.publish(Told("fire", loud=True))
        await world.rest()
        heard.deaf.clear()
        after = await world.killed(tmp_path / "after")
        try:
            await after.advance(FIRST_S)
            assert heard.of("ann") == heard.of("write") == [("fire", 1), ("fire", 2)]
            assert heard.of("bob") == [("fire", 1)]
            assert await replayed(after) == 1
        finally:
            await after.close()

    (tmp_path / "before").mkdir()
    lived(test, tmp_path / "before")


def test_who_shows_no_publish_may_not() -> None:
    async def test(world: Dying) -> None:
        current.set(Invocation("other", frozenset(), world.ports))
        with pytest.raises(AccessDenied, match=r"publish"):
            await square.publish(Told("psst"))

    lived(test)
